// The database's tables, one step for each version ever released. Steps are only ever added at the end.
import type { DatabaseSync } from 'node:sqlite';
import { BarrageError } from '../../core/errors.ts';

const STEPS: readonly string[] = [
  `CREATE TABLE rooms (
     id TEXT PRIMARY KEY,
     title TEXT NOT NULL,
     stream_key TEXT NOT NULL UNIQUE,
     created_at INTEGER NOT NULL,
     settings TEXT NOT NULL,
     likes INTEGER NOT NULL DEFAULT 0
   ) STRICT`,
];

/**
 * Brings a database to the newest version, each step in a transaction of its own.
 * @throws BarrageError `UNAVAILABLE` when the file was written by a newer server.
 */
export function migrate(database: DatabaseSync): void {
  const row = database.prepare('PRAGMA user_version').get() as { user_version: number };
  if (row.user_version > STEPS.length) {
    throw new BarrageError(
      'UNAVAILABLE',
      `the database has version ${row.user_version}, this server knows up to ${STEPS.length}: use a newer server`,
    );
  }
  for (let version = row.user_version; version < STEPS.length; version++) {
    database.exec(`BEGIN IMMEDIATE; ${STEPS[version]}; PRAGMA user_version = ${version + 1}; COMMIT`);
  }
}
