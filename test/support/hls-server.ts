// A bare HTTP server in front of something that resolves paths, for tests that play HLS with real players.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Resource {
  readonly contentType: string;
  readonly cacheControl: string;
  readonly body: Buffer;
}

export interface HlsServer {
  /** Ends with a slash. */
  readonly url: string;
  /** Paths asked for, in order, with the status they got. */
  readonly requests: { path: string; status: number }[];
  close(): void;
}

/** Serves `resolve(path)` on a free port; paths have no leading slash. `pages` are served as HTML. */
export async function serveHls(
  resolve: (path: string) => Resource | undefined,
  pages: Readonly<Record<string, { type: string; body: Buffer | string }>> = {},
): Promise<HlsServer> {
  const requests: { path: string; status: number }[] = [];
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').slice(1).split('?')[0] ?? '';
    const page = pages[path];
    const found = page
      ? { contentType: page.type, cacheControl: 'no-store', body: page.body }
      : resolve(path);
    requests.push({ path, status: found ? 200 : 404 });
    if (!found) return void response.writeHead(404).end();
    response.writeHead(200, {
      'content-type': found.contentType,
      'cache-control': found.cacheControl,
      'access-control-allow-origin': '*',
    });
    response.end(found.body);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    requests,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
