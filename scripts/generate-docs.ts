// Writes the documents that are generated from the sources: the config sample, docs/CONFIG.md, docs/METRICS.md,
// docs/ERRORS.md and the schema of the benchmark's reports. Run it after changing a setting, a metric, an error
// code or what a report holds.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { reportJsonSchema } from '../bench/report/report-schema.ts';
import { generatedDocuments } from '../server/generated-documents.ts';

const root = join(import.meta.dirname, '..');
const documents = { ...generatedDocuments, 'bench/report/report.schema.json': reportJsonSchema };
for (const [file, render] of Object.entries(documents)) {
  writeFileSync(join(root, file), render());
  process.stdout.write(`wrote ${file}\n`);
}
