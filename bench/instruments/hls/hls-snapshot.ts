// Everything that an HLS stream offers at one moment: playlists, init segments and segments, by path. What rivals
// serve as files, and what plain load asks for.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseMediaPlaylist, parseVariants } from './playlist.ts';

const TIMEOUT_MS = 10_000;
/** Newest segments asked for in turn: they stay fetchable longest. */
const RECENT = 3;

/** A file's path on the server, and whose it is. */
export interface SnapshotFile {
  readonly path: string;
  readonly kind: 'multivariant' | 'playlist' | 'init' | 'segment';
}

/** Files as listed, oldest segments first, renditions one after the other. */
export interface Snapshot {
  readonly origin: string;
  readonly files: readonly SnapshotFile[];
}

/** What plain load asks for, as players do: each rendition's playlist, and its newest segments. */
export interface HlsPaths {
  readonly playlist: readonly string[];
  readonly segment: readonly string[];
}

/** Lists what there is below a multivariant playlist. @throws Error when it cannot be played. */
export async function fetchSnapshot(url: string): Promise<Snapshot> {
  const { origin, pathname } = new URL(url);
  const files: SnapshotFile[] = [{ path: pathname, kind: 'multivariant' }];
  const variants = parseVariants(await fetchText(url));
  const uris = new Set(
    variants.flatMap(({ uri, audioUri }) => (audioUri === undefined ? [uri] : [uri, audioUri])),
  );
  if (uris.size === 0) throw new Error('no variants are listed');
  for (const uri of uris) {
    const playlistUrl = new URL(uri, url);
    const { initUri, segments } = parseMediaPlaylist(await fetchText(playlistUrl.href));
    const resolve = (relative: string) => new URL(relative, playlistUrl).pathname;
    files.push({ path: playlistUrl.pathname, kind: 'playlist' });
    if (initUri !== undefined) files.push({ path: resolve(initUri), kind: 'init' });
    for (const segment of segments) files.push({ path: resolve(segment.uri), kind: 'segment' });
  }
  return { origin, files };
}

/** Copies the files into a folder, each at its path. */
export async function saveSnapshot({ origin, files }: Snapshot, folder: string): Promise<void> {
  for (const file of files) {
    const response = await fetch(origin + file.path, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!response.ok) throw new Error(`${file.path} answered ${response.status}`);
    const target = path.join(folder, file.path);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, Buffer.from(await response.arrayBuffer()));
  }
}

/** What load asks for of a snapshot; renditions take turns. @throws Error without a segment. */
export function pathsOf(files: readonly SnapshotFile[]): HlsPaths {
  const renditions = files.filter(({ kind }) => kind === 'playlist').map((file) => file.path);
  const newest = renditions.map((playlist) =>
    files
      .filter((file) => file.kind === 'segment' && path.dirname(file.path) === path.dirname(playlist))
      .slice(-RECENT)
      .map((file) => file.path),
  );
  const segment = Array.from({ length: RECENT }, (_, index) => newest.flatMap((paths) => paths[index] ?? []));
  if (segment.flat().length === 0) throw new Error('no segments are listed');
  return { playlist: renditions, segment: segment.flat() };
}

async function fetchText(url: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.text();
}
