// Identifiers: sortable event ids, secrets, and what a room may be called.
import { randomBytes, timingSafeEqual } from 'node:crypto';

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Drawn at once: a call into the system costs more than the bytes of hundreds of ids. */
const POOL_BYTES = 4096;

let pool: Buffer = Buffer.alloc(0);
let taken = 0;

/** Random bytes for ids, each handed out once; secrets draw their own. */
function takeRandom(count: number): Buffer {
  if (taken + count > pool.length) {
    pool = randomBytes(POOL_BYTES);
    taken = 0;
  }
  taken += count;
  return pool.subarray(taken - count, taken);
}

/** A ULID (26 characters, Crockford base32): 48 bits of Unix ms, 80 random bits; sorts by time. */
export function createUlid(nowMs: number = Date.now()): string {
  let time = '';
  for (let rest = nowMs, digit = 0; digit < 10; digit++) {
    time = CROCKFORD.charAt(rest % 32) + time;
    rest = Math.floor(rest / 32);
  }
  let random = '';
  for (const byte of takeRandom(16)) random += CROCKFORD.charAt(byte & 31);
  return time + random;
}

/** A URL-safe secret with `bytes` bytes of entropy (default 24, that is 32 characters). */
export function createSecret(bytes = 24): string {
  return randomBytes(bytes).toString('base64url');
}

/** A short random lower-case id, for epochs and generations. */
export function createShortId(): string {
  return takeRandom(5).readUIntBE(0, 5).toString(36);
}

/** Constant-time comparison of two secrets; false when the lengths differ. */
export function secretsEqual(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}

/** What a room id may look like: 1-64 of letters, digits, `-`, `_`, starting with a letter or digit. */
export const ROOM_ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
