// The schema of reports: the committed file is the one in use, and what a run writes is what it describes.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import t from 'tap';
import { figureOf, latencyOf } from '../../../bench/measurement.ts';
import { reportJsonSchema, reportSchema } from '../../../bench/report/report-schema.ts';
import { runScenario } from '../../../bench/run.ts';
import type { Scenario } from '../../../bench/scenario.ts';
import { fullReport } from '../../support/made-up-report.ts';

const FILE = path.join(import.meta.dirname, '../../../bench/report/report.schema.json');
const validate = new Ajv2020({ strict: true, strictTypes: false }).compile(
  JSON.parse(readFileSync(FILE, 'utf8')),
);

async function realReport() {
  const scenario: Scenario = {
    ...{ name: 'made-up', summary: '', options: {}, help: {}, rivals: [] },
    checkOptions: () => undefined,
    run: async (context) => {
      const rate = figureOf({ key: 'rate', title: 'rate', unit: '', better: 'neither', value: Number.NaN });
      context.noteVersion('thing', '1');
      context.report({
        ...{ key: 'all', title: 'all', notes: [] },
        measurements: [latencyOf('none', 'none', []), rate],
      });
    },
  };
  const gone = {
    name: 'gone',
    title: 'gone',
    install: 'apt-get install gone',
    findMissing: () => 'not here',
  };
  return runScenario(scenario, {
    ...{ options: { quick: true, seconds: '5' }, quick: true, repetitions: 2, against: [gone] },
    ...{ progress: () => undefined, signal: new AbortController().signal },
  });
}

t.test('the committed schema is generated from the one in use', async (t) => {
  t.equal(readFileSync(FILE, 'utf8'), reportJsonSchema(), 'run node scripts/generate-docs.ts');
});

t.test('every field is described, or is described by what it refers to', async (t) => {
  const schema = JSON.parse(reportJsonSchema());
  const described = [
    'Summary',
    'Distribution',
    'Figure',
    'Series',
    'GeneratorLoad',
    'Group',
    'Machine',
    'Subject',
  ];
  for (const name of described) t.type(schema.$defs[name].description, 'string', name);
  const fields = Object.entries<{ description?: string }>(schema.$defs.Summary.properties);
  for (const [name, { description }] of fields) t.type(description, 'string', name);
});

for (const [what, make] of [
  ['the report of a run', realReport],
  ['a report with everything', async () => fullReport()],
] as const) {
  t.test(`${what} is valid and survives being read, whole`, async (t) => {
    const report = await make();
    const json = JSON.parse(JSON.stringify(report));
    t.ok(validate(json), JSON.stringify(validate.errors));
    const read = reportSchema.parse(json);
    // NaN is not in JSON; all else must come back, or the schema lacks a field.
    t.same(JSON.parse(JSON.stringify(read)), json);
    const value = read.groups[0]?.measurements.find(
      (one) => one.kind === 'figure' && Number.isNaN(one.value),
    );
    t.ok(value, 'what could not be measured is NaN again');
  });
}

t.test('what is no report is refused by both', async (t) => {
  const good = JSON.parse(JSON.stringify(fullReport()));
  const { scenario: _, ...nameless } = good;
  for (const bad of [
    {},
    { ...good, schema: 1 },
    nameless,
    { ...good, groups: [{}] },
    { ...good, options: { a: 1 } },
  ]) {
    t.notOk(validate(bad));
    t.notOk(reportSchema.safeParse(bad).success);
  }
});
