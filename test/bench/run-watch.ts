// What ends a measurement early, on scenarios that are made up: each says so and leaves no process.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import t from 'tap';
import { readProcess } from '../../bench/instruments/process-tree.ts';
import { serverEnded } from '../../bench/instruments/server-under-test.ts';
import { figureOf } from '../../bench/measurement.ts';
import { type RunSettings, runScenario } from '../../bench/run.ts';
import type { Scenario, ScenarioContext } from '../../bench/scenario.ts';

function scenarioThat(run: (context: ScenarioContext) => Promise<void>): Scenario {
  return {
    ...{ name: 'made-up', summary: '', options: {}, help: {}, rivals: [] },
    checkOptions: () => undefined,
    run,
  };
}

function settings(over: Partial<RunSettings> = {}): RunSettings {
  const quiet = { progress: () => undefined, signal: new AbortController().signal };
  return { options: {}, quick: true, repetitions: 1, against: [], ...quiet, ...over };
}

function reportOne(context: ScenarioContext): void {
  const figure = figureOf({ key: 'rate', title: 'rate', unit: '1/s', better: 'higher', value: 1 });
  context.report({ key: 'all', title: 'all', measurements: [figure], notes: [] });
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}

t.test('a time limit ends a measurement, which has then failed, and keeps what there is', async (t) => {
  const scenario = scenarioThat(async (context) => {
    reportOne(context);
    await aborted(context.signal);
    throw new Error('cut off');
  });
  const report = await runScenario(scenario, settings({ timeLimitMs: 50, repetitions: 3 }));
  t.match(report, {
    finished: 'failed',
    subjects: [{ state: 'failed', detail: 'not done within the time limit of 0.05 s (--time-limit)' }],
  });
  t.equal(report.groups.length, 1);
});

t.test('a scenario that does not end when it is told to is cut off, with its processes', async (t) => {
  let child: ChildProcess | undefined;
  let late: ScenarioContext | undefined;
  const scenario = scenarioThat(async (context) => {
    late = context;
    child = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
    await new Promise(() => undefined);
  });
  const report = await runScenario(scenario, settings({ timeLimitMs: 300, cleanUpMs: 50 }));
  t.match(report.subjects, [
    {
      state: 'failed',
      detail: /time limit.*cut off; it left processes behind, which were ended: sleep \(\d+\)/,
    },
  ]);
  if (late) reportOne(late);
  t.equal(report.groups.length, 0, 'what comes later is not part of the report');
  if (child?.signalCode === null) await once(child, 'exit');
  t.equal(child?.signalCode, 'SIGKILL');
});

t.test('a grandchild whose parent is gone is found and ended', async (t) => {
  let orphan = 0;
  const scenario = scenarioThat(async () => {
    const shell = spawn('sh', ['-c', 'setsid sleep 600 >/dev/null 2>&1 & echo $!'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [said] = (await once(shell.stdout, 'data')) as [Buffer];
    orphan = Number(said);
    if (shell.exitCode === null) await once(shell, 'exit');
  });
  const { subjects } = await runScenario(scenario, settings());
  t.match(subjects, [{ state: 'measured', detail: /left processes behind.*sleep/ }]);
  t.equal(readProcess(orphan), undefined);
});

t.test('processes that were there before are not its to end', async (t) => {
  const before = spawn('sleep', ['600'], { stdio: 'ignore' });
  t.teardown(() => before.kill('SIGKILL'));
  const { subjects } = await runScenario(
    scenarioThat(async (context) => reportOne(context)),
    settings(),
  );
  t.match(subjects, [{ name: 'barrage', state: 'measured' }]);
  t.notMatch(
    subjects[0]?.detail ?? '',
    'processes',
    'others may be busy on the machine, but nothing was left',
  );
  t.equal(before.signalCode, null);
});

t.test('the death of the server is the cause of whatever fails after it', async (t) => {
  const scenario = scenarioThat(async (context) => {
    serverEnded.publish('the server under test ended in the middle of the run (SIGKILL)');
    await aborted(context.signal);
    throw new Error('fetch failed');
  });
  const { subjects, finished } = await runScenario(scenario, settings());
  t.match(
    { subjects, finished },
    {
      finished: 'failed',
      subjects: [{ state: 'failed', detail: /^the server under test ended.*SIGKILL\)/ }],
    },
  );
  t.notMatch(subjects[0]?.detail ?? '', 'fetch failed');
});

t.test('Ctrl-C before the death of the server is an interruption', async (t) => {
  const controller = new AbortController();
  const scenario = scenarioThat(async () => {
    controller.abort();
    serverEnded.publish('it got the same Ctrl-C');
  });
  const { finished } = await runScenario(scenario, settings({ signal: controller.signal }));
  t.equal(finished, 'interrupted');
});
