// What log lines look like, and what never is on them.
import t from 'tap';
import { createLogger } from '../../server/logger.ts';

function capture(level: 'info' | 'silent') {
  const lines: Record<string, unknown>[] = [];
  const logger = createLogger({ level, destination: { write: (line) => lines.push(JSON.parse(line)) } });
  return { lines, logger };
}

t.test('a line is JSON with level, time, bound fields and message', async (t) => {
  const { lines, logger } = capture('info');
  logger.child({ room: 'r1' }).info({ n: 1 }, 'something happened');
  logger.debug({}, 'not written');
  t.match(lines, [{ level: 'info', time: /^20\d\d-/, room: 'r1', n: 1, msg: 'something happened' }]);
  t.equal(lines.length, 1);
});

t.test('secrets are redacted wherever they sit', async (t) => {
  const { lines, logger } = capture('info');
  logger.info(
    { streamKey: 's3cret', headers: { authorization: 's3cret' }, a: { b: { token: 's3cret' } } },
    'oops',
  );
  t.notMatch(JSON.stringify(lines), /s3cret/);
});

t.test('an error is written with its stack', async (t) => {
  const { lines, logger } = capture('info');
  logger.error({ error: new Error('why') }, 'failed');
  t.match(lines, [{ error: { message: 'why', stack: /logger\.ts/ } }]);
});

t.test('silent writes nothing', async (t) => {
  const { lines, logger } = capture('silent');
  logger.error({}, 'failed');
  t.same(lines, []);
});
