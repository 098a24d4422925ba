// The report of a run that is made up: what it says, and that its JSON holds every sample.
import { readFile } from 'node:fs/promises';
import t from 'tap';
import { type RunReport, toMarkdown, writeReport } from '../../bench/report.ts';

const report: RunReport = {
  schema: 1,
  scenario: 'latency',
  options: { seconds: '5', quick: true },
  startedAt: '2026-11-23T06:00:00.000Z',
  finished: 'complete',
  machine: {
    cpu: 'Test CPU',
    cores: 2,
    memoryGiB: 4,
    kernel: '6.1',
    system: 'Debian',
    node: 'v24.0.0',
    ffmpeg: '5.1',
    commit: 'abc',
  },
  versions: { Chromium: '156' },
  groups: [
    {
      title: 'RTMP to WHEP',
      measurements: [{ title: 'glass to glass', unit: 'ms', samples: [200, 210, 220, 400] }],
      cpu: { wallSeconds: 10, cpuSeconds: { 'server/node': 5, 'server/idle': 0.01 } },
      notes: ['Pictures read 4.'],
    },
  ],
};

t.test('the Markdown has the conditions, the figures, the plot and the CPU of each process', async (t) => {
  const text = toMarkdown(report);
  t.match(text, '`npm run bench -- latency --seconds 5 --quick` on 2 cores of Test CPU');
  t.match(text, '| glass to glass | ms | 4 | 200 | 258 | 210 | 400 | 400 | 400 | 400 |');
  t.match(text, 'server/node 5.0 s (50%)');
  t.notMatch(text, 'server/idle');
  t.match(text, '- Pictures read 4.');
});

t.test('a run that was not finished says so', async (t) => {
  t.match(toMarkdown({ ...report, finished: 'interrupted' }), 'This run was not finished: interrupted');
});

t.test('the JSON holds every sample', async (t) => {
  const base = await writeReport(report, t.testdir());
  t.same(JSON.parse(await readFile(`${base}.json`, 'utf8')), report);
  t.equal(await readFile(`${base}.md`, 'utf8'), toMarkdown(report));
});
