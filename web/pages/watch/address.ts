// What the page's address asks for: `/watch/ROOM?name=&token=&transport=`.
import type { TransportChoice } from '../../sdk/index.ts';

/** The room to watch and how. */
export interface WatchAddress {
  readonly room: string;
  readonly name: string | undefined;
  readonly token: string | undefined;
  readonly transport: TransportChoice | undefined;
}

/** Reads an address; values that make no sense are left out. */
export function parseWatchAddress(url: URL): WatchAddress {
  const room = decodeURIComponent(/\/watch\/([^/]+)/.exec(url.pathname)?.[1] ?? 'demo');
  const transport = url.searchParams.get('transport');
  return {
    room,
    name: url.searchParams.get('name')?.trim().slice(0, 64) || undefined,
    token: url.searchParams.get('token') || undefined,
    transport: transport === 'webrtc' || transport === 'hls' || transport === 'auto' ? transport : undefined,
  };
}
