// Whether an HLS stream goes on in real time, asked of its playlists as a player would. Fetches no media.

const ANSWER_TIMEOUT_MS = 15_000;
const POLL_MS = 100;

/** Text of the playlist at an address; undefined when it is not there (yet). */
export async function fetchPlaylist(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
    const text = await response.text();
    return response.ok ? text : undefined;
  } catch {
    return undefined;
  }
}

/** Waits for a playlist with something in it and answers when it was there (CLOCK_MONOTONIC, ms). */
export async function waitForPlaylist(
  url: string,
  options: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<number | undefined> {
  const deadline = performance.now() + options.timeoutMs;
  while (performance.now() < deadline && !options.signal.aborted) {
    const text = await fetchPlaylist(url);
    if (text?.includes('#EXTINF') || text?.includes('#EXT-X-STREAM-INF')) return monotonicMs();
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return undefined;
}

/** The media sequence number that the next segment will have; undefined while there is no playlist. */
export async function nextSequence(url: string): Promise<number | undefined> {
  const text = await fetchPlaylist(url);
  const variant = text === undefined ? undefined : firstVariant(text);
  if (variant !== undefined) return nextSequence(new URL(variant, url).href);
  return text === undefined ? undefined : parseNextSequence(text);
}

/** The same from a media playlist's text (RFC 8216 section 4.3.3.2). */
export function parseNextSequence(text: string): number {
  const first = Number(/#EXT-X-MEDIA-SEQUENCE:(\d+)/.exec(text)?.[1] ?? 0);
  return first + (text.match(/^#EXTINF:/gm)?.length ?? 0);
}

/** Address of the first rendition of a multivariant playlist; undefined when it is a media playlist. */
export function firstVariant(text: string): string | undefined {
  return /^#EXT-X-STREAM-INF:.*\n(?!#)(.+)$/m.exec(text)?.[1]?.trim();
}

/** CLOCK_MONOTONIC, ms: the same in every process of this machine. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
