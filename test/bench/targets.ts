// targets.json itself, and verdicts on runs that are made up.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import t from 'tap';
import { SCENARIOS } from '../../bench/all-scenarios.ts';
import { figureOf, latencyOf, type Measurement } from '../../bench/measurement.ts';
import { type RunReport, toGroupData } from '../../bench/report/run-report.ts';
import { countReached, verdictRows } from '../../bench/report/verdict-table.ts';
import { describeGoal, readTargets, type Target, verdicts } from '../../bench/targets.ts';

interface Measured {
  readonly subject?: string;
  readonly repetition?: number;
  readonly key?: string;
  readonly measurements: readonly Measurement[];
  readonly utilization?: number;
}

function reportOf(...measured: readonly Measured[]): RunReport {
  const groups = measured.map(
    ({ subject = 'barrage', repetition = 1, key = 'knee', utilization, measurements }) => {
      const generator = utilization === undefined ? {} : { generator: { utilization, delayP99Ms: 1 } };
      return toGroupData({ key, title: key, measurements, notes: [], ...generator }, subject, repetition);
    },
  );
  const subjects = [{ name: 'barrage', state: 'measured' }];
  return { scenario: 'hls', options: {}, groups, subjects } as unknown as RunReport;
}

function rate(value: number): Measurement {
  return figureOf({ key: 'rate', title: 'rate', unit: '1/s', better: 'higher', value });
}

function target(goal: Partial<Target['goal']>, measuredBy = 'hls/knee/rate'): Target {
  const said = { id: 'one', title: 'One', says: 'nothing', source: 'nobody', measuredBy };
  return { ...said, goal: { op: '>=', value: 100, unit: '1/s', ...goal } };
}

function judge(report: RunReport, one: Target) {
  const [verdict] = verdicts(report, [one]);
  if (!verdict) throw new Error('no verdict');
  return verdict;
}

t.test('every target that is measured refers to a figure its scenario declares', async (t) => {
  const declared = SCENARIOS.flatMap(({ name, figures = [] }) =>
    figures.map((figure) => `${name}/${figure.replace(/:.*/, '')}`),
  );
  for (const { id, measuredBy } of readTargets()) {
    if (measuredBy === null) continue;
    t.ok(declared.includes(measuredBy.replace(/:.*/, '')), `${id}: ${measuredBy}`);
  }
});

t.test('a goal is reached at its very value, and missed with how far off', async (t) => {
  t.match(judge(reportOf({ measurements: [rate(100)] }), target({})), {
    state: 'reached',
    value: 100,
    detail: '',
  });
  t.match(judge(reportOf({ measurements: [rate(75)] }), target({})), {
    state: 'missed',
    detail: '25% below the goal',
  });
  t.match(judge(reportOf({ measurements: [rate(104.2)] }), target({ op: '<=' })), {
    state: 'missed',
    detail: '4.2% above the goal',
  });
  t.match(judge(reportOf({ measurements: [rate(3)] }), target({ op: '=', value: 0 })), {
    state: 'missed',
    detail: 'off by 3',
  });
});

t.test('a percentile of a distribution is judged, a mean where none is named', async (t) => {
  const values = Array.from({ length: 100 }, (_, index) => index + 1);
  const report = reportOf({ measurements: [latencyOf('rate', 'delay', values)] });
  t.equal(judge(report, target({ op: '<=', unit: 'ms' }, 'hls/knee/rate:p99')).value, 99);
  t.equal(judge(report, target({ op: '<=', unit: 'ms' })).value, 50.5);
});

t.test('repetitions are averaged; of several groups the worst counts', async (t) => {
  const report = reportOf(
    { measurements: [rate(90)] },
    { measurements: [rate(110)], repetition: 2 },
    { measurements: [rate(300)], key: 'other' },
  );
  t.match(judge(report, target({}, 'hls/*/rate')), { value: 100, state: 'reached' });
  t.match(judge(report, target({ op: '<=' }, 'hls/*/rate')), { value: 300, state: 'missed' });
});

t.test("a ratio needs the rival's figure of the same run", async (t) => {
  const goal = { value: 0.5, unit: 'ratio', against: 'nginx' };
  t.match(judge(reportOf({ measurements: [rate(50)] }), target(goal)), {
    state: 'not measured',
    detail: 'nginx has no hls/knee/rate in this run',
  });
  const both = reportOf({ measurements: [rate(60)] }, { measurements: [rate(100)], subject: 'nginx' });
  t.match(judge(both, target(goal)), { state: 'reached', value: 0.6 });
  t.equal(describeGoal(target(goal).goal), '>= 0.5 of nginx');
});

t.test('a figure in another unit, or none, is no verdict', async (t) => {
  t.match(judge(reportOf({ measurements: [rate(1)] }), target({ unit: 'kpps' })), {
    state: 'not measured',
    detail: 'reported in 1/s, the goal is in kpps',
  });
  t.match(judge(reportOf(), target({})), { state: 'not measured' });
  t.same(
    verdicts({ ...reportOf(), scenario: 'sfu' }, [target({})]),
    [],
    'of other scenarios nothing is said',
  );
});

t.test('a run that was cut off gives no verdict, whatever it had measured', async (t) => {
  const report = reportOf({ measurements: [rate(500)] });
  const cut = { ...report, subjects: [{ name: 'barrage', state: 'interrupted' }] } as const;
  t.match(judge(cut, target({})), { state: 'not measured', detail: 'the run was not finished; so far 500' });
});

t.test('a quick run, and a saturated generator, are held against the verdict', async (t) => {
  const quick = { ...reportOf({ measurements: [rate(100)] }), options: { quick: true } };
  t.match(judge(quick, target({})), { state: 'reached', detail: 'a quick run' });
  const verdict = judge(reportOf({ measurements: [rate(50)], utilization: 0.99 }), target({}));
  t.equal(verdict.detail, '50% below the goal; the load generator was saturated');
  t.match(verdictRows([verdict]), [['One', '>= 100 1/s', '50', /^missed: 50% below/, 'nothing']]);
  t.equal(countReached([verdict]), '0 of 1 reached');
});

t.test('a file of targets with a mistake is refused with the place', async (t) => {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'targets-')), 'targets.json');
  writeFileSync(file, JSON.stringify([{ ...target({}), measuredBy: 'hls/knee/rate:p42' }]));
  t.throws(() => readTargets(file), /measuredBy/);
  writeFileSync(file, JSON.stringify([target({}), target({})]));
  t.throws(() => readTargets(file), /every id once/);
});
