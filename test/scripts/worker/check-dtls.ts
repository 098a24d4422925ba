// Covers scripts/worker/check-dtls.ts and the parts under it: a good worker passes, anything else fails clearly.
import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import t from 'tap';
import { findWorker } from '../../../scripts/setup/worker.ts';
import { checkDtls } from '../../../scripts/worker/check-dtls.ts';
import { isBindingSuccess, isDtls, nominatingRequest } from '../../../scripts/worker/stun.ts';

const root = join(import.meta.dirname, '../../..');

t.test('the worker of this machine completes a DTLS handshake', async (t) => {
  await t.resolves(checkDtls(findWorker(root) ?? ''));
});

t.test('something that is no worker fails with its name', async (t) => {
  await t.rejects(checkDtls('/bin/false'), /\/bin\/false does not start as a mediasoup worker/);
  await t.rejects(checkDtls('/nowhere/worker'), /\/nowhere\/worker does not start/);
});

t.test('a handshake that does not happen fails at the deadline and says how far it came', async (t) => {
  await t.rejects(checkDtls(findWorker(root) ?? '', 0), /no DTLS handshake in 0 ms \(ICE \w+, DTLS \w+\)/);
});

t.test('the nominating request carries valid integrity and fingerprint', async (t) => {
  const packet = nominatingRequest('frag', 'secret');
  t.equal(packet.readUInt16BE(2), packet.length - 20);
  const covered = Buffer.from(packet.subarray(0, -8));
  t.equal(packet.readUInt32BE(packet.length - 4), (crc32(covered) ^ 0x5354554e) >>> 0);
  const signed = Buffer.from(packet.subarray(0, -32));
  signed.writeUInt16BE(packet.length - 20 - 8, 2);
  const integrity = packet.subarray(packet.length - 28, packet.length - 8);
  t.same(integrity, createHmac('sha1', 'secret').update(signed).digest());
});

t.test('tells STUN answers and DTLS apart', async (t) => {
  t.ok(isDtls(Buffer.from([22, 0xfe, 0xfd])));
  t.notOk(isDtls(nominatingRequest('a', 'b')));
  t.notOk(isDtls(Buffer.alloc(0)));
  t.notOk(isBindingSuccess(nominatingRequest('a', 'b')));
  t.ok(isBindingSuccess(Buffer.concat([Buffer.from([1, 1]), Buffer.alloc(18)])));
});
