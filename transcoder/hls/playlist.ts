// The text of a media playlist (RFC 8216 section 4.3, 8216bis for gaps). Pure: segments in, text out.
import type { HlsSegment } from './segment.ts';

/** EXT-X-MAP in a playlist of media, and fractional durations (RFC 8216 section 7). */
const VERSION = 6;

/** What a media playlist says; `segments` oldest first. */
export interface MediaPlaylist {
  /** Seconds; no segment's duration rounds to more. */
  readonly targetDurationS: number;
  readonly segments: readonly HlsSegment[];
  /** Nothing will follow. */
  readonly ended: boolean;
}

/**
 * A media playlist. Each segment carries EXT-X-PROGRAM-DATE-TIME, the media clock at its first sample in
 * ms. EXT-X-DISCONTINUITY-SEQUENCE makes every segment's number the stream's era, so that the
 * renditions of a stream match.
 */
export function buildMediaPlaylist({ targetDurationS, segments, ended }: MediaPlaylist): string {
  const first = segments[0];
  const lines = ['#EXTM3U', `#EXT-X-VERSION:${VERSION}`, `#EXT-X-TARGETDURATION:${targetDurationS}`];
  if (first) {
    lines.push(`#EXT-X-MEDIA-SEQUENCE:${first.sequence}`);
    const sequence = first.era - first.discontinuities;
    if (sequence > 0) lines.push(`#EXT-X-DISCONTINUITY-SEQUENCE:${sequence}`);
  }
  if (segments.every(isIndependent)) lines.push('#EXT-X-INDEPENDENT-SEGMENTS');
  let initName: string | undefined;
  for (const segment of segments) {
    lines.push(...segmentLines(segment, segment.initName !== initName));
    initName = segment.initName;
  }
  if (ended) lines.push('#EXT-X-ENDLIST');
  return `${lines.join('\n')}\n`;
}

function segmentLines(segment: HlsSegment, withMap: boolean): string[] {
  const lines: string[] = Array(segment.discontinuities).fill('#EXT-X-DISCONTINUITY');
  if (withMap) lines.push(`#EXT-X-MAP:URI="${segment.initName}"`);
  lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(Math.round(segment.startUs / 1000)).toISOString()}`);
  if (segment.kind === 'gap') lines.push('#EXT-X-GAP');
  lines.push(`#EXTINF:${(segment.durationUs / 1_000_000).toFixed(6)},`, segment.name);
  return lines;
}

function isIndependent(segment: HlsSegment): boolean {
  return segment.kind === 'gap' || segment.independent;
}
