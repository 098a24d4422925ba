// What an HLS output makes of renditions that close, stall, come back or change.
import { mock } from 'node:test';
import t from 'tap';
import type { AccessUnit, AudioTrack, VideoTrack } from '../../../core/access-unit.ts';
import { buildAudioSpecificConfig } from '../../../core/codec/aac.ts';
import { silentLogger } from '../../../core/logger.ts';
import { createHlsOutput, type HlsOutput } from '../../../transcoder/hls/hls-output.ts';
import { FakeRendition } from '../../support/fake-rendition.ts';

const HLS = { segmentMs: 2000, partMs: 200, windowSegments: 6, graceMs: 5000 };
const START_US = 1_790_000_000_000_000;
const VIDEO: VideoTrack = {
  ...{ kind: 'video', codec: 'h264', codecString: 'avc1.42c01e', width: 640, height: 360 },
  ...{ frameRate: 30, bitrateKbps: 600, config: Buffer.from('0142c01effe00000', 'hex') },
};
const AUDIO: AudioTrack = {
  ...{ kind: 'audio', codec: 'aac', codecString: 'mp4a.40.2', sampleRate: 48_000, channels: 2 },
  ...{ bitrateKbps: 128, config: buildAudioSpecificConfig({ sampleRate: 48_000, channels: 2 }) },
};

function setUp(t: { teardown(handler: () => void): void }) {
  const output = createHlsOutput({ options: HLS, logger: silentLogger });
  t.teardown(() => output.close('test over'));
  const add = (id: string, track: VideoTrack | AudioTrack): FakeRendition => {
    const port = new FakeRendition(id, track);
    output.addRendition(port);
    return port;
  };
  return { output, add };
}

/** Feeds all ports from second `fromS` to `untilS`; the first unit of each may be flagged. */
function feed(ports: readonly FakeRendition[], fromS: number, untilS: number, flagged = false): void {
  const all: { port: FakeRendition; unit: AccessUnit }[] = [];
  for (const port of ports) {
    const video = port.track.kind === 'video';
    const stepUs = video ? 1e6 / 30 : 1024 / 0.048;
    const count = Math.round(((untilS - fromS) * 1e6) / stepUs);
    for (let n = 0; n < count; n++) {
      const at = Math.round(START_US + fromS * 1e6 + n * stepUs);
      const unit = {
        ptsUs: at,
        dtsUs: at,
        durationUs: 0,
        key: !video || n % 30 === 0,
        data: Buffer.alloc(50),
      };
      all.push({ port, unit: n === 0 && flagged ? { ...unit, discontinuity: true } : unit });
    }
  }
  all.sort((a, b) => a.unit.dtsUs - b.unit.dtsUs);
  for (const { port, unit } of all) port.write(unit);
}

function read(output: HlsOutput, path: string): string {
  const resource = output.resolve(path);
  return resource ? (resource.body as Buffer).toString() : '';
}

function eras(output: HlsOutput, id: string): number[] {
  return output.findRendition(id)!.window.listed.map((segment) => segment.era);
}

