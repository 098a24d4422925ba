// The files of a report.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { readReport } from '../../../bench/report/read-report.ts';
import { writePlots, writeReport } from '../../../bench/report/write-report.ts';
import { fullReport } from '../../support/made-up-report.ts';

t.test('a report is written as JSON, Markdown and HTML', async (t) => {
  const folder = path.join(t.testdir(), 'new', 'folder');
  const files = await writeReport(fullReport(), folder);
  t.same(
    files.map((file) => path.basename(file)),
    ['made-up-20261123T060000.json', 'made-up-20261123T060000.md', 'made-up-20261123T060000.html'],
  );
  t.same(readReport(files[0] ?? ''), fullReport());
  t.match(readFileSync(files[1] ?? '', 'utf8'), '### made-up, 2026-11-23');
  t.match(readFileSync(files[2] ?? '', 'utf8'), 'made-up-20261123T060000.json');
});

t.test('plots are written under names that stay', async (t) => {
  const folder = t.testdir();
  await writePlots(fullReport(), folder);
  t.same(readdirSync(folder).sort(), [
    'made-up-all-delay.svg',
    'made-up-all-ratios.svg',
    'made-up-all-sound-skew.svg',
    'made-up-cpu.svg',
    'made-up-load.svg',
  ]);
});
