// Writes the documents that are generated from the sources: the config sample, docs/CONFIG.md, docs/METRICS.md
// and docs/ERRORS.md. Run it after changing a setting, a metric or an error code.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generatedDocuments } from '../server/generated-documents.ts';

const root = join(import.meta.dirname, '..');
for (const [file, render] of Object.entries(generatedDocuments)) {
  writeFileSync(join(root, file), render());
  process.stdout.write(`wrote ${file}\n`);
}
