// Rivals that are Node programs: each runs as a process of its own and ends with the bench.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { DialectName } from '../../instruments/fanout/crowd-methods.ts';
import type { FanoutServer } from '../../instruments/fanout/fanout-server.ts';

const START_TIMEOUT_MS = 20_000;

export interface NodeRivalOptions {
  /** Module beside this one, which sends `{ port }` once it listens. */
  readonly module: string;
  readonly args?: readonly string[];
  /** npm package, for its version. */
  readonly package: string;
  readonly dialect: DialectName;
  /** Path and query of the WebSocket. */
  readonly urlPath: string;
  readonly batches: boolean;
  readonly configuration: string;
}

/** Starts it; throws when it does not listen in time. */
export async function startNodeRival(options: NodeRivalOptions): Promise<FanoutServer> {
  const child = fork(path.join(import.meta.dirname, options.module), [...(options.args ?? [])], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };
  try {
    const [{ port }] = (await once(child, 'message', { signal: AbortSignal.timeout(START_TIMEOUT_MS) })) as [
      { port: number },
    ];
    return {
      target: { dialect: options.dialect, url: `ws://127.0.0.1:${port}${options.urlPath}` },
      pid: child.pid,
      batches: options.batches,
      confirms: true,
      version: { program: options.package, version: packageVersion(options.package) },
      configuration: options.configuration,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw new Error(`${options.module} did not start`, { cause: error });
  }
}

function packageVersion(name: string): string {
  const file = path.join(import.meta.dirname, '../../../node_modules', name, 'package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
