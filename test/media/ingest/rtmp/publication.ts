// Media messages into tracks and units: what encoders do, and what they should not.
import t from 'tap';
import type { VideoTrack } from '../../../../core/access-unit.ts';
import { parseAvcConfig, parseSps } from '../../../../core/codec/avc.ts';
import { splitNals } from '../../../../core/codec/nal.ts';
import { silentLogger } from '../../../../core/logger.ts';
import { Publication } from '../../../../media/ingest/rtmp/publication.ts';
import { MESSAGE } from '../../../../media/ingest/rtmp/rtmp-message.ts';
import {
  ASC,
  AV1,
  AVC_BASELINE,
  AVC_HIGH,
  aacConfig,
  aacFrame,
  avcConfig,
  avcFrame,
  exAudio,
  exVideo,
  HEVC,
  IDR,
  OPUS_HEAD,
  SLICE,
} from '../../../support/flv-payloads.ts';
import { RecordingTarget } from '../../../support/recording-target.ts';
import { refusesOnly } from '../../../support/refuses-only.ts';
import { amf0 } from '../../../support/rtmp-client.ts';

function open() {
  const target = new RecordingTarget();
  const publication = new Publication(target, silentLogger);
  const send = (type: number, payload: Buffer, timestamp = 0): void =>
    publication.handle({ type, streamId: 1, timestamp, payload });
  return {
    target,
    publication,
    send,
    video: (payload: Buffer, timestamp = 0) => send(MESSAGE.video, payload, timestamp),
    audio: (payload: Buffer, timestamp = 0) => send(MESSAGE.audio, payload, timestamp),
  };
}

const shapes = (target: RecordingTarget): unknown[] =>
  target.tracks.map((track) =>
    track.kind === 'video' ? `${track.codecString} ${track.width}x${track.height}` : track.codecString,
  );

t.test('units leave with 4-byte lengths and without parameter sets, delimiters and filler', async (t) => {
  const { target, video } = open();
  const { sps, pps } = parseAvcConfig(AVC_HIGH);
  const short = Buffer.from(AVC_HIGH);
  short[4] = 0xfd; // lengths of two bytes
  video(avcConfig(short));
  const nals = [Buffer.from([9, 0x10]), ...sps, ...pps, Buffer.from([6, 5, 1]), IDR, Buffer.from([12, 0xff])];
  const body = Buffer.concat(nals.flatMap((nal) => [Buffer.from([0, nal.length]), nal]));
  video(Buffer.concat([Buffer.from([0x17, 1, 0, 0, 40]), body]), 1000);
  t.equal(target.tracks.length, 1);
  t.ok((target.tracks[0] as VideoTrack).config.equals(AVC_HIGH), 'the record says four bytes again');
  const [unit] = target.of('video');
  t.match(unit, { dtsUs: 1_000_000, ptsUs: 1_040_000, durationUs: 0, key: true });
  t.same(splitNals(unit!.data), [Buffer.from([6, 5, 1]), IDR]);
});

t.test('the key flag follows the pictures, not the FLV header', async (t) => {
  const { target, video } = open();
  video(avcConfig());
  video(avcFrame([SLICE], 0, 'key'), 0);
  video(avcFrame([IDR], 0, 'inter'), 33);
  t.same(
    target.of('video').map((unit) => unit.key),
    [false, true],
  );
});

t.test('frames before any configuration, and without a picture, are dropped', async (t) => {
  const { target, video, audio } = open();
  video(avcFrame([IDR]));
  audio(aacFrame());
  video(avcConfig());
  video(avcFrame([Buffer.from([6, 5, 1])]));
  video(avcFrame(parseAvcConfig(AVC_HIGH).sps as Buffer[]));
  t.same(target.units, []);
  t.equal(target.tracks.length, 1);
});

t.test('a repeated sequence header is one track, a changed one is a new track', async (t) => {
  const { target, video, audio } = open();
  for (const record of [AVC_HIGH, AVC_HIGH, AVC_BASELINE, AVC_BASELINE, AVC_HIGH]) video(avcConfig(record));
  for (const config of [ASC, ASC, Buffer.from('1190', 'hex')]) audio(aacConfig(config));
  t.same(shapes(target), [
    'avc1.64001f 1280x720',
    'avc1.42c01e 638x358',
    'avc1.64001f 1280x720',
    'mp4a.40.2',
    'mp4a.40.2',
  ]);
});

