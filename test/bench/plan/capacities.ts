// Which figure of which report a plan takes; and that each refers to one that a scenario declares.
import t from 'tap';
import { SCENARIOS } from '../../../bench/all-scenarios.ts';
import { CAPACITIES, findCapacities, type ReportFile } from '../../../bench/plan/capacities.ts';
import type { RunReport } from '../../../bench/report/run-report.ts';
import { readTargets } from '../../../bench/targets.ts';

const specs = Object.values(CAPACITIES) as readonly { figure: string | null; target?: string }[];

function reportFile(file: string, startedAt: string, values: readonly number[]): ReportFile {
  const [scenario = '', key = '', measurement = ''] = CAPACITIES.sfuPackets.figure.split('/');
  const one = { kind: 'figure', key: measurement, title: '', unit: '1/s', better: 'higher' };
  const groups = values.map((value) => ({ subject: 'barrage', key, measurements: [{ ...one, value }] }));
  const rival = { subject: 'janus', key, measurements: [{ ...one, value: 1 }] };
  const machine = { cores: 2, cpu: 'Test CPU', commit: 'abc' };
  const report = {
    scenario,
    startedAt,
    finished: 'complete',
    options: {},
    machine,
    groups: [...groups, rival],
  };
  return { file, report: report as unknown as RunReport };
}

t.test(
  'each capacity refers to a figure that a scenario declares, and to a target that exists',
  async (t) => {
    const declared = SCENARIOS.flatMap(({ name, figures = [] }) =>
      figures.map((figure) => `${name}/${figure}`),
    );
    const targets = readTargets().map(({ id }) => id);
    for (const { figure, target } of specs) {
      if (figure !== null) t.ok(declared.includes(figure), figure);
      if (target !== undefined) t.ok(targets.includes(target), target);
    }
  },
);

t.test('the newest report is taken, with its mean over repetitions and where it comes from', async (t) => {
  const files = [
    reportFile('new.json', '2026-11-22', [80_000, 100_000]),
    reportFile('old.json', '2026-11-21', [5]),
  ];
  const { sfuPackets } = findCapacities(files, { assumeTargets: true });
  t.match(sfuPackets, { state: 'measured', value: 90_000 });
  t.match(sfuPackets.source, /^new\.json \(.*mean of 2; 2026-11-22; 2 cores of Test CPU; commit abc\)$/);
});

t.test('what no report holds is not measured, or a target when that was asked for', async (t) => {
  t.match(findCapacities([], { assumeTargets: false }).dcFrames, {
    state: 'not measured',
    source: /npm run bench -- danmaku --transport websocket,datachannel/,
  });
  const assumed = findCapacities([], { assumeTargets: true });
  t.match(assumed.dcFrames, { state: 'assumed', value: 35_000, source: /NOT MEASURED.*dc-frames/ });
  t.match(assumed.sfuBits, { value: 0.65e9 }, 'in bits, whatever unit the target has');
  t.match(assumed.hlsSegments, { state: 'not measured' }, 'no target says it');
});
