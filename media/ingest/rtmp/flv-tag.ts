// What audio and video messages say about themselves: legacy FLV tag headers and Enhanced RTMP ones, taken
// off the payload. Pure; knows no codec's bits.
import type { AudioCodec, VideoCodec } from '../../../core/access-unit.ts';
import { BarrageError } from '../../../core/errors.ts';
import { readExHeader } from './flv-ex-header.ts';

/** A media message's payload without its headers. Times are relative to the message's timestamp. */
export type FlvTag<Codec extends string> =
  | { readonly kind: 'config'; readonly codec: Codec; readonly body: Buffer }
  | {
      readonly kind: 'frames';
      readonly codec: Codec;
      readonly body: Buffer;
      /** pts - dts in ms; may be negative. */
      readonly compositionMs: number;
      /** Nanoseconds to add to the message's timestamp (ModEx). */
      readonly nanoOffset: number;
    }
  | { readonly kind: 'end' }
  /** Nothing to decode: a command, HDR metadata, a further track, an empty message. */
  | { readonly kind: 'skipped'; readonly why: string };

export type VideoTag = FlvTag<Extract<VideoCodec, 'h264' | 'hevc' | 'av1'>>;
export type AudioTag = FlvTag<AudioCodec>;

const VIDEO_FOUR_CC = { avc1: 'h264', hvc1: 'hevc', av01: 'av1' } as const;
const AUDIO_FOUR_CC = { mp4a: 'aac', Opus: 'opus' } as const;
// FLV 10.1, E.4.3.1. 12 is not in it: the HEVC id that encoders used before Enhanced RTMP.
const LEGACY_VIDEO: Record<number, 'h264' | 'hevc'> = { 7: 'h264', 12: 'hevc' };
const LEGACY_VIDEO_NAMES: Record<number, string> = {
  2: 'Sorenson H.263',
  3: 'Screen video',
  4: 'VP6',
  5: 'VP6',
};
const LEGACY_AUDIO_NAMES = [
  'PCM',
  'ADPCM',
  'MP3',
  'PCM',
  'Nellymoser',
  'Nellymoser',
  'Nellymoser',
  'G.711',
  'G.711',
];
const AAC = 10;
const EX_AUDIO = 9;
const FRAME_COMMAND = 5;
const PACKET = { sequenceStart: 0, codedFrames: 1, sequenceEnd: 2, codedFramesX: 3 } as const;

/**
 * Parses a video message (FLV 10.1 E.4.3; Enhanced RTMP v2 "Enhanced Video").
 * @throws BarrageError `UNSUPPORTED_MEDIA` for codecs without a decoder here, `BAD_REQUEST` when cut off
 */
export function parseVideoTag(payload: Buffer): VideoTag {
  const first = payload[0];
  if (first === undefined) return { kind: 'skipped', why: 'empty video message' };
  const frameType = (first >> 4) & 7;
  if (first & 0x80) return parseExVideo(payload, frameType);
  if (frameType === FRAME_COMMAND) return { kind: 'skipped', why: 'video command' };
  const codec = LEGACY_VIDEO[first & 15];
  if (!codec) {
    const name = LEGACY_VIDEO_NAMES[first & 15] ?? `FLV video codec ${first & 15}`;
    throw new BarrageError('UNSUPPORTED_MEDIA', `video is ${name}; send H.264, HEVC or AV1`);
  }
  if (payload.length < 5) throw new BarrageError('BAD_REQUEST', 'video message cut off');
  const body = payload.subarray(5);
  if (payload[1] === 0) return configTag(codec, body);
  if (payload[1] === 2) return { kind: 'end' };
  return framesTag(codec, body, { compositionMs: payload.readIntBE(2, 3), nanoOffset: 0 });
}