t.test('parameter sets in the stream that differ make a new track before the unit', async (t) => {
  const { target, video } = open();
  video(avcConfig(AVC_HIGH));
  const order: string[] = [];
  target.on('track', () => order.push('track'));
  target.on('unit', () => order.push('unit'));
  const { sps, pps } = parseAvcConfig(AVC_BASELINE);
  video(avcFrame([...sps, ...pps, IDR]));
  video(avcFrame([...sps, ...pps, IDR]));
  t.same(order, ['track', 'unit', 'unit']);
  const track = target.tracks[1] as VideoTrack;
  t.match(track, { width: 638, height: 358, codecString: 'avc1.42c01e' });
  t.match(parseSps(parseAvcConfig(track.config).sps[0]!), { width: 638 });
});

t.test('a stream without a sequence header is described by its own parameter sets', async (t) => {
  const { target, video } = open();
  const { sps, pps } = parseAvcConfig(AVC_HIGH);
  video(avcFrame([SLICE]));
  video(avcFrame([...sps, ...pps, IDR]));
  t.same(shapes(target), ['avc1.64001f 1280x720']);
  t.equal(target.of('video').length, 1);
});

t.test('a damaged parameter set in the stream is passed over', async (t) => {
  const { target, video } = open();
  video(avcConfig());
  video(avcFrame([Buffer.from([0x67, 100]), Buffer.from([0x68]), IDR]));
  t.equal(target.tracks.length, 1);
  t.equal(target.of('video').length, 1);
});

t.test('metadata fills in what the bit stream does not say, and may come late or never', async (t) => {
  const { target, send, video, audio } = open();
  const metadata = { framerate: 25, videodatarate: 2500, audiodatarate: 160 };
  send(MESSAGE.dataAmf3, Buffer.concat([Buffer.of(0), amf0('onMetaData', metadata)]));
  send(MESSAGE.dataAmf0, amf0('@setDataFrame', 'onMetaData', metadata)); // repeated
  video(exVideo(0, 'hvc1', HEVC));
  audio(aacConfig());
  t.same(target.metadata, [{ frameRate: 25, videoKbps: 2500, audioKbps: 160 }]);
  t.match(target.tracks, [{ frameRate: 25, bitrateKbps: 2500 }, { bitrateKbps: 160 }]);
});

t.test('both tracks stay on one line across the wrap at 2^32', async (t) => {
  const { target, video, audio } = open();
  video(avcConfig());
  audio(aacConfig());
  const wrap = 2 ** 32;
  video(avcFrame([IDR]), wrap - 20);
  audio(aacFrame(), wrap - 10);
  video(avcFrame([SLICE]), 13);
  audio(aacFrame(), wrap - 1); // audio lags behind video over the wrap
  audio(aacFrame(), 22);
  t.same(
    target.units.map(({ unit }) => unit.dtsUs / 1000 - wrap),
    [-20, -10, 13, -1, 22],
  );
});

t.test('jumps are passed on', async (t) => {
  const { target, video } = open();
  video(avcConfig());
  for (const time of [5_000_000, 5_000_033, 0, 33, 9_000_000]) video(avcFrame([IDR]), time);
  t.same(
    target.of('video').map((unit) => unit.dtsUs / 1000),
    [5_000_000, 5_000_033, 0, 33, 9_000_000],
  );
});

