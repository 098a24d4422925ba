// Covers scripts/checks/tap-results.ts: what is counted as passed and failed, above all in files that break.
import t from 'tap';
import { addCounts, type FileResult, TapResults } from '../../../scripts/checks/tap-results.ts';

function read(text: string): { files: FileResult[]; end: ReturnType<TapResults['end']> } {
  const results = new TapResults();
  const files = text.split('\n').flatMap((line) => results.push(line) ?? []);
  return { files, end: results.end() };
}

const PASSING = `# Subtest: test/good.ts
    # Subtest: first
        ok 1 - should be equal
        ok 2 - should be equal
        1..2
    ok 1 - first # time=4.056ms
    # Subtest: second
        # Subtest: inner
            ok 1 - yes
            1..1
        ok 1 - inner
        1..1
    ok 2 - second # time=0.876ms
    1..2
ok 1 - test/good.ts # time=15.88ms
`;

t.test('counts the tests of a file, not their assertions and not what is nested in them', async (t) => {
  const { files, end } = read(`TAP version 14\n1..1\n${PASSING}`);
  t.same(end, { passed: 2, failed: 0, skipped: 0 });
  t.match(files, [{ name: 'test/good.ts', passed: 2, failed: 0, failures: [] }]);
});

t.test('counts a failed test once and shows the assertion that failed with its diagnostic', async (t) => {
  const { files, end } = read(`# Subtest: test/a.ts
    # Subtest: two fails
        not ok 1 - should be equal
          ---
          diff: |
            -2
            +1
          ...
        1..1
    not ok 1 - two fails # time=29.222ms
      ---
      source: noise
      ...
    ok 2 - bare
    1..2
not ok 1 - test/a.ts # time=55.817ms
  ---
  exitCode: 1
  ...
`);
  t.same(end, { passed: 1, failed: 1, skipped: 0 });
  const shown = files[0]?.failures.join('\n') ?? '';
  t.match(shown, 'not ok 1 - should be equal');
  t.match(shown, '+1');
  t.match(shown, 'not ok 1 - two fails');
  t.notMatch(shown, 'noise', 'what the parent repeats is left out');
});

t.test('is not fooled by results quoted inside a diagnostic', async (t) => {
  const { end } = read(`# Subtest: test/a.ts
    not ok 1 - prints TAP
      ---
      diff: |
    ok 2 - quoted
not ok 9 - quoted
      ...
    1..1
not ok 1 - test/a.ts
`);
  t.same(end, { passed: 0, failed: 1, skipped: 0 });
});

t.test('counts skipped and to-do tests as neither passed nor failed', async (t) => {
  const { end } = read(`# Subtest: test/a.ts
    ok 1 - three skipped # SKIP
    ok 2 - four # TODO
    not ok 3 - five # TODO later
    ok 4 - named \\# SKIP but not
    1..4
ok 1 - test/a.ts
`);
  t.same(end, { passed: 1, failed: 0, skipped: 3 });
});

t.test('counts a file that crashed before its first test as one failure', async (t) => {
  const { files, end } = read(`# Subtest: test/crash.ts
    1..0 # no tests found
not ok 1 - test/crash.ts # time=503.645ms
`);
  t.same(end, { passed: 0, failed: 1, skipped: 0 });
  t.match(files[0]?.failures.join('\n'), /test\/crash\.ts itself/);
});

t.test('counts a file that failed with all its tests passed, under its own name', async (t) => {
  const { files, end } = read(`# Subtest: test/exit.ts
    ok 1 - fine
    1..1
not ok 1 - timeout!
`);
  t.same(end, { passed: 1, failed: 1, skipped: 0 });
  t.equal(files[0]?.name, 'test/exit.ts');
});

t.test('counts files that were planned but never reported, and a bail-out, as failures', async (t) => {
  t.same(read(`1..3\n${PASSING}`).end, { passed: 2, failed: 2, skipped: 0 });
  t.same(read(`1..1\n${PASSING}Bail out! no worker\n`).end, { passed: 2, failed: 1, skipped: 0 });
});

t.test('counts nothing in an empty stream', async (t) => {
  t.same(read('').end, { passed: 0, failed: 0, skipped: 0 });
  t.same(read('TAP version 14\n1..0 # no tests found').end, { passed: 0, failed: 0, skipped: 0 });
});

t.test('adds counts', async (t) => {
  const sum = addCounts({ passed: 1, failed: 2, skipped: 3 }, { passed: 10, failed: 20, skipped: 30 });
  t.same(sum, { passed: 11, failed: 22, skipped: 33 });
});
