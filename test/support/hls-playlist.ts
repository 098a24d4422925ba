// Reads as much of an HLS playlist (RFC 8216) as tests look at. No player's parser.

export interface TaggedUri {
  readonly attributes: Readonly<Record<string, string>>;
  /** The line after the tag; empty when the tag stands alone. */
  readonly uri: string;
}

export interface PlaylistSegment {
  readonly sequence: number;
  readonly uri: string;
  readonly durationS: number;
  readonly programDateMs: number | undefined;
  readonly discontinuity: boolean;
}

export interface MediaPlaylist {
  readonly targetDurationS: number;
  readonly segments: readonly PlaylistSegment[];
}

/** The lines that are not empty. */
export function linesOf(text: string): string[] {
  return text.split(/\r?\n/).filter((line) => line !== '');
}

/** Every tag of a name, with its attribute list read. */
export function attributesOf(text: string, tag: string): TaggedUri[] {
  const lines = linesOf(text);
  return lines.flatMap((line, index) => {
    if (!line.startsWith(`#${tag}:`)) return [];
    const pairs = [...line.matchAll(/([A-Z0-9-]+)=("[^"]*"|[^,]*)/g)];
    const attributes = Object.fromEntries(
      pairs.map(([, name, value]) => [name, value?.replaceAll('"', '') ?? '']),
    );
    const next = lines[index + 1] ?? '';
    return [{ attributes, uri: next.startsWith('#') ? '' : next }];
  });
}

/** A media playlist's whole segments, numbered. */
export function parseMediaPlaylist(text: string): MediaPlaylist {
  const segments: PlaylistSegment[] = [];
  let sequence = Number(tagValue(text, 'EXT-X-MEDIA-SEQUENCE') ?? 0);
  let pending = { durationS: 0, programDateMs: undefined as number | undefined, discontinuity: false };
  for (const line of linesOf(text)) {
    const value = line.slice(line.indexOf(':') + 1);
    if (line.startsWith('#EXTINF:')) pending.durationS = Number.parseFloat(value);
    else if (line.startsWith('#EXT-X-PROGRAM-DATE-TIME:')) pending.programDateMs = Date.parse(value);
    else if (line === '#EXT-X-DISCONTINUITY') pending.discontinuity = true;
    else if (!line.startsWith('#')) {
      segments.push({ sequence: sequence++, uri: line, ...pending });
      pending = { durationS: 0, programDateMs: undefined, discontinuity: false };
    }
  }
  return { targetDurationS: Number(tagValue(text, 'EXT-X-TARGETDURATION') ?? 0), segments };
}

function tagValue(text: string, tag: string): string | undefined {
  return new RegExp(`^#${tag}:(.*)$`, 'm').exec(text)?.[1];
}
