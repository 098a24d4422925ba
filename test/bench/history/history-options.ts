// The options of saving and comparing: what cannot be compared is refused before anything is measured.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { readHistoryOptions } from '../../../bench/history/history-options.ts';
import { OptionError } from '../../../bench/option-values.ts';
import { toJson } from '../../../bench/report/write-report.ts';
import type { OptionValues } from '../../../bench/scenario.ts';
import { reportOfRates } from '../../support/made-up-report.ts';

const folder = t.testdir();
const twice = path.join(folder, 'twice.json');
const once = path.join(folder, 'once.json');
writeFileSync(twice, toJson(reportOfRates({ barrage: [1, 2] })));
writeFileSync(once, toJson(reportOfRates({ barrage: [1] })));

function read(options: OptionValues, run: { scenario?: string; repetitions?: number } = {}) {
  return readHistoryOptions(options, { scenario: 'made-up', repetitions: 2, ...run });
}

function refusal(options: OptionValues, run: { scenario?: string; repetitions?: number } = {}): string {
  try {
    read(options, run);
    return 'none';
  } catch (error) {
    return error instanceof OptionError ? error.message : `not an OptionError: ${error}`;
  }
}

t.test('without options nothing is done', async (t) => {
  t.match(read({}), {
    save: undefined,
    baseline: undefined,
    check: false,
    minEffect: 0.05,
    ratiosOnly: false,
  });
});

t.test('a baseline is read', async (t) => {
  const options = read({ compare: twice, check: true, 'min-effect': '12', ratios: true, save: 'new.json' });
  t.match(options, { save: 'new.json', check: true, minEffect: 0.12, ratiosOnly: true });
  t.equal(options.baseline?.report.scenario, 'made-up');
});

t.test('options that need a baseline are refused without one', async (t) => {
  for (const options of [{ check: true }, { ratios: true }, { 'min-effect': '3' }]) {
    t.match(refusal(options), /^--(check|ratios|min-effect) needs --compare FILE$/);
  }
});

t.test('a file that is no baseline is refused with the reason', async (t) => {
  t.match(refusal({ compare: path.join(folder, 'none.json') }), /^--compare: there is no file/);
  t.match(refusal({ compare: twice }, { scenario: 'sfu' }), /is a run of "made-up", not of "sfu"/);
});

t.test('a check without intervals is refused', async (t) => {
  t.match(refusal({ compare: twice, check: true }, { repetitions: 1 }), /--check needs --repeat 2 or more/);
  t.match(refusal({ compare: once, check: true }), /once\.json has one repetition/);
  t.equal(refusal({ compare: once }), 'none', 'without a check it is only said');
});

t.test('a minimum effect is a number above 0', async (t) => {
  t.match(refusal({ compare: twice, 'min-effect': 'small' }), /--min-effect takes a number above 0/);
});
