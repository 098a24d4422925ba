// mosquitto as a fan-out server: MQTT over WebSocket, one topic, QoS 0, which is what a chat on it would use.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { FanoutServer } from '../../instruments/fanout/fanout-server.ts';
import { findFreePorts } from '../../instruments/free-ports.ts';
import { findProgram } from '../rival.ts';
import { stopChild } from '../stop-child.ts';

const START_TIMEOUT_MS = 10_000;
const POLL_MS = 50;

/**
 * Its configuration: nothing is stored or logged, small packets are not held back, and the bounds that would end
 * connections or leave messages out below its knee are lifted.
 */
export function mosquittoConfiguration(port: number): string {
  return [
    // 2.0.11 refuses to start with WebSocket listeners alone; this one is not used.
    `listener ${port + 1} 127.0.0.1`,
    `listener ${port} 127.0.0.1`,
    'protocol websockets',
    'allow_anonymous true',
    'persistence false',
    'log_type none',
    'max_connections -1',
    'max_queued_messages 0',
    'set_tcp_nodelay true',
    // As root it would become another user, who may not read the folder of this run.
    ...(process.getuid?.() === 0 ? ['user root'] : []),
    '',
  ].join('\n');
}

/** Starts it; throws when it does not listen in time. */
export async function startMosquitto(): Promise<FanoutServer> {
  const program = findProgram('mosquitto') ?? 'mosquitto';
  const port = await findFreePorts(2);
  const folder = await mkdtemp(path.join(tmpdir(), 'barrage-bench-mosquitto-'));
  const file = path.join(folder, 'mosquitto.conf');
  const configuration = mosquittoConfiguration(port);
  await writeFile(file, configuration);
  const child = spawn(program, ['-c', file], { stdio: ['ignore', 'ignore', 'ignore'] });
  const stop = async () => {
    await stopChild(child);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await once(child, 'spawn');
    await waitForPort(port, () => child.exitCode !== null);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    target: { dialect: 'mqtt', url: `ws://127.0.0.1:${port}/mqtt` },
    pid: child.pid,
    batches: false,
    confirms: false,
    version: { program: 'mosquitto', version: versionOf(program) },
    configuration: `MQTT 3.1.1 over WebSocket, QoS 0, one topic; mosquitto.conf: ${configuration.trim().replaceAll('\n', '; ')}.`,
    [Symbol.asyncDispose]: stop,
  };
}

async function waitForPort(port: number, hasEnded: () => boolean): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (!(await canConnect(port))) {
    if (hasEnded()) throw new Error('mosquitto ended at once: run it with the configuration to see why');
    if (performance.now() > deadline) throw new Error('mosquitto does not listen');
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' });
    socket.once('connect', () => socket.end(() => resolve(true)));
    socket.once('error', () => resolve(false));
  });
}

/** Its help names the version in the first line and exits with an error code. */
function versionOf(program: string): string {
  try {
    execFileSync(program, ['-h'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch (error) {
    return /version (\S+)/.exec((error as { stdout?: string }).stdout ?? '')?.[1] ?? 'unknown';
  }
  return 'unknown';
}
