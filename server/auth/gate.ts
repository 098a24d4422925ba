// Answers the questions "may this request use the API?" and "who is this viewer of this room?".
import { BarrageError } from '../../core/errors.ts';
import { secretsEqual } from '../../core/ids.ts';
import { createGuest, hasRole, type Identity } from './identity.ts';
import type { Tokens } from './tokens.ts';

/** What the gate needs to know of a room. */
export interface GatedRoom {
  readonly id: string;
  /** Only holders of a token for the room may watch. */
  readonly private: boolean;
}

/** Options of {@link Gate}. */
export interface GateOptions {
  readonly adminToken: string;
  readonly tokens: Tokens;
}

/** Checks credentials. */
export class Gate {
  readonly #options: GateOptions;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /**
   * Lets an administrator through: the admin token, or a JWT with role admin (whatever its room).
   * @throws BarrageError `UNAUTHORIZED` or `FORBIDDEN`.
   */
  async requireAdmin(token: string | undefined): Promise<void> {
    if (token === undefined) {
      throw new BarrageError('UNAUTHORIZED', 'the API needs `Authorization: Bearer <admin token>`');
    }
    if (secretsEqual(token, this.#options.adminToken)) return;
    // What is no JWT at all can only have been meant as the admin token.
    if (token.split('.').length !== 3) throw new BarrageError('UNAUTHORIZED', 'the admin token is wrong');
    const identity = await this.#options.tokens.verify(token);
    if (!hasRole(identity.user.role, 'admin')) {
      throw new BarrageError('FORBIDDEN', `role ${identity.user.role} may not use the API, admin may`);
    }
  }

  /**
   * Who the viewer is: the token's user, or a guest called `name` when the room takes guests.
   * @throws BarrageError `UNAUTHORIZED`.
   */
  async admitViewer(room: GatedRoom, token: string | undefined, name?: string): Promise<Identity> {
    if (token !== undefined) return this.#options.tokens.verify(token, room.id);
    if (room.private) {
      throw new BarrageError('UNAUTHORIZED', `room "${room.id}" is private: a token for it is needed`);
    }
    return createGuest(name);
  }
}

/** The token of an `Authorization: Bearer` header (RFC 6750 section 2.1); undefined when there is none. */
export function bearerToken(header: string | undefined): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(header ?? '')?.[1];
}
