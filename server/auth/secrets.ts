// The secrets a server needs and nobody set: made once, kept in the data folder, readable by the owner alone.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BarrageError } from '../../core/errors.ts';
import { createSecret } from '../../core/ids.ts';

/** Secrets of one server. `adminToken` is the API's bearer token, `jwtSecret` signs viewer tokens (HS256). */
export interface ServerSecrets {
  readonly adminToken: string;
  readonly jwtSecret: string;
}

/** Where secrets come from: the settings win over the files in `dataDir`. */
export interface SecretSources {
  readonly dataDir: string;
  readonly adminToken?: string | undefined;
  readonly jwtSecret?: string | undefined;
}

/**
 * The server's secrets, creating `DIR/admin-token` and `DIR/jwt-secret` (mode 0600) when needed.
 * @throws BarrageError `UNAVAILABLE` when the data folder cannot be used.
 */
export function loadSecrets(sources: SecretSources): ServerSecrets {
  try {
    mkdirSync(sources.dataDir, { recursive: true, mode: 0o700 });
    return {
      adminToken: sources.adminToken ?? keptSecret(join(sources.dataDir, 'admin-token')),
      jwtSecret: sources.jwtSecret ?? keptSecret(join(sources.dataDir, 'jwt-secret')),
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new BarrageError('UNAVAILABLE', `data folder ${sources.dataDir} cannot be used: ${reason}`, {
      cause: error,
    });
  }
}

function keptSecret(file: string): string {
  try {
    // `wx` makes creation atomic: of two servers starting at once the second reads what the first wrote.
    writeFileSync(file, `${createSecret()}\n`, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const secret = readFileSync(file, 'utf8').trim();
  if (secret === '') throw new Error(`${file} is empty; delete it to have a new secret made`);
  return secret;
}
