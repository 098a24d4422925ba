// Where a request comes from: the client's address behind trusted proxies, and what tells its viewers apart. Pure.

/** The part of a request that says where it comes from. */
export interface RequestOrigin {
  readonly headers: { readonly [name: string]: string | string[] | undefined };
  readonly socket: { readonly remoteAddress?: string | undefined };
}

const MAX_USER_AGENT_CHARS = 256;

/**
 * The address of the client: the peer, or with `trustedProxies` in front the entry that the outermost of them
 * added to X-Forwarded-For. Entries further left are the client's own words and are not believed.
 */
export function remoteAddressOf(request: RequestOrigin, trustedProxies: number): string {
  const peer = normalizeAddress(request.socket.remoteAddress ?? '');
  if (trustedProxies === 0) return peer;
  const header = request.headers['x-forwarded-for'];
  const text = Array.isArray(header) ? header.join(',') : (header ?? '');
  const hops = text.split(',').flatMap((hop) => (hop.trim() === '' ? [] : [normalizeAddress(hop.trim())]));
  return hops.at(-trustedProxies) ?? hops[0] ?? peer;
}

/** An IPv4 address written as IPv6 (`::ffff:10.0.0.1`), as the IPv4 address it is. */
function normalizeAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '');
}

/** Tells one viewer from another where there is no session: address and user agent. */
export function viewerKeyOf(request: RequestOrigin, remoteAddress: string): string {
  const agent = request.headers['user-agent'];
  return `${remoteAddress}|${String(agent ?? '').slice(0, MAX_USER_AGENT_CHARS)}`;
}
