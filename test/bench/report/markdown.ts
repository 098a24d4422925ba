// The Markdown of a run that is made up: what it says.
import t from 'tap';
import { figureOf, latencyOf } from '../../../bench/measurement.ts';
import { toMarkdown } from '../../../bench/report/markdown.ts';
import { type RunReport, toGroupData } from '../../../bench/report/run-report.ts';

const report: RunReport = {
  schema: 2,
  scenario: 'latency',
  options: { seconds: '5', quick: true },
  startedAt: '2026-11-23T06:00:00.000Z',
  seconds: 12,
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
  subjects: [{ name: 'barrage', state: 'measured' }],
  groups: [
    toGroupData(
      {
        key: 'whep',
        title: 'RTMP to WHEP',
        measurements: [
          latencyOf('glass', 'glass to glass', [200, 210, 220, 400]),
          figureOf({ key: 'joins', title: 'joins', unit: '1/s', better: 'higher', value: 12_345.6 }),
        ],
        cpu: { wallSeconds: 10, cpuSeconds: { 'server/node': 5, 'server/idle': 0.01 } },
        generator: { utilization: 0.97, delayP99Ms: 3 },
        notes: ['Pictures read 4.'],
      },
      'barrage',
      1,
    ),
  ],
};

t.test('the Markdown has the conditions, the figures and the CPU of each process', async (t) => {
  const text = toMarkdown(report);
  t.match(text, '`npm run bench -- latency --seconds 5 --quick` on 2 cores of Test CPU');
  t.match(text, '| RTMP to WHEP | glass to glass | ms | 4 | 200 | 258 | 210 | 400 | 400 | 400 | 400 |');
  t.match(text, '| RTMP to WHEP | joins | 12,350 | 1/s |');
  t.match(text, '| conditions | server/node |');
  t.match(text, '| RTMP to WHEP | 50% |');
  t.notMatch(text, 'server/idle');
  t.match(text, '- Pictures read 4.');
});

t.test('a saturated generator is said', async (t) => {
  t.match(toMarkdown(report), 'The load generator was saturated (97% busy');
});

t.test('a run that was not finished, and a rival that was missing, are said', async (t) => {
  t.match(toMarkdown({ ...report, finished: 'interrupted' }), 'This run was not finished: interrupted');
  const missing = {
    name: 'janus',
    state: 'missing',
    detail: 'Janus is missing: no program "janus" in PATH',
  } as const;
  const text = toMarkdown({ ...report, subjects: [...report.subjects, missing] });
  t.match(text, '**Janus is missing: no program "janus" in PATH.**');
});
