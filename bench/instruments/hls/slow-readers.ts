// Many clients that ask for segments and take them a kilobyte a second: the server's memory while they hang on.
import path from 'node:path';
import { figureOf, type MeasurementGroup } from '../../measurement.ts';
import { pause } from '../../scenario.ts';
import type { SlowReadersMethods, SlowReadersState } from '../http/slow-readers.generator.ts';
import { GeneratorProcess } from '../load/generator-process.ts';
import { readProcess, treeResources } from '../process-tree.ts';
import type { HlsSubject } from './hls-subject.ts';

const MODULE = path.join(import.meta.dirname, '../http/slow-readers.generator.ts');
const LOOK_EVERY_MS = 500;
/** Requests of one reader: with segments of a stream at 2.5 Mbit/s more than both sockets' buffers hold. */
const REQUESTS_EACH = 150;
const MIB = 2 ** 20;

export interface SlowReadersOptions {
  readonly subject: HlsSubject;
  /** The server's process. */
  readonly pid: number;
  readonly readers: number;
  readonly seconds: number;
  readonly signal: AbortSignal;
  readonly progress: (text: string) => void;
}

/** Readers join evenly over the first half, so that they hold different segments; measures memory throughout. */
export async function measureSlowReaders(options: SlowReadersOptions): Promise<MeasurementGroup> {
  const { subject, pid, readers, seconds, signal, progress } = options;
  await using generator = await GeneratorProcess.start<SlowReadersMethods>(MODULE);
  const { hostname, port } = new URL(subject.origin);
  // The bench's own connections are open from here on.
  await subject.paths();
  const before = { mib: rssMiB(pid), connections: treeResources(pid).tcpConnected };
  const points: [number, number][] = [[0, before.mib]];
  let state: SlowReadersState = { received: 0 };
  let [joined, open] = [0, 0];
  const startedAt = performance.now();
  for (
    let elapsed = 0;
    elapsed < seconds && !signal.aborted;
    elapsed = (performance.now() - startedAt) / 1000
  ) {
    const due = Math.min(readers, Math.ceil((readers * elapsed * 2) / seconds));
    if (due > joined) {
      const { segment } = await subject.paths();
      const paths = Array.from(
        { length: REQUESTS_EACH },
        (_, index) => segment[index % segment.length] ?? '',
      );
      await generator.call('start', { host: hostname, port: Number(port), readers: due - joined, paths });
      joined = due;
    }
    await pause(LOOK_EVERY_MS, signal);
    state = await generator.call('state', undefined);
    open = Math.max(0, treeResources(pid).tcpConnected - before.connections);
    points.push([(performance.now() - startedAt) / 1000, rssMiB(pid)]);
    progress(`slow readers: ${open} of ${joined} hang on, memory ${points.at(-1)?.[1].toFixed(0)} MiB`);
  }
  return describe({ beforeMiB: before.mib, points, joined, open, received: state.received });
}

function describe(seen: {
  readonly beforeMiB: number;
  readonly points: readonly [number, number][];
  readonly joined: number;
  /** Connections the server still had at the end. */
  readonly open: number;
  readonly received: number;
}): MeasurementGroup {
  const { beforeMiB, points, joined, open, received } = seen;
  const grown = Math.max(...points.map(([, mib]) => mib)) - beforeMiB;
  return {
    key: 'slow-readers',
    title: `${joined} clients that take a kilobyte a second`,
    measurements: [
      figureOf({
        key: 'grown',
        title: 'memory of the server, grown at most',
        unit: 'MiB',
        better: 'lower',
        value: grown,
      }),
      figureOf({
        ...{ key: 'perReader', title: 'memory a slow client', unit: 'KiB', better: 'lower' },
        value: (grown * 1024) / Math.max(1, joined),
      }),
      figureOf({
        key: 'cut',
        title: 'cut off by the server',
        unit: '',
        better: 'neither',
        value: joined - open,
      }),
    ],
    series: [
      {
        ...{ key: 'slow-readers-memory', title: 'memory under slow clients' },
        ...{ x: { title: 'time', unit: 's' }, y: { title: 'memory of the server', unit: 'MiB' }, points },
      },
    ],
    notes: [
      `Each asked for ${REQUESTS_EACH} segments at once and took ${Math.round(received / 1024 / Math.max(1, joined))} KiB of them; the server still had ${open} of them at the end, and cuts off who needs longer than http.sendTimeoutMs (60 s) for one file.`,
      "Memory of the server's own process; what sockets hold in the kernel is not in it.",
    ],
  };
}

function rssMiB(pid: number): number {
  return (readProcess(pid)?.rssBytes ?? Number.NaN) / MIB;
}
