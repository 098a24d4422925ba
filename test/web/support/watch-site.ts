// The built watch page with a fake room and, when wanted, a live HLS stream behind it, under the page policy that
// the page must get along with.
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { buildWeb } from '../../../web/build.ts';
import { FakeRoom } from './fake-room.ts';

const POLICY = [
  "default-src 'self'",
  "media-src 'self' blob:",
  "worker-src 'self' blob:",
  "connect-src 'self' ws: wss:",
  "img-src 'self' data: blob:",
  "style-src 'self' 'unsafe-inline'",
].join('; ');

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.m3u8': 'application/vnd.apple.mpegurl',
  '.mp4': 'video/mp4',
  '.m4s': 'video/mp4',
};

/** Serves `/watch/*`, `/assets/*`, `/live/demo/*.m3u8` and the room's WebSocket on one port. */
export class WatchSite {
  readonly room: FakeRoom;
  readonly #webDir: string;
  readonly #hlsDir: string;
  #port = 0;

  private constructor(webDir: string, hlsDir: string) {
    this.#webDir = webDir;
    this.#hlsDir = hlsDir;
    this.room = new FakeRoom(createServer((request, response) => void this.#serve(request, response)));
  }

  static async start(webDir: string, hlsDir: string): Promise<WatchSite> {
    await buildWeb({ outDir: webDir });
    const site = new WatchSite(webDir, hlsDir);
    site.#port = await site.room.listen();
    return site;
  }

  url(query = ''): string {
    return `http://127.0.0.1:${this.#port}/watch/demo${query}`;
  }

  async close(): Promise<void> {
    await this.room.close();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'http://host');
    const path = this.#resolve(normalize(pathname));
    const body = path === undefined ? undefined : await readFile(path).catch(() => undefined);
    if (path === undefined || body === undefined) {
      response.writeHead(404).end();
      return;
    }
    const type = TYPES[extname(path)] ?? 'application/octet-stream';
    response.writeHead(200, { 'content-type': type, 'content-security-policy': POLICY }).end(body);
  }

  #resolve(path: string): string | undefined {
    if (path.startsWith('/watch/')) return join(this.#webDir, 'watch.html');
    if (path.startsWith('/assets/')) return join(this.#webDir, path);
    if (path.startsWith('/live/demo/')) return join(this.#hlsDir, path.slice('/live/demo/'.length));
    return undefined;
  }
}
