// What a player needs of an HLS playlist (RFC 8216): segments with their length and media time, variants. Pure.

/** A listed segment. */
export interface ListedSegment {
  readonly uri: string;
  readonly durationMs: number;
  /** EXT-X-PROGRAM-DATE-TIME of its first sample, ms since the Unix epoch; undefined without one. */
  readonly programDateMs: number | undefined;
}

/** URIs of the media playlists a multivariant playlist names, the first variant first. */
export function readVariants(text: string): readonly string[] {
  const lines = text.split('\n').map((line) => line.trim());
  const variants = lines.flatMap((line, index) =>
    line.startsWith('#EXT-X-STREAM-INF') ? (lines[index + 1] ?? []) : [],
  );
  const audio = lines.flatMap((line) =>
    line.startsWith('#EXT-X-MEDIA:') ? (/URI="([^"]+)"/.exec(line)?.[1] ?? []) : [],
  );
  return [...variants.slice(0, 1), ...audio.slice(0, 1)];
}

/** The segments of a media playlist, oldest first. */
export function readSegments(text: string): readonly ListedSegment[] {
  const segments: ListedSegment[] = [];
  let durationMs = 0;
  let programDateMs: number | undefined;
  for (const line of text.split('\n').map((one) => one.trim())) {
    if (line.startsWith('#EXTINF:')) durationMs = Number.parseFloat(line.slice('#EXTINF:'.length)) * 1000;
    else if (line.startsWith('#EXT-X-PROGRAM-DATE-TIME:'))
      programDateMs = Date.parse(line.slice('#EXT-X-PROGRAM-DATE-TIME:'.length));
    else if (line !== '' && !line.startsWith('#')) {
      segments.push({ uri: line, durationMs, programDateMs });
      programDateMs = undefined;
    }
  }
  return segments;
}
