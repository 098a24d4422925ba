// Reads as much of HLS playlists (RFC 8216) as a load player needs. Pure; no player's parser.

export interface ListedSegment {
  readonly sequence: number;
  readonly uri: string;
  readonly durationMs: number;
  /** EXT-X-PROGRAM-DATE-TIME of its beginning, Unix ms; undefined without one. */
  readonly startMs: number | undefined;
}

export interface MediaPlaylist {
  readonly targetMs: number;
  /** Init segment of the newest segment (EXT-X-MAP). */
  readonly initUri: string | undefined;
  readonly segments: readonly ListedSegment[];
  readonly ended: boolean;
}

/** A variant, with the sound that goes with it. */
export interface Variant {
  readonly uri: string;
  readonly bandwidth: number;
  readonly audioUri: string | undefined;
}

/** The variants of a multivariant playlist, in its order; empty when it is a media playlist. */
export function parseVariants(text: string): Variant[] {
  const lines = text.split(/\r?\n/);
  const audioByGroup = new Map<string, string>();
  for (const line of lines) {
    if (!line.startsWith('#EXT-X-MEDIA:') || !line.includes('TYPE=AUDIO')) continue;
    const [group, uri] = [attribute(line, 'GROUP-ID'), attribute(line, 'URI')];
    if (group !== undefined && uri !== undefined && !audioByGroup.has(group)) audioByGroup.set(group, uri);
  }
  return lines.flatMap((line, index) => {
    const uri = lines[index + 1];
    if (!line.startsWith('#EXT-X-STREAM-INF:') || !uri || uri.startsWith('#')) return [];
    const bandwidth = Number(attribute(line, 'BANDWIDTH') ?? 0);
    return [{ uri, bandwidth, audioUri: audioByGroup.get(attribute(line, 'AUDIO') ?? '') }];
  });
}

/** A media playlist's segments, numbered and dated; gaps are left out. */
export function parseMediaPlaylist(text: string): MediaPlaylist {
  const segments: ListedSegment[] = [];
  let sequence = Number(/^#EXT-X-MEDIA-SEQUENCE:(\d+)/m.exec(text)?.[1] ?? 0);
  let [durationMs, startMs, isGap] = [0, undefined as number | undefined, false];
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith('#EXTINF:')) durationMs = Number.parseFloat(line.slice(8)) * 1000;
    else if (line.startsWith('#EXT-X-PROGRAM-DATE-TIME:')) startMs = Date.parse(line.slice(25));
    else if (line === '#EXT-X-GAP') isGap = true;
    else if (line !== '' && !line.startsWith('#')) {
      if (!isGap) segments.push({ sequence, uri: line, durationMs, startMs });
      sequence++;
      [startMs, isGap] = [undefined, false];
    }
  }
  return {
    targetMs: Number(/^#EXT-X-TARGETDURATION:(\d+)/m.exec(text)?.[1] ?? 0) * 1000,
    initUri: [...text.matchAll(/^#EXT-X-MAP:.*URI="([^"]+)"/gm)].at(-1)?.[1],
    segments,
    ended: /^#EXT-X-ENDLIST/m.test(text),
  };
}

function attribute(line: string, name: string): string | undefined {
  const match = new RegExp(`[:,]${name}=(?:"([^"]*)"|([^,]*))`).exec(line);
  return match?.[1] ?? match?.[2];
}
