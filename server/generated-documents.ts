// The documents that are made from the sources, by path: written by scripts/generate-docs.ts, compared by a test.
import { renderReference, renderSample } from '../config/documents.ts';
import { ERRORS } from '../core/errors.ts';
import { renderMetricsReference } from './metric-definitions.ts';
import { CLOSE_CODES } from './protocol/wire.ts';

/** Path in the project -> what it must hold. */
export const generatedDocuments: Readonly<Record<string, () => string>> = {
  'config/barrage.sample.yaml': renderSample,
  'docs/CONFIG.md': renderReference,
  'docs/METRICS.md': renderMetricsReference,
  'docs/ERRORS.md': renderErrors,
};

/** `docs/ERRORS.md`: the error table and the close codes. */
function renderErrors(): string {
  const rows = Object.entries(ERRORS).map(
    ([code, { status, retryable, meaning }]) =>
      `| \`${code}\` | ${status} | ${retryable ? 'yes' : 'no'} | ${meaning} |`,
  );
  const closes = Object.entries(CLOSE_CODES).map(
    ([name, code]) => `| ${code} | ${name} | ${code < 4500 ? 'yes' : 'no'} |`,
  );
  return [
    '# Errors',
    '',
    'Generated from `core/errors.ts` and `server/protocol/wire.ts` by `scripts/generate-docs.ts`; a test fails when',
    'they differ. Clients match codes; messages are for people and may change.',
    '',
    'Over HTTP an error is `application/problem+json` with `code`, `detail`, `requestId`, `retryable` and, where it',
    'helps, `retryAfterMs`. In the interaction protocol it is the `error` of a reply with the same code.',
    '',
    '| code | HTTP status | worth retrying | meaning |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
    '## WebSocket close codes',
    '',
    'Codes 4000 to 4499 ask the client to come back, 4500 to 4999 not to.',
    '',
    '| code | name | come back |',
    '| --- | --- | --- |',
    ...closes,
    '',
  ].join('\n');
}