t.test('HEVC is described and its units lose their parameter sets', async (t) => {
  const { target, video } = open();
  video(exVideo(0, 'hvc1', HEVC));
  const vps = Buffer.from([32 << 1, 1, 9]);
  const idr = Buffer.from([19 << 1, 1, 9]);
  const trail = Buffer.from([1 << 1, 1, 9]);
  const body = (nals: Buffer[]): Buffer =>
    Buffer.concat([Buffer.from([0, 0, 40]), avcFrame(nals).subarray(5)]);
  video(exVideo(1, 'hvc1', body([Buffer.from([35 << 1, 1, 0x50]), idr])), 40);
  video(exVideo(3, 'hvc1', avcFrame([trail]).subarray(5)), 80);
  video(exVideo(3, 'hvc1', avcFrame([vps]).subarray(5)), 120); // alone, ahead of its picture
  video(exVideo(3, 'hvc1', avcFrame([idr]).subarray(5)), 120);
  t.same(shapes(target), ['hvc1.1.6.L63.90 640x360', 'hvc1.1.6.L63.90 640x360']);
  t.match(target.of('video'), [
    { key: true, dtsUs: 40_000, ptsUs: 80_000 },
    { key: false, dtsUs: 80_000, ptsUs: 80_000 },
    { key: true },
  ]);
  t.same(splitNals(target.of('video')[0]!.data), [idr]);
});

t.test('AV1 is described and its units lose their delimiters', async (t) => {
  const { target, video } = open();
  video(exVideo(0, 'av01', AV1));
  const key = Buffer.from([0x12, 0, 0x32, 2, 0x10, 0xaa]);
  video(exVideo(1, 'av01', key), 40);
  video(exVideo(1, 'av01', Buffer.from([0x12, 0, 0x32, 2, 0x30, 0xaa])), 80);
  t.same(shapes(target), ['av01.0.01M.08 640x360']);
  t.match(target.of('video'), [{ key: true, data: key.subarray(2) }, { key: false }]);
});

t.test('Opus is described by its header, or by its first packet', async (t) => {
  const packet = Buffer.from([(31 << 3) | 4, 1, 2]); // 20 ms, stereo
  for (const start of ['header', 'packet']) {
    const { target, audio } = open();
    if (start === 'header') audio(exAudio(0, 'Opus', OPUS_HEAD));
    audio(exAudio(1, 'Opus', packet), 20);
    t.match(target.tracks, [{ codec: 'opus', codecString: 'opus', sampleRate: 48_000, channels: 2 }], start);
    t.match(target.of('audio'), [
      { dtsUs: 20_000, ptsUs: 20_000, durationUs: 20_000, key: true, data: packet },
    ]);
  }
});

t.test('an aggregate message is its parts, on its own time line', async (t) => {
  const { target, send } = open();
  const tag = (type: number, time: number, data: Buffer): Buffer => {
    const head = Buffer.alloc(11);
    head[0] = type;
    head.writeUIntBE(data.length, 1, 3);
    head.writeUIntBE(time, 4, 3);
    return Buffer.concat([head, data, Buffer.alloc(4)]);
  };
  const parts = [
    tag(9, 500, avcConfig()),
    tag(9, 500, avcFrame([IDR])),
    tag(8, 510, aacConfig()),
    tag(8, 510, aacFrame()),
    tag(9, 533, avcFrame([SLICE])),
    tag(22, 533, Buffer.alloc(50)), // no aggregates in aggregates
  ];
  send(MESSAGE.aggregate, Buffer.concat(parts), 2000);
  t.same(
    target.units.map(({ kind, unit }) => [kind, unit.dtsUs / 1000]),
    [
      ['video', 2000],
      ['audio', 2010],
      ['video', 2033],
    ],
  );
  t.throws(() => send(MESSAGE.aggregate, Buffer.concat(parts).subarray(0, 40)), { code: 'BAD_REQUEST' });
});

t.test('the target is told of the end once', async (t) => {
  const { target, publication } = open();
  publication.end('unpublished', true);
  publication.end('connection closed', false);
  t.same(target.ends, [{ reason: 'unpublished', clean: true }]);
});

t.test('damaged media is refused and nothing else happens', async () => {
  const video = [avcConfig(), avcFrame([IDR, SLICE]), exVideo(0, 'hvc1', HEVC), exVideo(0, 'av01', AV1)];
  const { send } = open();
  refusesOnly((data) => send(MESSAGE.video, data), video);
  refusesOnly((data) => send(MESSAGE.audio, data), [aacConfig(), aacFrame(), exAudio(0, 'Opus', OPUS_HEAD)]);
  refusesOnly((data) => send(MESSAGE.aggregate, data), []);
  refusesOnly((data) => send(MESSAGE.dataAmf0, data), [amf0('@setDataFrame', 'onMetaData', { width: 1 })]);
});
