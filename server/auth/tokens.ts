// Viewer tokens: JWTs that say who someone is in which room. Ours are HS256; those of an identity provider are
// checked against its JWKS. The only importer of jose.
import { createRemoteJWKSet, decodeProtectedHeader, errors, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { BarrageError } from '../../core/errors.ts';
import { ROLES, type Role } from '../protocol/wire.ts';
import { cleanName, type Identity } from './identity.ts';

const MAX_TOKEN_CHARS = 8192;
const CLOCK_TOLERANCE_S = 5;

/** What a token is issued for; `expiresInS` in seconds. */
export interface TokenGrant {
  readonly room: string;
  readonly user: string;
  readonly name: string;
  readonly role: Role;
  readonly expiresInS: number;
}

/** How tokens are checked. */
export interface TokenOptions {
  readonly secret: string;
  readonly jwksUrl?: string | undefined;
  readonly issuer?: string | undefined;
  readonly audience?: string | undefined;
}

const claimsSchema = z.object({
  room: z.string().min(1).max(64),
  sub: z.string().min(1).max(128),
  name: z.string().max(256).optional(),
  role: z.enum(ROLES).default('viewer'),
  exp: z.number(),
});

/** Issues and checks tokens. */
export class Tokens {
  readonly #options: TokenOptions;
  readonly #secret: Uint8Array;
  readonly #jwks: ReturnType<typeof createRemoteJWKSet> | undefined;

  constructor(options: TokenOptions) {
    this.#options = options;
    this.#secret = new TextEncoder().encode(options.secret);
    this.#jwks = options.jwksUrl === undefined ? undefined : createRemoteJWKSet(new URL(options.jwksUrl));
  }

  /** A signed token for a grant. */
  issue(grant: TokenGrant): Promise<string> {
    return new SignJWT({ room: grant.room, name: grant.name, role: grant.role })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setSubject(grant.user)
      .setIssuedAt()
      .setExpirationTime(Math.floor(Date.now() / 1000) + grant.expiresInS)
      .sign(this.#secret);
  }

  /**
   * Who the bearer is in `room`; without `room`, wherever the token is for. Admins are admins in every room.
   * @throws BarrageError `UNAUTHORIZED` saying what is wrong with the token.
   */
  async verify(token: string, room?: string): Promise<Identity> {
    if (token.length > MAX_TOKEN_CHARS) throw refuse(`token is longer than ${MAX_TOKEN_CHARS} characters`);
    const payload = await this.#readPayload(token);
    const claims = claimsSchema.safeParse(payload);
    if (!claims.success) {
      const names = claims.error.issues.map((issue) => issue.path.join('.')).join(', ');
      throw refuse(`token claims are missing or wrong: ${names}`);
    }
    const { room: tokenRoom, sub, name, role, exp } = claims.data;
    if (room !== undefined && tokenRoom !== room && role !== 'admin') {
      throw refuse(`token is for room "${tokenRoom}", not "${room}"`);
    }
    return {
      kind: 'token',
      user: { id: sub, name: cleanName(name) || sub, role },
      expiresAtMs: exp * 1000,
    };
  }

  async #readPayload(token: string): Promise<JWTPayload> {
    try {
      const { alg } = decodeProtectedHeader(token);
      const common = { clockTolerance: CLOCK_TOLERANCE_S, requiredClaims: ['exp'] };
      if (alg === 'HS256' || !this.#jwks) {
        return (await jwtVerify(token, this.#secret, { ...common, algorithms: ['HS256'] })).payload;
      }
      const { issuer, audience } = this.#options;
      const expected = { ...(issuer ? { issuer } : {}), ...(audience ? { audience } : {}) };
      return (await jwtVerify(token, this.#jwks, { ...common, ...expected })).payload;
    } catch (error) {
      throw refuse(describeFailure(error), error);
    }
  }
}

function refuse(reason: string, cause?: unknown): BarrageError {
  return new BarrageError('UNAUTHORIZED', reason, { cause });
}

function describeFailure(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'token has expired';
  if (error instanceof errors.JWTClaimValidationFailed)
    return `token claim "${error.claim}" is missing or wrong`;
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'token signature is wrong';
  if (error instanceof errors.JOSEAlgNotAllowed) return 'token algorithm is not accepted, HS256 is';
  if (error instanceof errors.JWKSNoMatchingKey) return 'token is signed with an unknown key';
  if (error instanceof errors.JOSEError || error instanceof TypeError) return 'token is not a valid JWT';
  return 'token cannot be checked';
}
