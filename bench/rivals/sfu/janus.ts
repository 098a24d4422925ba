// Janus with its streaming plugin as a server to be measured: a process of ours with a configuration of its
// own, fed with plain RTP. How viewers join it is janus-viewer.ts's.
//
// The configuration: Debian's defaults, but only the streaming plugin and the WebSocket transport are loaded,
// ICE is lite (as the SFU of this project is), logging is down to errors, and a fixed
// number of event loops (one a core) serves all viewers instead of one thread each, as Janus's documentation
// advises for many viewers. One RTP mountpoint a publisher; H.264 is handed on as it comes.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { availableParallelism, networkInterfaces, tmpdir } from 'node:os';
import path from 'node:path';
import { findFreePorts } from '../../instruments/free-ports.ts';
import { findProgram } from '../rival.ts';
import { isChildRunning, stopChild } from '../stop-child.ts';

const READY_TIMEOUT_MS = 15_000;
const OUTPUT_TAIL_CHARS = 4_000;
const LIBRARY_FOLDER = '/usr/lib';

/** What a report says of the configuration. */
export const JANUS_CONFIGURATION =
  "Janus: Debian's package and defaults; only the streaming plugin and the WebSocket transport loaded; ICE lite; one event loop a core (event_loops); one RTP mountpoint a publisher, H.264 handed on as it comes.";

/** A running Janus. Whoever started it disposes of it. */
export class JanusServer {
  /** The RTP port of each mountpoint, on loopback; mountpoints are numbered from 1. */
  readonly mountpointPorts: readonly number[];
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #socketPort: number;
  #output = '';

  private constructor(parts: { child: ChildProcess; folder: string; ports: readonly number[] }) {
    this.#child = parts.child;
    this.#folder = parts.folder;
    this.#socketPort = parts.ports[0] ?? 0;
    this.mountpointPorts = parts.ports.slice(1).filter((_, index) => index % 2 === 0);
    const keep = (chunk: Buffer) => {
      this.#output = (this.#output + chunk.toString()).slice(-OUTPUT_TAIL_CHARS);
    };
    this.#child.stdout?.on('data', keep);
    this.#child.stderr?.on('data', keep);
  }

  /** Starts it with so many mountpoints and waits until it takes connections. Throws with what it printed. */
  static async start(mountpoints: number): Promise<JanusServer> {
    // RTP and, unused but next to it, RTCP: two ports for each mountpoint.
    const first = await findFreePorts(1 + 2 * mountpoints);
    const ports = Array.from({ length: 1 + 2 * mountpoints }, (_, index) => first + index);
    const folder = await mkdtemp(path.join(tmpdir(), 'bench-janus-'));
    await writeConfiguration(folder, ports);
    const program = findProgram('janus') ?? 'janus';
    const child = spawn(program, ['-F', path.join(folder, 'etc'), '-o'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const server = new JanusServer({ child, folder, ports });
    try {
      await server.#waitUntilReady();
      return server;
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get running(): boolean {
    return isChildRunning(this.#child);
  }

  /** What viewers of a mountpoint (1 is the first) are given to join. */
  viewerPlace(mountpoint: number): string {
    return `ws://127.0.0.1:${this.#socketPort}/#${mountpoint}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await stopChild(this.#child);
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #waitUntilReady(): Promise<void> {
    const deadline = Date.now() + READY_TIMEOUT_MS;
    while (this.running && Date.now() < deadline) {
      if (await takesConnections(this.#socketPort)) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`Janus ${this.running ? 'is not ready' : 'ended'}; its output:\n${this.#output}`);
  }
}

async function takesConnections(port: number): Promise<boolean> {
  const socket = createConnection(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function writeConfiguration(folder: string, ports: readonly number[]): Promise<void> {
  const etc = path.join(folder, 'etc');
  await mkdir(etc);
  const [socketPort = 0, ...mediaPorts] = ports;
  const rtpPorts = mediaPorts.filter((_, index) => index % 2 === 0);
  await Promise.all([
    writeFile(path.join(etc, 'janus.jcfg'), generalConfiguration(etc)),
    writeFile(path.join(etc, 'janus.transport.websockets.jcfg'), socketConfiguration(socketPort)),
    writeFile(path.join(etc, 'janus.plugin.streaming.jcfg'), rtpPorts.map(mountpoint).join('\n')),
  ]);
}

function generalConfiguration(etc: string): string {
  const machine = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';
  const modules = `${LIBRARY_FOLDER}/${machine}/janus`;
  return `general: {
  configs_folder = "${etc}"
  plugins_folder = "${modules}/plugins"
  transports_folder = "${modules}/transports"
  debug_level = 2
  event_loops = ${availableParallelism()}
}
nat: {
  ice_lite = true
  ice_tcp = false
  ice_enforce_list = "${ownAddress()}"
  ignore_mdns = true
}
media: {
  ipv6 = false
}
plugins: {
  disable = "${['audiobridge', 'duktape', 'echotest', 'lua', 'nosip', 'recordplay', 'sip', 'textroom', 'videocall', 'videoroom', 'voicemail'].map((name) => `libjanus_${name}.so`).join(',')}"
}
transports: {
  disable = "libjanus_http.so,libjanus_mqtt.so,libjanus_nanomsg.so,libjanus_pfunix.so,libjanus_rabbitmq.so"
}
`;
}

/** Janus gathers no loopback candidates: viewers reach it at an address of this machine, still within the kernel. */
function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const own = all.find(({ family, internal }) => family === 'IPv4' && !internal);
  if (!own) throw new Error('Janus needs a network interface with an IPv4 address besides loopback');
  return own.address;
}

function socketConfiguration(port: number): string {
  return `general: {
  json = "compact"
  ws = true
  ws_port = ${port}
  ws_ip = "127.0.0.1"
}
admin: {
  admin_ws = false
}
`;
}

function mountpoint(port: number, index: number): string {
  return `stream${index + 1}: {
  type = "rtp"
  id = ${index + 1}
  audio = false
  video = true
  videoport = ${port}
  videoiface = "127.0.0.1"
  videopt = 96
  videocodec = "h264"
  videofmtp = "profile-level-id=42e01f;packetization-mode=1"
  secret = "bench"
}
`;
}
