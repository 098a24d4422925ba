// Who somebody is to the server: a token's user or a guest. Knows nothing of how tokens are checked.
import { createShortId } from '../../core/ids.ts';
import type { Role, UserInfo } from '../protocol/wire.ts';

/** A viewer's identity in one room. */
export interface Identity {
  readonly kind: 'guest' | 'token';
  readonly user: UserInfo;
  /** When the token ends, ms since the Unix epoch; never for guests. */
  readonly expiresAtMs?: number;
}

const MAX_NAME_CHARS = 32;

/** Ranks of the roles: each may do what those below it may. */
const RANK: Readonly<Record<Role, number>> = { viewer: 0, moderator: 1, host: 2, admin: 3 };

/** Whether `role` is at least `needed`. */
export function hasRole(role: Role, needed: Role): boolean {
  return RANK[role] >= RANK[needed];
}

/** A new guest; the name it asks for is cleaned, or one is made up. */
export function createGuest(name?: string): Identity {
  const id = createShortId();
  return {
    kind: 'guest',
    user: { id: `guest-${id}`, name: cleanName(name) || `Guest ${id.slice(-4)}`, role: 'viewer' },
  };
}

/** A display name without control, format and line characters, at most 32 characters; may come out empty. */
export function cleanName(name: string | undefined): string {
  const visible = (name ?? '').normalize('NFC').replaceAll(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ');
  const text = visible.replaceAll(/\s+/gu, ' ').trim();
  return Array.from(text).slice(0, MAX_NAME_CHARS).join('').trim();
}
