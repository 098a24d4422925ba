// A tiny HTTP server on a loopback port for the plain player page, the instruments' script and hls.js, so
// that the pages have an origin of their own, other than the server's. Serves nothing else.
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { build, stop } from 'esbuild';

const PAGE = `<!doctype html><meta charset="utf-8"><title>plain player</title>
<script src="/hls.js"></script><script src="/instruments.js"></script>
<video autoplay playsinline style="width:640px;height:360px"></video>`;

interface Resource {
  readonly type: string;
  readonly body: string | Buffer;
}

/** The instruments for a page, as one script. */
export async function bundleInstruments(): Promise<string> {
  const entry = path.join(import.meta.dirname, 'page.browser.ts');
  const result = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
  });
  // esbuild keeps a child process for later builds, which would outlive the run.
  await stop();
  return result.outputFiles[0]?.text ?? '';
}

/** Serves the pages; `extra` adds files under their paths. Whoever starts it closes it. */
export class PageServer {
  readonly origin: string;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async start(extra: Readonly<Record<string, Resource>> = {}): Promise<PageServer> {
    const require = createRequire(import.meta.url);
    const resources: Record<string, Resource> = {
      '/': { type: 'text/html', body: PAGE },
      '/instruments.js': { type: 'text/javascript', body: await bundleInstruments() },
      '/hls.js': { type: 'text/javascript', body: await readFile(require.resolve('hls.js')) },
      ...extra,
    };
    const server = createServer((request, response) => {
      const resource = resources[(request.url ?? '').split('?')[0] ?? ''];
      response.writeHead(resource ? 200 : 404, { 'Content-Type': resource?.type ?? 'text/plain' });
      response.end(resource?.body ?? 'not found');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new PageServer(server);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
