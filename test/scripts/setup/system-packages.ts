// Covers scripts/setup/system-packages.ts, browser.ts and paths.ts, as far as nothing need be installed for it.
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { findFetched } from '../../../scripts/setup/browser.ts';
import { findProgram, systemRelease } from '../../../scripts/setup/paths.ts';
import type { SetupContext } from '../../../scripts/setup/run-command.ts';
import { SetupError } from '../../../scripts/setup/setup-error.ts';
import { ensureSystemPackages } from '../../../scripts/setup/system-packages.ts';

const context: SetupContext = { signal: new AbortController().signal, recordChild: () => undefined };

t.test('does nothing when nothing is missing', async (t) => {
  await t.resolves(ensureSystemPackages([{ what: 'x', isPresent: () => true, packages: {} }], context));
});

t.test('names everything that is missing and cannot be installed', async (t) => {
  const needs = ['one thing', 'another'].map((what) => ({ what, isPresent: () => false, packages: {} }));
  await t.rejects(ensureSystemPackages(needs, context), {
    constructor: SetupError,
    message: /one thing, another/,
    remedy: /one thing, another/,
  });
});

t.test('lets a need that knows its own way install itself', async (t) => {
  let installed = false;
  const install = async (): Promise<void> => {
    installed = true;
  };
  await ensureSystemPackages([{ what: 'x', isPresent: () => installed, packages: {}, install }], context);
  t.ok(installed);
});

t.test('finds the browser that Playwright fetched', async (t) => {
  const dir = t.testdir({ 'chromium-1234': { 'chrome-linux64': { chrome: '' } }, 'ffmpeg-1': {} });
  const chrome = join(dir, 'chromium-1234', 'chrome-linux64', 'chrome');
  t.equal(findFetched(dir), undefined, 'not while it cannot be run');
  chmodSync(chrome, 0o755);
  t.equal(findFetched(dir), chrome);
  t.equal(findFetched(join(dir, 'nowhere')), undefined);
});

t.test('finds programs on PATH only', async (t) => {
  t.match(findProgram('node'), /\/node$/);
  t.equal(findProgram('no-such-program-anywhere'), undefined);
});

t.test('names the release of the system', async (t) => {
  const dir = t.testdir({ debian: 'ID=debian\nVERSION_ID="12"\n', odd: 'ID="my linux/7"\n', empty: '' });
  t.equal(systemRelease(join(dir, 'debian')), 'debian-12');
  t.equal(systemRelease(join(dir, 'odd')), 'my_linux_7');
  t.equal(systemRelease(join(dir, 'empty')), 'linux');
  t.equal(systemRelease(join(dir, 'missing')), 'linux');
});
