// nginx as a rival in serving HLS: it serves a copy of the very files that Barrage served, from a folder, which is
// what it does best. Its configuration is what its own guides advise for static files: sendfile with tcp_nopush,
// open files kept open, connections kept alive for any number of requests, no access log; one worker process, since
// figures are given per busy core. Headers that players and caches need (CORS, Cache-Control) are added as Barrage
// adds them. It serves a stream that stands still: it packages nothing, asks no room and counts no viewers.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { findFreePorts } from '../instruments/free-ports.ts';
import { fetchSnapshot, type HlsPaths, pathsOf, saveSnapshot } from '../instruments/hls/hls-snapshot.ts';
import type { HlsSubject } from '../instruments/hls/hls-subject.ts';
import { findProgram } from './rival.ts';
import { isChildRunning, stopChild } from './stop-child.ts';

const READY_TIMEOUT_MS = 10_000;

/** The configuration; `asRoot` lets the worker read folders of ours. */
export function nginxStaticConfig(folder: string, port: number, asRoot: boolean): string {
  return `daemon off;
${asRoot ? 'user root;\n' : ''}worker_processes 1;
worker_rlimit_nofile 65536;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log warn;
events { worker_connections 16384; multi_accept on; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  tcp_nodelay on;
  keepalive_timeout 75s;
  keepalive_requests 100000000;
  open_file_cache max=10000 inactive=1h;
  open_file_cache_valid 1h;
  open_file_cache_min_uses 1;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  types { application/vnd.apple.mpegurl m3u8; video/mp4 m4s mp4; }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    root ${folder}/files;
    add_header Access-Control-Allow-Origin *;
    location ~ \\.m3u8$ { add_header Access-Control-Allow-Origin *; add_header Cache-Control "public, max-age=1, must-revalidate"; }
    location / { add_header Access-Control-Allow-Origin *; add_header Cache-Control "public, max-age=31536000, immutable"; }
  }
}
`;
}

/** A running nginx. Whoever started it disposes of it. */
export class NginxStatic implements HlsSubject {
  readonly origin: string;
  readonly url: string;
  readonly publisherPid = undefined;
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #paths: HlsPaths;

  private constructor(parts: {
    child: ChildProcess;
    folder: string;
    origin: string;
    url: string;
    paths: HlsPaths;
  }) {
    this.origin = parts.origin;
    this.url = parts.url;
    this.#child = parts.child;
    this.#folder = parts.folder;
    this.#paths = parts.paths;
  }

  /**
   * Copies what another server offers at the URL of a multivariant playlist and serves it.
   * @throws Error with nginx's log when it does not come up.
   */
  static async serveCopyOf(url: string): Promise<NginxStatic> {
    const snapshot = await fetchSnapshot(url);
    const folder = await mkdtemp(path.join(tmpdir(), 'barrage-bench-nginx-'));
    const port = await findFreePorts(1);
    const config = path.join(folder, 'nginx.conf');
    await writeFile(config, nginxStaticConfig(folder, port, process.getuid?.() === 0));
    await saveSnapshot(snapshot, path.join(folder, 'files'));
    const child = spawn(findProgram('nginx') ?? 'nginx', ['-p', folder, '-c', config], { stdio: 'ignore' });
    // A missing program shows as a process that never answers.
    child.on('error', () => undefined);
    const origin = `http://127.0.0.1:${port}`;
    const copied = origin + new URL(url).pathname;
    const nginx = new NginxStatic({ child, folder, origin, url: copied, paths: pathsOf(snapshot.files) });
    try {
      await nginx.#waitUntilReady();
      return nginx;
    } catch (error) {
      await nginx[Symbol.asyncDispose]();
      throw error;
    }
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async paths(): Promise<HlsPaths> {
    return this.#paths;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await stopChild(this.#child);
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #waitUntilReady(): Promise<void> {
    const deadline = Date.now() + READY_TIMEOUT_MS;
    while (isChildRunning(this.#child) && Date.now() < deadline) {
      const answer = await fetch(this.url).catch(() => undefined);
      await answer?.arrayBuffer();
      if (answer?.ok) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const log = await readFile(path.join(this.#folder, 'error.log'), 'utf8').catch(() => 'no log');
    throw new Error(`nginx did not come up: ${log.slice(-2000)}`);
  }
}

/** For example `1.22.1`; undefined when it does not say. */
export async function nginxVersion(): Promise<string | undefined> {
  const { stderr } = await promisify(execFile)(findProgram('nginx') ?? 'nginx', ['-v']);
  return /nginx\/(\S+)/.exec(stderr)?.[1];
}
