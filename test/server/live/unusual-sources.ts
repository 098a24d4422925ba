// Sources that no ffmpeg of today can push: Enhanced RTMP, sound alone, a change of size.
import t, { type Test } from 'tap';
import type { AccessUnit, AudioTrack, VideoTrack } from '../../../core/access-unit.ts';
import { avcConfig, exAudio, exVideo, OPUS_HEAD } from '../../support/flv-payloads.ts';
import { encodeUnits } from '../../support/lavfi-units.ts';
import { startLive, waitForRenditions, waitForState } from '../../support/live-rig.ts';
import { RtmpTestClient } from '../../support/rtmp-client.ts';
import { playMessages, type TimedMessage, toMessages } from '../../support/rtmp-player.ts';

const SECONDS = 20;
const PIXELS = ['-pix_fmt', 'yuv420p'];

function encodeVideo(size: string, encoder: readonly string[], seconds = SECONDS) {
  const source = `testsrc2=s=${size}:r=15`;
  return encodeUnits<VideoTrack>({ source, seconds, encoder: [...encoder, ...PIXELS] });
}

function composition(ms: number): Buffer {
  const bytes = Buffer.alloc(3);
  bytes.writeIntBE(ms, 0, 3);
  return bytes;
}

async function play(t: Test, port: number, messages: readonly TimedMessage[]): Promise<RtmpTestClient> {
  const client = await RtmpTestClient.publishing(port, 'secret');
  t.teardown(() => client.socket.destroy());
  client.setChunkSize(4096);
  t.teardown(playMessages(client, messages));
  return client;
}

t.test('HEVC by Enhanced RTMP is transcoded into the H.264 ladder', async (t) => {
  const video = await encodeVideo('640x360', [
    '-c:v',
    'libx265',
    '-preset',
    'ultrafast',
    '-x265-params',
    'log-level=none',
  ]);
  const live = await startLive(t);
  const wrap = (unit: AccessUnit, ctsMs: number) =>
    exVideo(1, 'hvc1', Buffer.concat([composition(ctsMs), unit.data]));
  await play(t, live.rtmp.address.port, [
    { kind: 'video', atMs: 0, payload: exVideo(0, 'hvc1', video.track.config) },
    ...toMessages('video', video.units, wrap),
  ]);
  const room = live.service.getRoom('demo');
  await waitForRenditions(room, ['360p', '180p']);
  t.match(room.describe().renditions.find((each) => each.id === '360p')?.codec, /^avc1\./);
  t.match(room.describe().renditions.find((each) => each.id === 'source-video')?.codec, /^hvc1\./);
});

t.test('AV1 and Opus by Enhanced RTMP are transcoded, Opus is also handed on', async (t) => {
  const video = await encodeVideo('640x360', [
    '-c:v',
    'libsvtav1',
    '-preset',
    '12',
    '-svtav1-params',
    'pred-struct=1',
  ]);
  const audio = await encodeUnits<AudioTrack>({
    source: 'sine=r=48000,aformat=channel_layouts=stereo',
    seconds: SECONDS,
    encoder: ['-c:a', 'libopus'],
  });
  const live = await startLive(t);
  await play(t, live.rtmp.address.port, [
    { kind: 'video', atMs: 0, payload: exVideo(0, 'av01', video.track.config) },
    { kind: 'audio', atMs: 0, payload: exAudio(0, 'Opus', OPUS_HEAD) },
    ...toMessages('video', video.units, (unit) => exVideo(1, 'av01', unit.data)),
    ...toMessages('audio', audio.units, (unit) => exAudio(1, 'Opus', unit.data)),
  ]);
  const room = live.service.getRoom('demo');
  await waitForRenditions(room, ['360p', '180p', 'aac', 'opus']);
  t.equal(room.describe().renditions.find((each) => each.id === 'aac')?.codec, 'mp4a.40.2');
  t.match(String((await room.resolveHls('index.m3u8', AbortSignal.timeout(30_000)))?.body), /mp4a\.40\.2/);
});

t.test('sound alone is a stream', async (t) => {
  const audio = await encodeUnits<AudioTrack>({
    source: 'sine=r=44100',
    seconds: SECONDS,
    encoder: ['-c:a', 'aac'],
  });
  const live = await startLive(t);
  await play(t, live.rtmp.address.port, [
    { kind: 'audio', atMs: 0, payload: Buffer.concat([Buffer.from([0xaf, 0]), audio.track.config]) },
    ...toMessages('audio', audio.units, (unit) => Buffer.concat([Buffer.from([0xaf, 1]), unit.data])),
  ]);
  const room = live.service.getRoom('demo');
  await waitForRenditions(room, ['aac', 'opus']);
  t.match(
    String((await room.resolveHls('index.m3u8', AbortSignal.timeout(30_000)))?.body),
    /CODECS="mp4a\.40\.2"/,
  );
});

t.test('a change of resolution in mid-stream goes on, behind a discontinuity', async (t) => {
  const x264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '15'];
  const wide = await encodeVideo('640x360', x264, 6);
  const small = await encodeVideo('320x180', x264);
  const shifted = small.units.map((unit) => ({ ...unit, dtsUs: unit.dtsUs + 6e6, ptsUs: unit.ptsUs + 6e6 }));
  const frame = (unit: AccessUnit, ctsMs: number) =>
    Buffer.concat([Buffer.from([unit.key ? 0x17 : 0x27, 1]), composition(ctsMs), unit.data]);
  const live = await startLive(t);
  await play(t, live.rtmp.address.port, [
    { kind: 'video', atMs: 0, payload: avcConfig(wide.track.config) },
    ...toMessages('video', wide.units, frame),
    { kind: 'video', atMs: 5990, payload: avcConfig(small.track.config) },
    ...toMessages('video', shifted, frame),
  ]);
  const room = live.service.getRoom('demo');
  await waitForRenditions(room, ['source', '180p']);
  await waitForRenditions(room, ['source']);
  await waitForState(room, 'live');
  t.equal(room.describe().renditions.find((each) => each.id === 'source')?.height, 180);
  const signal = AbortSignal.timeout(30_000);
  const playlist = async () => String((await room.resolveHls('source/index.m3u8', signal))?.body);
  while (!(await playlist()).includes('#EXT-X-DISCONTINUITY\n')) {
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  t.equal((await playlist()).match(/#EXT-X-MAP/g)?.length, 2, 'each size has its own init segment');
});
