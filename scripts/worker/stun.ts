// The one STUN message a controlling ICE agent sends to an ICE-lite server: a Binding request that nominates
// (RFC 8489 section 5 and 14, RFC 8445 section 16.1). For the DTLS check only.
import { createHmac, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

const HEADER_BYTES = 20;
const MAGIC_COOKIE = 0x2112a442;
const BINDING_REQUEST = 0x0001;
const BINDING_SUCCESS = 0x0101;
const USERNAME = 0x0006;
const MESSAGE_INTEGRITY = 0x0008;
const PRIORITY = 0x0024;
const USE_CANDIDATE = 0x0025;
const FINGERPRINT = 0x8028;
const ICE_CONTROLLING = 0x802a;
const FINGERPRINT_XOR = 0x5354554e;

/** A Binding request with USE-CANDIDATE for the ICE-lite side with these credentials. */
export function nominatingRequest(usernameFragment: string, password: string): Buffer {
  const priority = Buffer.from([0x6e, 0xff, 0xff, 0xff]);
  const attributes = [
    attribute(USERNAME, Buffer.from(`${usernameFragment}:barrage`)),
    attribute(ICE_CONTROLLING, randomBytes(8)),
    attribute(USE_CANDIDATE, Buffer.alloc(0)),
    attribute(PRIORITY, priority),
  ];
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16BE(BINDING_REQUEST, 0);
  header.writeUInt32BE(MAGIC_COOKIE, 4);
  randomBytes(12).copy(header, 8);
  let message = Buffer.concat([header, ...attributes]);
  // Both checks cover a header whose length already counts the attribute that carries them.
  const integrity = createHmac('sha1', password).update(withLength(message, 24)).digest();
  message = Buffer.concat([message, attribute(MESSAGE_INTEGRITY, integrity)]);
  const fingerprint = Buffer.alloc(4);
  fingerprint.writeUInt32BE((crc32(withLength(message, 8)) ^ FINGERPRINT_XOR) >>> 0);
  return Buffer.concat([message, attribute(FINGERPRINT, fingerprint)]);
}

/** Whether the packet answers a Binding request with success. */
export function isBindingSuccess(packet: Buffer): boolean {
  return packet.length >= HEADER_BYTES && packet.readUInt16BE(0) === BINDING_SUCCESS;
}

/** Whether the packet is DTLS, by its first byte (RFC 7983 section 7). */
export function isDtls(packet: Buffer): boolean {
  const first = packet[0] ?? 0;
  return first >= 20 && first <= 63;
}

function attribute(type: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(value.length, 2);
  return Buffer.concat([head, value, Buffer.alloc((4 - (value.length % 4)) % 4)]);
}

function withLength(message: Buffer, extraBytes: number): Buffer {
  message.writeUInt16BE(message.length - HEADER_BYTES + extraBytes, 2);
  return message;
}