t.test(
  'a publisher that comes back within the grace goes on behind one discontinuity, the same in all',
  async (t) => {
    const { output, add } = setUp(t);
    const ports = [add('360p', VIDEO), add('aac', AUDIO)];
    feed(ports, 0, 5);
    feed(ports, 12, 17.2, true);
    t.strictSame([...new Set(eras(output, '360p'))], [0, 1]);
    t.strictSame([...new Set(eras(output, 'aac'))], [0, 1]);
    for (const id of ['360p', 'aac']) {
      const text = read(output, `${id}/index.m3u8`);
      t.equal(text.match(/#EXT-X-DISCONTINUITY\n/g)?.length, 1);
      t.notMatch(text, 'EXT-X-GAP');
      t.notMatch(text, 'ENDLIST');
      t.equal(text.match(/EXT-X-MAP/g)?.length, 1, 'the same header serves');
      t.match(text, /#EXT-X-DISCONTINUITY\n#EXT-X-PROGRAM-DATE-TIME:2026-09-21T14:13:32\.0/);
    }
  },
);

t.test('renditions that close and come back under their ids keep numbers and names going', async (t) => {
  const { output, add } = setUp(t);
  const source = add('source-video', VIDEO);
  const first = [add('360p', VIDEO), add('aac', AUDIO)];
  feed([source, ...first], 0, 5);
  for (const port of first) port.close('ffmpeg died');
  t.match(read(output, 'index.m3u8'), '360p', 'still listed in the grace');
  feed([source], 5, 6);
  const second = [add('360p', VIDEO), add('aac', AUDIO)];
  feed([source, ...second], 6, 11.1);
  for (const id of ['source-video', '360p', 'aac']) {
    t.strictSame([...new Set(eras(output, id))], [0, 1], id);
    const { listed } = output.findRendition(id)!.window;
    t.strictSame(
      listed.map((each) => each.sequence),
      listed.map((_, n) => listed[0]!.sequence + n),
    );
    t.equal(new Set(listed.map((each) => each.name)).size, listed.length);
  }
  t.equal(first[0]!.listenerCount('unit'), 0, 'nothing listens to what is gone');
});

t.test(
  'a rendition that stays away leaves the multivariant playlist, and its own gets its end',
  async (t) => {
    mock.timers.enable({ apis: ['setTimeout'] });
    t.teardown(() => mock.timers.reset());
    const { output, add } = setUp(t);
    const ports = [add('720p', { ...VIDEO, width: 1280, height: 720 }), add('360p', VIDEO)];
    feed(ports, 0, 5);
    ports[0]!.close('ladder shrank');
    t.notMatch(read(output, '720p/index.m3u8'), 'ENDLIST');
    mock.timers.tick(HLS.graceMs);
    t.match(read(output, '720p/index.m3u8'), 'ENDLIST');
    t.notMatch(read(output, 'index.m3u8'), '720p');
    t.match(read(output, 'index.m3u8'), '360p');
    mock.timers.tick(HLS.segmentMs * HLS.windowSegments * 2);
    t.equal(output.findRendition('720p'), undefined, 'its memory is free once no player can want it');
    const again = add('720p', { ...VIDEO, width: 1280, height: 720 });
    feed([again], 5, 10);
    t.match(read(output, 'index.m3u8'), '720p');
    t.notMatch(read(output, '720p/index.m3u8'), 'ENDLIST');
  },
);

t.test('a rendition that stalls while the others go on gets gaps, and comes back in step', async (t) => {
  const { output, add } = setUp(t);
  const video = add('360p', VIDEO);
  const audio = add('aac', AUDIO);
  feed([video, audio], 0, 4.5);
  feed([video], 4.5, 13.5);
  t.match(read(output, 'aac/index.m3u8'), 'EXT-X-GAP');
  feed([video, audio], 14, 18.1);
  const kinds = output.findRendition('aac')!.window.listed.map((each) => each.kind);
  t.ok(kinds.includes('gap'));
  t.equal(kinds.at(-1), 'media');
  const ends = ['360p', 'aac'].map((id) => output.findRendition(id)!.window.endUs!);
  t.ok(Math.abs(ends[0]! - ends[1]!) < 2e6, 'both playlists end at about the same moment');
});

t.test('a change of resolution brings a discontinuity, a new header and a new line', async (t) => {
  const { output, add } = setUp(t);
  const video = add('source-video', VIDEO);
  const audio = add('aac', AUDIO);
  feed([video, audio], 0, 4.5);
  video.setTrack({ ...VIDEO, width: 1280, height: 720, codecString: 'avc1.64001f' });
  feed([video, audio], 5, 9.1);
  const text = read(output, 'source-video/index.m3u8');
  t.match(text, /#EXT-X-DISCONTINUITY\n#EXT-X-MAP/);
  t.match(
    read(output, 'aac/index.m3u8'),
    '#EXT-X-DISCONTINUITY\n',
    'in the audio too, which players match by number',
  );
  t.match(read(output, 'index.m3u8'), /CODECS="avc1\.64001f,mp4a\.40\.2",RESOLUTION=1280x720/);
});

t.test('the end of the stream ends all playlists, which stay until the output is closed', async (t) => {
  const { output, add } = setUp(t);
  const ports = [add('360p', VIDEO), add('aac', AUDIO)];
  feed(ports, 0, 5);
  output.end('publisher said goodbye');
  output.end('twice');
  for (const id of ['360p', 'aac']) t.match(read(output, `${id}/index.m3u8`), /#EXT-X-ENDLIST\n$/);
  t.match(read(output, 'index.m3u8'), '360p/index.m3u8');
  t.throws(() => add('720p', VIDEO), { code: 'UNAVAILABLE' });
  t.match(output.describe(), { state: 'ended', renditions: [{ id: '360p', state: 'ended' }, { id: 'aac' }] });
  output.close('over');
  output.close('twice');
  t.equal(output.resolve('index.m3u8'), undefined);
  for (const port of ports) t.equal(port.listenerCount('unit') + port.listenerCount('closed'), 0);
});

t.test('a rung that leaves the ladder takes its playlist with it, so that players change over', async (t) => {
  const { output, add } = setUp(t);
  const [stays, leaves] = [add('360p', VIDEO), add('720p', VIDEO)];
  const aac = add('aac', AUDIO);
  feed([stays, leaves, aac], 0, 6.2);
  leaves.close('not in the plan');
  t.match(read(output, '720p/index.m3u8'), '#EXTINF', 'at first it may be coming back');
  feed([stays, aac], 6.2, 10.2);
  t.equal(output.resolve('720p/index.m3u8'), undefined);
  t.notMatch(read(output, 'index.m3u8'), '720p');
  t.match(read(output, 'index.m3u8'), '360p/index.m3u8');
});
