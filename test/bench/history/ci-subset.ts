// The one test of speed: danmaku delivered per CPU second, as a ratio to a plain `ws` loop measured in turn with
// it, against the committed baseline. Ratios and CPU time hold on any machine, a busy one too.
import t from 'tap';
import { CI_BASELINE, CI_REPETITIONS, judgeCiRun, runCiSubset } from '../../../bench/history/ci-subset.ts';
import { readReport } from '../../../bench/report/read-report.ts';
import { type RunReport, repetitionsOf } from '../../../bench/report/run-report.ts';

/** The first repetitions of a run, with what Barrage delivered multiplied. */
function slowed(report: RunReport, factor: number): RunReport {
  const groups = report.groups
    .filter(({ repetition }) => repetition <= CI_REPETITIONS)
    .map((group) => ({
      ...group,
      measurements: group.measurements.map((one) =>
        one.kind === 'figure' && group.subject === 'barrage' ? { ...one, value: one.value * factor } : one,
      ),
    }));
  return { ...report, groups };
}

t.test('the baseline is steady enough to show half the throughput, and no less', async (t) => {
  const baseline = readReport(CI_BASELINE);
  t.ok(repetitionsOf(baseline) > CI_REPETITIONS);
  t.same(judgeCiRun(slowed(baseline, 1)).failures, []);
  t.same(judgeCiRun(slowed(baseline, 0.85)).failures, [], 'what a busy machine may do');
  t.match(judgeCiRun(slowed(baseline, 0.5)).failures, [
    /events delivered per CPU second.*less.*beyond noise/,
  ]);
});

t.test('a subject that could not be measured fails it', async (t) => {
  const baseline = readReport(CI_BASELINE);
  const subjects = [{ name: 'ws-batched', state: 'missing', detail: 'no package "ws"' } as const];
  const groups = baseline.groups.filter(({ subject }) => subject === 'barrage');
  t.match(judgeCiRun({ ...baseline, subjects, groups }).failures, [/ws-batched missing: no package/]);
});

t.test('danmaku are delivered at the CPU they were delivered at before', async (t) => {
  const signal = AbortSignal.timeout(100_000);
  const report = await runCiSubset({ repetitions: CI_REPETITIONS, signal, progress: () => undefined });
  const { comparison, failures } = judgeCiRun(report);
  for (const { title, old, new: now, change } of comparison.changes) {
    const [low, high] = [change.interval?.low ?? Number.NaN, change.interval?.high ?? Number.NaN];
    t.comment(
      `${title}: ${now.toFixed(2)} after ${old.toFixed(2)}, change ${low.toFixed(2)} to ${high.toFixed(2)}`,
    );
  }
  t.equal(report.finished, 'complete');
  t.same(failures, []);
});
