// The documents made from the sources are up to date.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { generatedDocuments } from '../../server/generated-documents.ts';

t.test('the generated documents are those of these sources', async (t) => {
  for (const [file, render] of Object.entries(generatedDocuments)) {
    const found = readFileSync(join(import.meta.dirname, '../..', file), 'utf8');
    t.equal(found, render(), `${file}: run node scripts/generate-docs.ts`);
  }
});
