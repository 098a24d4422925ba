// Headers of audio and video messages, legacy and enhanced.
import t from 'tap';
import { parseAudioTag, parseVideoTag } from '../../../../media/ingest/rtmp/flv-tag.ts';
import {
  AVC_HIGH,
  aacFrame,
  avcConfig,
  avcFrame,
  exAudio,
  exVideo,
  HEVC,
  IDR,
  OPUS_HEAD,
} from '../../../support/flv-payloads.ts';
import { refusesOnly } from '../../../support/refuses-only.ts';

const hex = (digits: string): Buffer => Buffer.from(digits.replaceAll(' ', ''), 'hex');
const ascii = (text: string): string => Buffer.from(text, 'latin1').toString('hex');

t.test('legacy H.264: configuration, frame with a negative composition time, end', async (t) => {
  t.match(parseVideoTag(avcConfig()), { kind: 'config', codec: 'h264', body: AVC_HIGH });
  t.match(parseVideoTag(avcFrame([IDR], -40)), { kind: 'frames', codec: 'h264', compositionMs: -40 });
  t.match(parseVideoTag(hex('17 02 000000')), { kind: 'end' });
  t.match(parseVideoTag(hex('1c 00 000000 01')), { kind: 'config', codec: 'hevc' });
});

t.test('empty messages and commands are passed over', async (t) => {
  for (const payload of ['', '17 00 000000', '27 01 000000', '57 00']) {
    t.match(parseVideoTag(hex(payload)), { kind: 'skipped' }, payload);
  }
  for (const payload of ['', 'af', 'af 01', 'af 00']) {
    t.match(parseAudioTag(hex(payload)), { kind: 'skipped' }, payload);
  }
  t.match(parseVideoTag(exVideo(4, 'hvc1', Buffer.from([2]))), { kind: 'skipped' }, 'HDR metadata');
  t.match(parseVideoTag(hex('d1 00')), { kind: 'skipped' }, 'enhanced command');
});

t.test('codecs without a decoder are refused by name', async (t) => {
  const refused = (work: () => unknown, name: RegExp): void => {
    t.throws(work, { code: 'UNSUPPORTED_MEDIA', message: name });
  };
  refused(() => parseVideoTag(hex('22 00')), /Sorenson H.263/);
  refused(() => parseVideoTag(exVideo(1, 'vp09', IDR)), /"vp09".*avc1, hvc1, av01/);
  refused(() => parseAudioTag(hex('2f 00')), /MP3/);
  refused(() => parseAudioTag(exAudio(1, 'ac-3', IDR)), /"ac-3".*mp4a, Opus/);
  refused(() => parseVideoTag(exVideo(1, 'toString'.slice(0, 4), IDR)), /"toSt"/);
});

t.test('enhanced video: start, coded frames with and without composition time, end', async (t) => {
  t.match(parseVideoTag(exVideo(0, 'hvc1', HEVC)), { kind: 'config', codec: 'hevc', body: HEVC });
  const late = Buffer.concat([hex('ffffd8'), IDR]);
  t.match(parseVideoTag(exVideo(1, 'hvc1', late)), { kind: 'frames', compositionMs: -40, body: IDR });
  t.match(parseVideoTag(exVideo(1, 'avc1', late)), { kind: 'frames', codec: 'h264', compositionMs: -40 });
  t.match(parseVideoTag(exVideo(3, 'hvc1', IDR)), { kind: 'frames', compositionMs: 0, body: IDR });
  t.match(parseVideoTag(exVideo(1, 'av01', IDR)), {
    kind: 'frames',
    codec: 'av1',
    compositionMs: 0,
    body: IDR,
  });
  t.match(parseVideoTag(exVideo(2, 'hvc1', Buffer.alloc(0))), { kind: 'end' });
});

t.test('enhanced audio: start, coded frames, end', async (t) => {
  t.match(parseAudioTag(exAudio(0, 'Opus', OPUS_HEAD)), { kind: 'config', codec: 'opus', body: OPUS_HEAD });
  t.match(parseAudioTag(exAudio(1, 'Opus', IDR)), { kind: 'frames', codec: 'opus', body: IDR });
  t.match(parseAudioTag(exAudio(1, 'mp4a', IDR)), { kind: 'frames', codec: 'aac', body: IDR });
  t.match(parseAudioTag(exAudio(2, 'Opus', Buffer.alloc(0))), { kind: 'end' });
});

t.test('ModEx gives nanoseconds, and unknown ones are passed over', async (t) => {
  // ModEx of 3 bytes, 500,000 ns; then one of 1 byte of another kind; then coded frames X.
  const payload = hex(`97 02 07a120 07 00 ff 53 ${ascii('hvc1')} aabb`);
  t.match(parseVideoTag(payload), { kind: 'frames', nanoOffset: 500_000, body: hex('aabb') });
  t.throws(() => parseVideoTag(hex('97 ff ffff 00')), { code: 'BAD_REQUEST' });
});

t.test('of several tracks the first is taken, the others are named', async (t) => {
  const one = (track: string): Buffer => hex(`96 03 ${ascii('hvc1')} ${track} aabb`);
  t.match(parseVideoTag(one('00')), { kind: 'frames', codec: 'hevc', body: hex('aabb') });
  t.match(parseVideoTag(one('02')), { kind: 'skipped', why: /track 2/ });
  const many = hex(`96 13 ${ascii('hvc1')} 01 000001 cc 00 000002 aabb`);
  t.match(parseVideoTag(many), { kind: 'frames', body: hex('aabb') });
  const mixed = hex(`96 23 ${ascii('av01')} 01 000001 cc ${ascii('avc1')} 00 000002 aabb`);
  t.match(parseVideoTag(mixed), { kind: 'frames', codec: 'h264', body: hex('aabb') });
  t.match(parseAudioTag(hex(`95 01 ${ascii('Opus')} 00 aabb`)), { kind: 'frames', codec: 'opus' });
});

t.test('damaged bytes are refused and nothing else happens', async () => {
  const video = [
    avcConfig(),
    avcFrame([IDR]),
    exVideo(0, 'hvc1', HEVC),
    hex(`96 13 ${ascii('hvc1')} 01 000001 cc`),
  ];
  refusesOnly(parseVideoTag, video);
  refusesOnly(parseAudioTag, [aacFrame(), exAudio(0, 'Opus', OPUS_HEAD)]);
});