function parseExVideo(payload: Buffer, frameType: number): VideoTag {
  const isCommand = frameType === FRAME_COMMAND;
  const header = readExHeader(payload, { multitrackType: 6, hasNoFourCc: (type) => isCommand && type !== 4 });
  if ('why' in header) return { kind: 'skipped', why: header.why };
  const codec = lookUp(VIDEO_FOUR_CC, header.fourCc);
  if (!codec) throw new BarrageError('UNSUPPORTED_MEDIA', unsupported('video', header.fourCc, VIDEO_FOUR_CC));
  const { body, nanoOffset, packetType } = header;
  switch (packetType) {
    case PACKET.sequenceStart:
      return configTag(codec, body);
    case PACKET.codedFrames: {
      // Only codecs that reorder carry a composition time here.
      if (codec === 'av1') return framesTag(codec, body, { compositionMs: 0, nanoOffset });
      if (body.length < 3) throw new BarrageError('BAD_REQUEST', 'video message cut off');
      return framesTag(codec, body.subarray(3), { compositionMs: body.readIntBE(0, 3), nanoOffset });
    }
    case PACKET.codedFramesX:
      return framesTag(codec, body, { compositionMs: 0, nanoOffset });
    case PACKET.sequenceEnd:
      return { kind: 'end' };
    default:
      return { kind: 'skipped', why: `video packet type ${packetType}` };
  }
}

/**
 * Parses an audio message (FLV 10.1 E.4.2; Enhanced RTMP v2 "Enhanced Audio").
 * @throws BarrageError `UNSUPPORTED_MEDIA` for codecs without a decoder here, `BAD_REQUEST` when cut off
 */
export function parseAudioTag(payload: Buffer): AudioTag {
  const first = payload[0];
  if (first === undefined) return { kind: 'skipped', why: 'empty audio message' };
  const format = first >> 4;
  if (format === EX_AUDIO) return parseExAudio(payload);
  if (format !== AAC) {
    const name = LEGACY_AUDIO_NAMES[format] ?? `FLV sound format ${format}`;
    throw new BarrageError('UNSUPPORTED_MEDIA', `audio is ${name}; send AAC or Opus`);
  }
  if (payload.length < 2) return { kind: 'skipped', why: 'empty audio message' };
  const body = payload.subarray(2);
  return payload[1] === 0
    ? configTag('aac', body)
    : framesTag('aac', body, { compositionMs: 0, nanoOffset: 0 });
}

function parseExAudio(payload: Buffer): AudioTag {
  const header = readExHeader(payload, { multitrackType: 5, hasNoFourCc: () => false });
  if ('why' in header) return { kind: 'skipped', why: header.why };
  const codec = lookUp(AUDIO_FOUR_CC, header.fourCc);
  if (!codec) throw new BarrageError('UNSUPPORTED_MEDIA', unsupported('audio', header.fourCc, AUDIO_FOUR_CC));
  const { body, nanoOffset, packetType } = header;
  if (packetType === PACKET.sequenceStart) return configTag(codec, body);
  if (packetType === PACKET.sequenceEnd) return { kind: 'end' };
  if (packetType === PACKET.codedFrames) return framesTag(codec, body, { compositionMs: 0, nanoOffset });
  return { kind: 'skipped', why: `audio packet type ${packetType}` };
}

function configTag<Codec extends string>(codec: Codec, body: Buffer): FlvTag<Codec> {
  return body.length === 0
    ? { kind: 'skipped', why: 'empty sequence header' }
    : { kind: 'config', codec, body };
}

function framesTag<Codec extends string>(
  codec: Codec,
  body: Buffer,
  time: { compositionMs: number; nanoOffset: number },
): FlvTag<Codec> {
  return body.length === 0
    ? { kind: 'skipped', why: 'empty frame' }
    : { kind: 'frames', codec, body, ...time };
}

function lookUp<T extends object>(table: T, name: string): T[keyof T] | undefined {
  return Object.hasOwn(table, name) ? table[name as keyof T] : undefined;
}

function unsupported(kind: string, fourCc: string, table: object): string {
  return `${kind} codec "${fourCc.replace(/[^\x20-\x7e]/g, '?')}" is not supported; send ${Object.keys(table).join(', ')}`;
}
