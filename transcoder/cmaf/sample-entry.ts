// The sample description of a track: what a decoder must know before the first frame. Boxes only; the
// configuration records inside come ready-made with the track.
import type { AudioTrack, Track, VideoTrack } from '../../core/access-unit.ts';
import { BarrageError } from '../../core/errors.ts';
import { box, fullBox, u8, u16, u32, zeros } from './boxes.ts';

/** Sample entry type and configuration box by video codec (14496-15; AV1 in ISOBMFF 2.2). */
const VIDEO_ENTRIES: Readonly<Record<string, readonly [string, string]>> = {
  h264: ['avc1', 'avcC'],
  hevc: ['hvc1', 'hvcC'],
  av1: ['av01', 'av1C'],
};

/**
 * The sample entry of a track: avc1, hvc1, av01, mp4a or Opus.
 * @throws BarrageError `UNSUPPORTED_MEDIA` for a codec that has no place in our CMAF.
 */
export function buildSampleEntry(track: Track): Buffer {
  return track.kind === 'video' ? buildVideoEntry(track) : buildAudioEntry(track);
}

function buildVideoEntry(track: VideoTrack): Buffer {
  const entry = VIDEO_ENTRIES[track.codec];
  if (!entry) throw new BarrageError('UNSUPPORTED_MEDIA', `no CMAF sample entry for codec "${track.codec}"`);
  return box(
    entry[0],
    zeros(6),
    u16(1), // data_reference_index
    zeros(16),
    u16(track.width, track.height),
    u32(0x00480000, 0x00480000, 0), // 72 dpi, reserved
    u16(1), // frame_count
    zeros(32), // compressorname
    u16(0x18, 0xffff), // depth, pre_defined
    box(entry[1], track.config),
  );
}

function buildAudioEntry(track: AudioTrack): Buffer {
  const opus = track.codec === 'opus';
  return box(
    opus ? 'Opus' : 'mp4a',
    zeros(6),
    u16(1), // data_reference_index
    zeros(8),
    u16(track.channels, 16),
    u32(0),
    // 16.16 fixed point: a rate above 65535 Hz does not fit and is written as 0 (14496-12, 12.2.3).
    u16(track.sampleRate > 0xffff ? 0 : track.sampleRate, 0),
    opus ? buildDops(track) : buildEsds(track),
  );
}

/** dOps (Opus in ISOBMFF 4.3.2). Its Version is 0 where OpusHead says 1. */
function buildDops(track: AudioTrack): Buffer {
  return box('dOps', u8(0), track.config.subarray(1));
}

/** esds with the AudioSpecificConfig (14496-14, 5.6 and 14496-1, 7.2.6). */
function buildEsds(track: AudioTrack): Buffer {
  const bitrateBps = track.bitrateKbps * 1000;
  const decoderSpecific = descriptor(0x05, track.config);
  const decoderConfig = descriptor(
    0x04,
    u8(0x40, 0x15, 0, 0, 0), // MPEG-4 audio, audio stream, buffer size not told
    u32(bitrateBps, bitrateBps),
    decoderSpecific,
  );
  const slConfig = descriptor(0x06, u8(0x02));
  return fullBox('esds', [0, 0], descriptor(0x03, u16(0), u8(0), decoderConfig, slConfig));
}

/** A descriptor with its length in four bytes of seven bits (14496-1, 8.3.3). */
function descriptor(tag: number, ...payload: Buffer[]): Buffer {
  const body = Buffer.concat(payload);
  const size = body.length;
  const length = [
    (size >> 21) | 0x80,
    ((size >> 14) & 0x7f) | 0x80,
    ((size >> 7) & 0x7f) | 0x80,
    size & 0x7f,
  ];
  return Buffer.concat([u8(tag, ...length), body]);
}
