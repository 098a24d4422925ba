// Who may use the API, and who may watch.
import t from 'tap';
import { bearerToken, Gate } from '../../../server/auth/gate.ts';
import { Tokens } from '../../../server/auth/tokens.ts';

const tokens = new Tokens({ secret: 'a secret of the test suite' });
const gate = new Gate({ adminToken: 'the admin token', tokens });
const grant = { room: 'r1', user: 'u1', name: 'Ann', expiresInS: 60 };

t.test('the admin token and a JWT with role admin open the API', async (t) => {
  await t.resolves(gate.requireAdmin('the admin token'));
  await t.resolves(gate.requireAdmin(await tokens.issue({ ...grant, role: 'admin' })));
});

t.test('anything else does not', async (t) => {
  await t.rejects(gate.requireAdmin(undefined), { code: 'UNAUTHORIZED' });
  await t.rejects(gate.requireAdmin('guess'), { code: 'UNAUTHORIZED', message: /wrong/ });
  await t.rejects(gate.requireAdmin('a.b.c'), { code: 'UNAUTHORIZED' });
  await t.rejects(gate.requireAdmin(await tokens.issue({ ...grant, role: 'host' })), { code: 'FORBIDDEN' });
});

t.test('an open room takes guests, a private one does not', async (t) => {
  const guest = await gate.admitViewer({ id: 'r1', private: false }, undefined, ' Bob\u0000\n');
  t.match(guest, { kind: 'guest', user: { name: 'Bob', role: 'viewer' } });
  const nameless = await gate.admitViewer({ id: 'r1', private: false }, undefined);
  t.match(nameless.user.name, /^Guest /);
  t.not(nameless.user.id, guest.user.id);
  await t.rejects(gate.admitViewer({ id: 'r1', private: true }, undefined), { code: 'UNAUTHORIZED' });
});

t.test('a wrong token does not fall back to a guest', async (t) => {
  await t.rejects(gate.admitViewer({ id: 'r1', private: false }, 'nonsense'), { code: 'UNAUTHORIZED' });
});

t.test('the bearer token is read from its header', async (t) => {
  t.equal(bearerToken('Bearer abc.d-e_f='), 'abc.d-e_f=');
  t.equal(bearerToken('bearer abc'), 'abc');
  t.equal(bearerToken('Basic abc'), undefined);
  t.equal(bearerToken(undefined), undefined);
});
