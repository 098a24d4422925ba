// The process of a crowd of HLS players: hls-player.ts behind a generator's methods.
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConnectionOptions } from '../http/keep-alive-connection.ts';
import { serveGenerator } from '../load/generator-host.ts';
import { HlsPlayer } from './hls-player.ts';
import { PLAYER_TIMES, PlayerBook, type PlayerCounts } from './player-book.ts';

const EXPIRE_EVERY_MS = 100;

const book = new PlayerBook();
const players: HlsPlayer[] = [];

setInterval(() => {
  const nowMs = performance.now();
  for (const player of players) player.expire(nowMs);
}, EXPIRE_EVERY_MS).unref();

export interface JoinOptions extends ConnectionOptions {
  readonly path: string;
  /** How many there shall be in all. */
  readonly players: number;
  /** Over how long those that are missing join, evenly, ms. */
  readonly overMs: number;
}

const methods = {
  /** Adds players up to a number; resolves when the last one has begun. */
  async join({ players: wanted, overMs, ...options }: JoinOptions): Promise<void> {
    const missing = wanted - players.length;
    const startedAt = performance.now();
    for (let joined = 1; joined <= missing; joined++) {
      players.push(new HlsPlayer({ ...options, book, index: players.length }));
      const dueAt = startedAt + (overMs * joined) / missing;
      await sleep(Math.max(0, dueAt - performance.now()));
    }
  },

  /** What was counted since the last call; histograms come encoded, in the order of PLAYER_TIMES. */
  take(): PlayerCounts & { readonly playing: number; readonly encoded: readonly string[] } {
    const { times, ...counts } = book.take();
    const encoded = PLAYER_TIMES.map((name) => times[name].encode());
    return { ...counts, encoded, playing: players.filter(({ isPlaying }) => isPlaying).length };
  },
};

export type PlayerMethods = typeof methods;

serveGenerator(methods, () => {
  for (const player of players) player.close();
});
