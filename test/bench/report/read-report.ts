// Reading reports back: each way in which a file can be none is said with its name.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { ReportFileError, readReport } from '../../../bench/report/read-report.ts';
import { toJson } from '../../../bench/report/write-report.ts';
import { fullReport } from '../../support/made-up-report.ts';

const folder = t.testdir();

function fileWith(text: string): string {
  const file = path.join(folder, 'report.json');
  writeFileSync(file, text);
  return file;
}

function refusal(file: string): string {
  try {
    readReport(file);
    return 'none';
  } catch (error) {
    return error instanceof ReportFileError ? error.message : `${error}`;
  }
}

t.test('a report comes back as it was written', async (t) => {
  const report = fullReport();
  t.same(readReport(fileWith(toJson(report))), report);
});

t.test('what cannot be used is refused with the file and the reason', async (t) => {
  t.match(refusal(path.join(folder, 'nowhere.json')), /there is no file .*nowhere\.json/);
  t.match(refusal(folder), /cannot be read: EISDIR/);
  t.match(refusal(fileWith('{')), /report\.json is not JSON/);
  t.match(refusal(fileWith('[]')), /is not a report of this bench/);
  t.match(refusal(fileWith('null')), /is not a report of this bench/);
  t.match(refusal(fileWith('{"schema":1}')), /schema version 1; this bench reads version 2/);
  const broken = { ...fullReport(), seconds: 'long' };
  t.match(refusal(fileWith(JSON.stringify(broken))), /is not a valid report:.*seconds/s);
  const empty = {
    kind: 'distribution',
    key: 'a',
    title: 'a',
    unit: 'ms',
    better: 'lower',
    summary: { count: 0 },
  };
  const groups = [{ ...fullReport().groups[0], measurements: [empty] }];
  t.match(refusal(fileWith(JSON.stringify({ ...fullReport(), groups }))), /measurements\[0\]/);
});
