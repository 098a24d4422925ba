// Viewer tokens, good and bad, our own and those of an identity provider.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import t from 'tap';
import { Tokens } from '../../../server/auth/tokens.ts';

const tokens = new Tokens({ secret: 'a secret of the test suite' });
const grant = { room: 'r1', user: 'u1', name: 'Ann', role: 'viewer', expiresInS: 60 } as const;

function sign(claims: Record<string, unknown>, secret = 'a secret of the test suite', alg = 'HS256') {
  return new SignJWT(claims).setProtectedHeader({ alg }).sign(new TextEncoder().encode(secret));
}

const soon = () => Math.floor(Date.now() / 1000) + 60;

t.test('a token says who its bearer is', async (t) => {
  const identity = await tokens.verify(await tokens.issue(grant), 'r1');
  t.match(identity, { kind: 'token', user: { id: 'u1', name: 'Ann', role: 'viewer' } });
  t.ok((identity.expiresAtMs ?? 0) > Date.now());
});

t.test('an admin is one in every room', async (t) => {
  const token = await tokens.issue({ ...grant, role: 'admin' });
  t.equal((await tokens.verify(token, 'r2')).user.role, 'admin');
});

t.test('a name is cleaned, and the user stands in for an empty one', async (t) => {
  const token = await sign({ room: 'r1', sub: 'u1', name: '\u202e\n ', exp: soon() });
  t.equal((await tokens.verify(token, 'r1')).user.name, 'u1');
});

const refused: [what: string, token: () => Promise<string> | string, message: RegExp][] = [
  ['for another room', () => tokens.issue({ ...grant, room: 'r2' }), /token is for room "r2", not "r1"/],
  ['that has expired', () => tokens.issue({ ...grant, expiresInS: -60 }), /has expired/],
  [
    'signed with another secret',
    () => sign({ room: 'r1', sub: 'u', exp: soon() }, 'x'.repeat(32)),
    /signature is wrong/,
  ],
  ['without an end', () => sign({ room: 'r1', sub: 'u' }), /claim "exp" is missing/],
  ['without a room', () => sign({ sub: 'u', exp: soon() }), /claims are missing or wrong: room/],
  ['with an unknown role', () => sign({ room: 'r1', sub: 'u', role: 'king', exp: soon() }), /wrong: role/],
  [
    'with another algorithm',
    () => sign({ room: 'r1', sub: 'u', exp: soon() }, 'x'.repeat(64), 'HS512'),
    /HS256 is/,
  ],
  ['without a signature', () => new UnsecuredJWT({ room: 'r1', sub: 'u', exp: soon() }).encode(), /token/],
  ['that is no JWT', () => 'nonsense', /not a valid JWT/],
  ['of enormous length', () => 'x'.repeat(10_000), /longer than 8192/],
];
for (const [what, make, message] of refused) {
  t.test(`a token ${what} is refused, with the reason`, async (t) => {
    await t.rejects(tokens.verify(await make(), 'r1'), { code: 'UNAUTHORIZED', message });
  });
}

t.test('tokens of an identity provider are checked against its keys', async (t) => {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' };
  const server = createServer((_, response) => response.end(JSON.stringify({ keys: [jwk] })));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const provided = new Tokens({ secret: 's', jwksUrl: `http://127.0.0.1:${port}/jwks`, issuer: 'idp' });
  const signed = (issuer: string) =>
    new SignJWT({ room: 'r1', sub: 'u9' })
      .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
      .setIssuer(issuer)
      .setExpirationTime('1m')
      .sign(privateKey);
  t.equal((await provided.verify(await signed('idp'), 'r1')).user.id, 'u9');
  await t.rejects(provided.verify(await signed('other'), 'r1'), { message: /claim "iss"/ });
});
