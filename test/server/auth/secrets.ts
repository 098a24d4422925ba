// Generated secrets and their files.
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { loadSecrets } from '../../../server/auth/secrets.ts';

t.test('secrets are made once and readable by their owner alone', async (t) => {
  const dataDir = join(t.testdir(), 'data');
  const first = loadSecrets({ dataDir });
  t.ok(first.adminToken.length >= 32 && first.jwtSecret.length >= 32);
  t.not(first.adminToken, first.jwtSecret);
  t.same(loadSecrets({ dataDir }), first);
  for (const file of ['admin-token', 'jwt-secret'])
    t.equal(statSync(join(dataDir, file)).mode & 0o777, 0o600);
});

t.test('secrets that are set win over the files', async (t) => {
  const secrets = loadSecrets({ dataDir: t.testdir(), adminToken: 'a', jwtSecret: 'b' });
  t.same(secrets, { adminToken: 'a', jwtSecret: 'b' });
});

t.test('an empty file and a folder that cannot be made are told', async (t) => {
  const dataDir = t.testdir({ 'admin-token': '' });
  t.throws(() => loadSecrets({ dataDir }), { code: 'UNAVAILABLE', message: /admin-token is empty/ });
  const file = join(t.testdir(), 'file');
  writeFileSync(file, '');
  t.throws(() => loadSecrets({ dataDir: join(file, 'x') }), { message: /cannot be used/ });
});
