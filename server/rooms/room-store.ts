// Rooms on disk: SQLite through node:sqlite. Only storage; what a room may be is the registry's business.
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { BarrageError } from '../../core/errors.ts';
import { migrate } from './migrations.ts';
import { type RoomRecord, roomSettingsSchema } from './room-record.ts';

/** Keeps rooms and their like totals. */
export class RoomStore {
  readonly #database: DatabaseSync;

  private constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /**
   * Opens (or makes) `DIR/barrage.sqlite`, readable by its owner alone, since it holds stream keys.
   * @throws BarrageError `UNAVAILABLE` when it cannot be used.
   */
  static open(dataDir: string): RoomStore {
    const file = join(dataDir, 'barrage.sqlite');
    try {
      mkdirSync(dataDir, { recursive: true, mode: 0o700 });
      // SQLite would make the file with the process's umask; its journals take over the mode of the file.
      closeSync(openSync(file, 'a', 0o600));
      const database = new DatabaseSync(file);
      database.exec('PRAGMA busy_timeout = 2000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
      migrate(database);
      return new RoomStore(database);
    } catch (error) {
      if (error instanceof BarrageError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new BarrageError('UNAVAILABLE', `database ${file} cannot be used: ${reason}`, { cause: error });
    }
  }

  /** Every room, oldest first. */
  list(): RoomRecord[] {
    const rows = this.#database.prepare('SELECT * FROM rooms ORDER BY created_at, id').all();
    return rows.map((row) => readRecord(row as unknown as RoomRow));
  }

  insert(record: RoomRecord): void {
    this.#database
      .prepare('INSERT INTO rooms (id, title, stream_key, created_at, settings) VALUES (?, ?, ?, ?, ?)')
      .run(record.id, record.title, record.streamKey, record.createdAt, JSON.stringify(record.settings));
  }

  /** Overwrites what may change of a room: title, stream key, settings. */
  update(record: RoomRecord): void {
    this.#database
      .prepare('UPDATE rooms SET title = ?, stream_key = ?, settings = ? WHERE id = ?')
      .run(record.title, record.streamKey, JSON.stringify(record.settings), record.id);
  }

  delete(id: string): void {
    this.#database.prepare('DELETE FROM rooms WHERE id = ?').run(id);
  }

  /** All likes a room ever got; 0 for an unknown room. */
  getLikes(id: string): number {
    const row = this.#database.prepare('SELECT likes FROM rooms WHERE id = ?').get(id);
    return (row as { likes: number } | undefined)?.likes ?? 0;
  }

  setLikes(id: string, total: number): void {
    this.#database.prepare('UPDATE rooms SET likes = ? WHERE id = ?').run(total, id);
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }
}

interface RoomRow {
  readonly id: string;
  readonly title: string;
  readonly stream_key: string;
  readonly created_at: number;
  readonly settings: string;
}

function readRecord(row: RoomRow): RoomRecord {
  return {
    id: row.id,
    title: row.title,
    streamKey: row.stream_key,
    createdAt: row.created_at,
    settings: roomSettingsSchema.parse(JSON.parse(row.settings)),
  };
}
