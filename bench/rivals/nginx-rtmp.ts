// nginx with nginx-rtmp as a rival in taking RTMP and offering HLS. Its configuration is the module's own
// example for HLS with what Barrage does by default: 2 s fragments, 8 of them listed. One worker process, as
// Barrage's ingest is one; files in memory (/dev/shm where there is one), as its guides advise and Barrage
// does; fragments are MPEG-TS, its only form. It makes no WebRTC, no fMP4, no parts, asks no key.
import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findFreePorts } from '../instruments/free-ports.ts';
import type { IngestStream, IngestTarget } from '../instruments/ingest/ingest-target.ts';
import { findProgram } from './rival.ts';
import { isChildRunning, stopChild } from './stop-child.ts';

const READY_TIMEOUT_MS = 10_000;
/** Where Debian puts it. */
export const NGINX_RTMP_MODULE = '/usr/lib/nginx/modules/ngx_rtmp_module.so';

/** Ports and folders of an instance. */
export interface NginxRtmpPlace {
  readonly folder: string;
  readonly hlsFolder: string;
  readonly rtmpPort: number;
  readonly httpPort: number;
}

/** The configuration; `asRoot` keeps the worker allowed to write into folders of ours. */
export function nginxRtmpConfig({ folder, hlsFolder, rtmpPort, httpPort }: NginxRtmpPlace, asRoot: boolean) {
  return `load_module ${NGINX_RTMP_MODULE};
daemon off;
${asRoot ? 'user root;\n' : ''}worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log warn;
events { worker_connections 8192; }
rtmp {
  server {
    listen 127.0.0.1:${rtmpPort};
    chunk_size 4096;
    application live {
      live on;
      hls on;
      hls_path ${hlsFolder};
      hls_fragment 2s;
      hls_playlist_length 16s;
    }
  }
}
http {
  access_log off;
  sendfile on;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  server {
    listen 127.0.0.1:${httpPort};
    location / { root ${hlsFolder}; types { application/vnd.apple.mpegurl m3u8; video/mp2t ts; } }
  }
}
`;
}

/** A running nginx. Whoever started it disposes of it. */
export class NginxRtmp implements IngestTarget {
  readonly rtmpPort: number;
  readonly #child: ChildProcess;
  readonly #place: NginxRtmpPlace;
  #opened = 0;

  private constructor(child: ChildProcess, place: NginxRtmpPlace) {
    this.#child = child;
    this.#place = place;
    this.rtmpPort = place.rtmpPort;
  }

  /** Starts one in folders of its own. @throws Error with its log when it does not come up. */
  static async start(): Promise<NginxRtmp> {
    const port = await findFreePorts(2);
    const folder = await mkdtemp(path.join(tmpdir(), 'barrage-bench-nginx-rtmp-'));
    const hlsFolder = await mkdtemp(path.join(memoryFolder(), 'barrage-bench-hls-'));
    const place = { folder, hlsFolder, rtmpPort: port, httpPort: port + 1 };
    const config = path.join(folder, 'nginx.conf');
    await writeFile(config, nginxRtmpConfig(place, process.getuid?.() === 0));
    const args = ['-p', folder, '-c', config];
    const child = spawn(findProgram('nginx') ?? 'nginx', args, { stdio: 'ignore' });
    // A missing program shows as a process that never answers.
    child.on('error', () => undefined);
    const nginx = new NginxRtmp(child, place);
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

  /** What it keeps on disk and in memory; gone when it is disposed of. */
  get folders(): readonly string[] {
    return [this.#place.folder, this.#place.hlsFolder];
  }

  async open(count: number): Promise<readonly IngestStream[]> {
    const { rtmpPort, httpPort } = this.#place;
    return Array.from({ length: count }, () => {
      const name = `ingest-${++this.#opened}`;
      return {
        name,
        publishUrl: `rtmp://127.0.0.1:${rtmpPort}/live/${name}`,
        playlistUrl: `http://127.0.0.1:${httpPort}/${name}.m3u8`,
      };
    });
  }

  /** It has no API for it that is switched on by default. */
  async findLive(): Promise<undefined> {
    return undefined;
  }

  async takeLoopDelayMs(): Promise<undefined> {
    return undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await stopChild(this.#child);
    for (const folder of this.folders) await rm(folder, { recursive: true, force: true });
  }

  async #waitUntilReady(): Promise<void> {
    const deadline = Date.now() + READY_TIMEOUT_MS;
    while (isChildRunning(this.#child) && Date.now() < deadline) {
      const answer = await fetch(`http://127.0.0.1:${this.#place.httpPort}/`).catch(() => undefined);
      await answer?.arrayBuffer();
      if (answer) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const log = await readFile(path.join(this.#place.folder, 'error.log'), 'utf8').catch(() => 'no log');
    throw new Error(`nginx did not come up: ${log.slice(-2000)}`);
  }
}

function memoryFolder(): string {
  try {
    accessSync('/dev/shm', constants.W_OK);
    return '/dev/shm';
  } catch {
    return tmpdir();
  }
}
