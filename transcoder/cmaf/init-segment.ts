// The CMAF header (init segment): ftyp and a moov without samples. Pure: tracks in, bytes out.
import type { Track } from '../../core/access-unit.ts';
import { ascii, box, fullBox, u16, u32, zeros } from './boxes.ts';
import { buildSampleEntry } from './sample-entry.ts';

/** A track as one file or stream carries it. `timescale` is ticks per second of all its times. */
export interface CmafTrack {
  readonly trackId: number;
  readonly timescale: number;
  readonly track: Track;
}

const MOVIE_TIMESCALE = 1000;
const LANGUAGE_UND = 0x55c4;
const IDENTITY_MATRIX = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);

/**
 * ftyp and moov for fragmented media (ISO/IEC 14496-12 section 8; CMAF 23000-19, 7.3). The brand is cmf2:
 * composition offsets are signed and no edit list is needed.
 * @throws BarrageError `UNSUPPORTED_MEDIA` for a codec that CMAF of ours does not carry.
 */
export function buildInitSegment(tracks: readonly CmafTrack[]): Buffer {
  const nextTrackId = Math.max(...tracks.map((each) => each.trackId)) + 1;
  const ftyp = box('ftyp', ascii('cmf2'), u32(0), ascii('cmf2iso6mp41'));
  const moov = box(
    'moov',
    buildMvhd(nextTrackId),
    ...tracks.map(buildTrak),
    box('mvex', ...tracks.map((each) => fullBox('trex', [0, 0], u32(each.trackId, 1, 0, 0, 0)))),
  );
  return Buffer.concat([ftyp, moov]);
}

function buildMvhd(nextTrackId: number): Buffer {
  return fullBox(
    'mvhd',
    [0, 0],
    u32(0, 0, MOVIE_TIMESCALE, 0), // creation, modification, timescale, duration: unknown while live
    u32(0x10000), // rate 1.0
    u16(0x100, 0), // volume 1.0
    zeros(8),
    IDENTITY_MATRIX,
    zeros(24),
    u32(nextTrackId),
  );
}

function buildTrak(cmafTrack: CmafTrack): Buffer {
  return box('trak', buildTkhd(cmafTrack), buildMdia(cmafTrack));
}

function buildTkhd({ trackId, track }: CmafTrack): Buffer {
  const video = track.kind === 'video';
  return fullBox(
    'tkhd',
    [0, 3], // enabled, in movie
    u32(0, 0, trackId, 0, 0),
    zeros(8),
    u16(0, video ? 0 : 1, video ? 0 : 0x100, 0), // layer, alternate group, volume
    IDENTITY_MATRIX,
    video ? u32(track.width * 0x10000, track.height * 0x10000) : u32(0, 0),
  );
}

function buildMdia({ timescale, track }: CmafTrack): Buffer {
  const video = track.kind === 'video';
  const mdhd = fullBox('mdhd', [0, 0], u32(0, 0, timescale, 0), u16(LANGUAGE_UND, 0));
  const handler = video ? 'vide' : 'soun';
  const hdlr = fullBox('hdlr', [0, 0], u32(0), ascii(handler), zeros(12), ascii(`${handler}\0`));
  const mediaHeader = video ? fullBox('vmhd', [0, 1], zeros(8)) : fullBox('smhd', [0, 0], zeros(4));
  const dinf = box('dinf', fullBox('dref', [0, 0], u32(1), fullBox('url ', [0, 1])));
  const stbl = box(
    'stbl',
    fullBox('stsd', [0, 0], u32(1), buildSampleEntry(track)),
    fullBox('stts', [0, 0], u32(0)),
    fullBox('stsc', [0, 0], u32(0)),
    fullBox('stsz', [0, 0], u32(0, 0)),
    fullBox('stco', [0, 0], u32(0)),
  );
  return box('mdia', mdhd, hdlr, box('minf', mediaHeader, dinf, stbl));
}
