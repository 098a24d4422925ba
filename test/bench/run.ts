// A run of a scenario that is made up: order, repetitions, missing rivals, failures, interruption.
import t from 'tap';
import { figureOf } from '../../bench/measurement.ts';
import type { Rival } from '../../bench/rivals/rival.ts';
import { type RunSettings, runScenario } from '../../bench/run.ts';
import type { Scenario, ScenarioContext } from '../../bench/scenario.ts';

function scenarioThat(run: (context: ScenarioContext) => void): Scenario {
  return {
    ...{ name: 'made-up', summary: '', options: {}, help: {}, rivals: ['here', 'gone'] },
    checkOptions: () => undefined,
    run: async (context) => run(context),
  };
}

function rival(name: string, missing?: string): Rival {
  return { name, title: name, install: `apt-get install ${name}`, findMissing: () => missing };
}

function settings(over: Partial<RunSettings> = {}): RunSettings {
  const quiet = { progress: () => undefined, signal: new AbortController().signal };
  return { options: {}, quick: true, repetitions: 1, against: [], ...quiet, ...over };
}

function reportOne(context: ScenarioContext): void {
  const figure = figureOf({ key: 'rate', title: 'rate', unit: '1/s', better: 'higher', value: 1 });
  context.report({ key: 'all', title: 'all', measurements: [figure], notes: [] });
}

t.test('subjects take turns, in the opposite order every other time', async (t) => {
  const { groups, finished } = await runScenario(
    scenarioThat(reportOne),
    settings({ repetitions: 2, against: [rival('here')] }),
  );
  t.equal(finished, 'complete');
  t.same(
    groups.map(({ subject, repetition }) => `${subject} ${repetition}`),
    ['barrage 1', 'here 1', 'here 2', 'barrage 2'],
  );
});

t.test('a rival that is missing is said with how to install it, and the run goes on', async (t) => {
  const report = await runScenario(
    scenarioThat(reportOne),
    settings({ against: [rival('gone', 'no program "gone"')] }),
  );
  t.equal(report.finished, 'complete');
  t.match(report.subjects, [
    { name: 'barrage', state: 'measured' },
    { name: 'gone', state: 'missing', detail: /gone is missing: no program "gone".*apt-get install gone/ },
  ]);
});

t.test('one that fails is not tried again, keeps what it handed in, and fails the run', async (t) => {
  let calls = 0;
  const scenario = scenarioThat((context) => {
    calls++;
    reportOne(context);
    throw new Error('it broke');
  });
  const report = await runScenario(scenario, settings({ repetitions: 3 }));
  t.match(report, { finished: 'failed', subjects: [{ state: 'failed', detail: 'it broke' }] });
  t.equal(calls, 1);
  t.equal(report.groups.length, 1);
});

t.test('an interrupted run says so and keeps what there was', async (t) => {
  const controller = new AbortController();
  const scenario = scenarioThat((context) => {
    reportOne(context);
    controller.abort();
    throw new Error('cut off');
  });
  const report = await runScenario(
    scenario,
    settings({ repetitions: 2, against: [rival('here')], signal: controller.signal }),
  );
  t.match(report, {
    finished: 'interrupted',
    subjects: [
      { name: 'barrage', state: 'interrupted' },
      { name: 'here', state: 'interrupted' },
    ],
  });
  t.equal(report.groups.length, 1);
});
