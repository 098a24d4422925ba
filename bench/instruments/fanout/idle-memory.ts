// What a viewer who is only there costs in memory: the server's resident memory before and after many of them came.
import { setTimeout } from 'node:timers/promises';
import { figureOf, type MeasurementGroup } from '../../measurement.ts';
import { readProcess } from '../process-tree.ts';
import type { FanoutLoad } from './fanout-load.ts';
import type { FanoutServer } from './fanout-server.ts';

const BYTES_PER_KB = 1000;
const BYTES_PER_MB = 1e6;

export interface IdleMemoryOptions {
  readonly viewers: number;
  /** Wait before each reading, ms: V8 gives back what joining used up only after some ten seconds of quiet. */
  readonly settleMs: number;
}

/**
 * Joins `viewers`, reads, joins as many again and reads again; undefined for a server elsewhere. The first half is
 * there because a program's memory grows in steps that belong to no viewer: compiled code, the young generation of
 * a garbage collector. They stay.
 */
export async function measureIdleMemory(
  server: FanoutServer,
  load: FanoutLoad,
  { viewers, settleMs }: IdleMemoryOptions,
): Promise<MeasurementGroup | undefined> {
  const { pid } = server;
  if (pid === undefined) return undefined;
  const residentBytes = async () => {
    await setTimeout(settleMs);
    return readProcess(pid)?.rssBytes ?? Number.NaN;
  };
  await load.joinViewers(viewers);
  const before = await residentBytes();
  const startedAt = performance.now();
  await load.joinViewers(2 * viewers);
  const joinSeconds = (performance.now() - startedAt) / 1000;
  const after = await residentBytes();
  const perViewer = (after - before) / viewers / BYTES_PER_KB;
  return {
    key: 'idle',
    title: `${viewers} idle WebSocket viewers`,
    measurements: [
      figureOf({
        key: 'memory-per-viewer',
        title: 'memory per idle viewer',
        unit: 'KB',
        better: 'lower',
        value: perViewer,
      }),
      figureOf({
        key: 'joins',
        title: 'viewers joined a second',
        unit: '1/s',
        better: 'higher',
        value: viewers / joinSeconds,
      }),
    ],
    notes: [
      `Resident memory of the server's own process: ${megabytes(before)} MB with ${viewers} viewers, ${megabytes(after)} MB with as many again, ${settleMs / 1000} s after the last came. What the kernel holds for sockets is not in it.`,
    ],
  };
}

function megabytes(bytes: number): string {
  return (bytes / BYTES_PER_MB).toFixed(0);
}
