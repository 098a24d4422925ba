// A stream's states, its publishers and its renditions.
import t from 'tap';
import type { AccessUnit, AudioTrack, VideoTrack } from '../../../core/access-unit.ts';
import { BarrageError } from '../../../core/errors.ts';
import { waitFor } from '../../../core/lifecycle.ts';
import { silentLogger } from '../../../core/logger.ts';
import type { PublishRequest } from '../../../media/ingest/ingest-port.ts';
import { Stream, type StreamOptions } from '../../../media/stream/stream.ts';

const video: VideoTrack = {
  kind: 'video',
  codec: 'h264',
  config: Buffer.from([1, 2, 3]),
  codecString: 'avc1.64001f',
  width: 1280,
  height: 720,
  frameRate: 30,
  bitrateKbps: 0,
};
const audio: AudioTrack = {
  kind: 'audio',
  codec: 'aac',
  config: Buffer.from([0x11, 0x90]),
  codecString: 'mp4a.40.2',
  sampleRate: 48_000,
  channels: 2,
  bitrateKbps: 0,
};
const request: PublishRequest = { protocol: 'rtmp', app: 'live', streamKey: 'k', remoteAddress: '127.0.0.1' };

function createStream(options: Partial<StreamOptions> = {}) {
  return new Stream({
    id: 'demo',
    graceMs: 50,
    secondPublisher: 'refuse',
    gopCacheBytes: 1000,
    assertUsable: () => undefined,
    logger: silentLogger,
    ...options,
  });
}

function session() {
  const reasons: string[] = [];
  return { reasons, close: (reason: string) => void reasons.push(reason) };
}

function unit(n: number, key = n % 30 === 0, bytes = 10) {
  return { ptsUs: n * 33_333, dtsUs: n * 33_333, durationUs: 0, key, data: Buffer.alloc(bytes) };
}

t.test('a publisher makes the stream live and its units reach the sinks on the media clock', async (t) => {
  const stream = createStream();
  const states: string[] = [];
  const units: AccessUnit[] = [];
  stream.on('state', (state) => states.push(state.kind));
  stream.on('rendition', (rendition) => rendition.on('unit', (each) => units.push(each)));
  const target = stream.publish(request, session());
  t.equal(stream.state.kind, 'waiting', 'admission alone is not live: media is');
  target.setTrack(video);
  for (let n = 0; n < 3; n++) target.write('video', unit(n));
  t.same(states, ['live']);
  t.equal(units[0]?.discontinuity, true);
  t.equal(units[1]?.discontinuity, undefined);
  t.ok(Math.abs((units[0]?.ptsUs ?? 0) / 1000 - Date.now()) < 5000, 'stamped near now');
  stream.close('test over');
});

t.test('a clean goodbye ends the stream at once, a broken one after the grace period', async (t) => {
  const stream = createStream();
  const first = stream.publish(request, session());
  first.setTrack(video);
  first.end('unpublished', true);
  t.equal(stream.state.kind, 'waiting');
  t.equal(stream.renditions.length, 0);

  const second = stream.publish(request, session());
  second.setTrack(video);
  second.end('socket closed', false);
  t.equal(stream.state.kind, 'interrupted');
  t.equal(stream.renditions.length, 1, 'viewers keep their rendition');
  await waitFor(stream, 'state', { timeoutMs: 5000 });
  t.equal(stream.state.kind, 'waiting');
  t.equal(stream.renditions.length, 0);
  stream.close('test over');
});

t.test(
  'a publisher back within the grace period continues the same renditions after a discontinuity',
  async (t) => {
    const stream = createStream({ graceMs: 60_000 });
    const first = stream.publish(request, session());
    first.setTrack(video);
    first.write('video', unit(0));
    const rendition = stream.findRendition('source-video');
    const units: AccessUnit[] = [];
    rendition?.on('unit', (each) => units.push(each));
    const lastUs = stream.mediaClock.latestUs ?? 0;
    first.end('socket closed', false);
    const second = stream.publish(request, session());
    second.setTrack(video);
    second.write('video', unit(0));
    t.equal(stream.state.kind, 'live');
    t.equal(stream.findRendition('source-video'), rendition);
    t.equal(units[0]?.discontinuity, true);
    t.ok((units[0]?.dtsUs ?? 0) > lastUs, 'time goes on');
    stream.close('test over');
  },
);

t.test('a second publisher is refused, or takes over when that is the setting', async (t) => {
  const refusing = createStream();
  refusing.publish(request, session()).setTrack(video);
  t.throws(() => refusing.publish(request, session()), { code: 'PUBLISHER_EXISTS' });
  refusing.close('test over');

  const yielding = createStream({ secondPublisher: 'takeover' });
  const loser = session();
  const first = yielding.publish(request, loser);
  first.setTrack(video);
  const second = yielding.publish(request, session());
  t.equal(loser.reasons.length, 1);
  t.equal(yielding.state.kind, 'interrupted');
  second.setTrack(video);
  first.end('late echo of the closed socket', false);
  t.equal(yielding.state.kind, 'live');
  yielding.close('test over');
});

t.test('a codec nobody can use is refused and makes nothing live', async (t) => {
  const stream = createStream({
    assertUsable: (track) => {
      throw new BarrageError('UNSUPPORTED_MEDIA', `no decoder for ${track.codec}`);
    },
  });
  const target = stream.publish(request, session());
  t.throws(() => target.setTrack({ ...video, codec: 'vp9' }), { code: 'UNSUPPORTED_MEDIA' });
  t.equal(stream.state.kind, 'waiting');
  stream.close('test over');
});

t.test('media pushed faster than time is refused before it fills anything', async (t) => {
  const stream = createStream();
  const target = stream.publish(request, session());
  target.setTrack(video);
  t.throws(
    () => {
      for (let n = 0; n < 600; n++) target.write('video', unit(n));
    },
    { code: 'BAD_REQUEST', message: /ahead of real time/ },
  );
  stream.close('test over');
});

t.test('the source keeps the group of pictures in progress for late sinks, within its bound', async (t) => {
  const stream = createStream();
  const target = stream.publish(request, session());
  target.setTrack(video);
  target.setTrack(audio);
  const source = stream.findRendition('source-video');
  for (let n = 0; n < 35; n++) target.write('video', unit(n));
  t.equal(source?.gop().length, 5, 'the key frame at 30 and the four after it');
  t.equal(source?.gop()[0]?.key, true);
  for (let n = 60; n < 62; n++) target.write('video', unit(n, n === 60, 600));
  t.equal(source?.gop().length, 0, 'outgrown: not kept at all');
  target.setTrack({ ...video, width: 640 });
  t.equal(source?.gop().length, 0);
  stream.close('test over');
});

t.test('closing kicks the publisher, closes renditions once and is safe to repeat', async (t) => {
  const stream = createStream();
  const connection = session();
  const target = stream.publish(request, connection);
  target.setTrack(video);
  const closed: string[] = [];
  stream.findRendition('source-video')?.on('closed', (reason) => closed.push(reason));
  stream.on('closed', (reason) => closed.push(reason));
  stream.close('room deleted');
  stream.close('again');
  t.same(connection.reasons, ['room deleted']);
  t.equal(closed.filter((reason) => reason === 'room deleted').length, 2);
  t.throws(() => stream.publish(request, session()), { code: 'UNAVAILABLE' });
});
