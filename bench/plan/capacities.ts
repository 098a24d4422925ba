// What one core, or one viewer, was measured to carry or take: picked from reports, with where each figure comes
// from. Never made up: what no report holds is not measured.
import type { RunReport } from '../report/run-report.ts';
import { BARRAGE } from '../scenario.ts';
import { readTargets, type Target } from '../targets.ts';

/** Where a capacity is found, and the target that may stand in for it. */
interface CapacitySpec {
  readonly title: string;
  /** Canonical unit, which plans calculate in. */
  readonly unit: string;
  /** `SCENARIO/GROUPKEY/MEASUREMENTKEY`; null while no scenario measures it. */
  readonly figure: string | null;
  /** What the scenario must be asked for to measure it, when its defaults do not. */
  readonly options?: string;
  /** Its goal is used instead with `--assume-targets`. */
  readonly target?: string;
}

export const CAPACITIES = {
  sfuPackets: {
    title: 'RTP packets a second and core',
    unit: '1/s',
    figure: 'sfu/knee/packetsPerCore',
    target: 'sfu-packets',
  },
  sfuBits: {
    title: 'RTP bits a second and core',
    unit: 'bit/s',
    figure: 'sfu/knee/gbitPerCore',
    target: 'sfu-bits',
  },
  dcFrames: {
    title: 'data-channel frames a second and core',
    unit: '1/s',
    figure: 'danmaku/datachannel/frames-per-core',
    options: '--transport websocket,datachannel',
    target: 'dc-frames',
  },
  dcEvents: {
    title: 'data-channel events a second and core',
    unit: '1/s',
    figure: 'danmaku/datachannel/events-per-core',
    options: '--transport websocket,datachannel',
    target: 'dc-events',
  },
  wsFrames: {
    title: 'WebSocket frames a second and core',
    unit: '1/s',
    figure: 'danmaku/websocket/frames-per-core',
    target: 'ws-frames',
  },
  wsEvents: {
    title: 'WebSocket events a second and core',
    unit: '1/s',
    figure: 'danmaku/websocket/events-per-core',
    target: 'ws-events',
  },
  hlsPlaylists: { title: 'HLS playlists a second and core', unit: '1/s', figure: 'hls/playlist/perCore' },
  hlsSegments: { title: 'HLS segments a second and core', unit: '1/s', figure: 'hls/segment/perCore' },
  hlsBits: { title: 'HLS bits a second and core', unit: 'bit/s', figure: 'hls/segment/mbpsPerCore' },
  danmakuIn: {
    title: 'danmaku accepted a second and core',
    unit: '1/s',
    figure: 'danmaku/commands/accepted-per-core',
    target: 'danmaku-in',
  },
  streams: { title: 'streams with a ladder a core', unit: 'streams', figure: 'ingest/ladder/streamsPerCore' },
  wsMemory: {
    title: 'memory of a WebSocket viewer',
    unit: 'bytes',
    figure: 'danmaku/idle/memory-per-viewer',
    target: 'ws-memory',
  },
  webrtcMemory: { title: 'memory of a WebRTC viewer', unit: 'bytes', figure: null },
} as const satisfies Record<string, CapacitySpec>;

export type CapacityName = keyof typeof CAPACITIES;

/** A capacity's value in its canonical unit with where it comes from, or why there is none. */
export type Capacity =
  | { readonly state: 'measured' | 'assumed'; readonly value: number; readonly source: string }
  | { readonly state: 'not measured'; readonly source: string };

export type Capacities = Readonly<Record<CapacityName, Capacity>>;

/** A report and the file it was read from. */
export interface ReportFile {
  readonly file: string;
  readonly report: RunReport;
}

/** Of each capacity the newest measurement; with `assumeTargets` goals stand in for those without one. */
export function findCapacities(
  files: readonly ReportFile[],
  options: { readonly assumeTargets: boolean },
): Capacities {
  const targets = readTargets();
  const newestFirst = [...files].sort((a, b) => b.report.startedAt.localeCompare(a.report.startedAt));
  const entries = Object.entries(CAPACITIES).map(([name, spec]: [string, CapacitySpec]) => {
    const measured = newestFirst.map((file) => measuredIn(file, spec)).find((one) => one !== undefined);
    return [name, measured ?? unmeasured(spec, options.assumeTargets ? targets : [])];
  });
  return Object.fromEntries(entries) as Capacities;
}

function measuredIn({ file, report }: ReportFile, spec: CapacitySpec): Capacity | undefined {
  const [scenario, groupKey, key] = (spec.figure ?? '').split('/');
  if (scenario !== report.scenario) return undefined;
  const values = report.groups
    .filter((group) => group.subject === BARRAGE && group.key === groupKey)
    .flatMap(({ measurements }) => measurements.filter((one) => one.key === key))
    .map((one) => (one.kind === 'figure' ? one.value : one.summary.mean) * factor(one.unit, spec.unit))
    .filter((value) => Number.isFinite(value) && value > 0);
  if (values.length === 0) return undefined;
  const value = values.reduce((sum, one) => sum + one, 0) / values.length;
  return { state: 'measured', value, source: describeSource(file, report, values.length) };
}

function describeSource(file: string, report: RunReport, count: number): string {
  const { cores, cpu, commit } = report.machine;
  const run = [
    report.scenario,
    ...(report.options['quick'] === true ? ['quick'] : []),
    ...(report.finished === 'complete' ? [] : [report.finished]),
    ...(count > 1 ? [`mean of ${count}`] : []),
  ].join(', ');
  return `${file} (${run}; ${report.startedAt.slice(0, 10)}; ${cores} cores of ${cpu}; commit ${commit})`;
}

function unmeasured(spec: CapacitySpec, targets: readonly Target[]): Capacity {
  const target = targets.find(({ id }) => id === spec.target);
  if (target) {
    const value = target.goal.value * factor(target.goal.unit, spec.unit);
    return { state: 'assumed', value, source: `NOT MEASURED, the target ${target.id} assumed instead` };
  }
  const command = [spec.figure?.split('/')[0], spec.options].filter(Boolean).join(' ');
  const remedy = command === '' ? 'no scenario measures it yet' : `run \`npm run bench -- ${command}\``;
  return { state: 'not measured', source: `not measured: ${remedy}` };
}

/** Units that scenarios report in, as so many canonical ones. */
const FACTORS: Readonly<Record<string, readonly [canonical: string, factor: number]>> = {
  '1/s': ['1/s', 1],
  'requests/s': ['1/s', 1],
  'Gbit/s': ['bit/s', 1e9],
  'Mbit/s': ['bit/s', 1e6],
  'bit/s': ['bit/s', 1],
  bytes: ['bytes', 1],
  KB: ['bytes', 1e3],
  KiB: ['bytes', 1024],
  MB: ['bytes', 1e6],
  MiB: ['bytes', 2 ** 20],
  streams: ['streams', 1],
};

/** NaN when the units do not fit, so that the figure is not used. */
function factor(from: string, to: string): number {
  const [canonical, value] = FACTORS[from] ?? [from, Number.NaN];
  return canonical === to ? value : Number.NaN;
}
