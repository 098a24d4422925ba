// What a crowd of HLS players saw, counted together: the generator keeps one and hands it in stretch by stretch.
import type { HttpOutcome } from '../http/keep-alive-connection.ts';
import { LatencyHistogram } from '../latency-histogram.ts';
import type { MediaPlaylist } from './playlist.ts';

const MAX_REASONS = 5;
/** Segments whose first sighting is remembered. */
const MAX_SIGHTINGS = 2_000;

export type RequestKind = 'playlist' | 'segment';

/** The distributions of a stretch, ms. */
export const PLAYER_TIMES = ['playlist', 'segment', 'edge', 'freshness'] as const;
export type PlayerTimes = Readonly<Record<(typeof PLAYER_TIMES)[number], LatencyHistogram>>;

export interface PlayerCounts {
  readonly playlists: number;
  readonly segments: number;
  readonly bytes: number;
  readonly errors: number;
  readonly timeouts: number;
  /** Segments that were gone from the playlist before a player got to them. */
  readonly missed: number;
  /** Some of the reasons of errors. */
  readonly reasons: readonly string[];
}

/** Counts of a stretch with its distributions. */
export interface PlayerRecord extends PlayerCounts {
  readonly times: PlayerTimes;
}

/** See the head of the file. */
export class PlayerBook {
  /** When a segment was first listed for anybody, by its path: as near as players can know when it was there. */
  readonly #sightings = new Map<string, number>();
  readonly #reasons = new Set<string>();
  #counts = noCounts();
  #times = noTimes();

  /** A request was answered, or not; `sinceMs` is when it was due. True when it was answered with status 200. */
  countRequest(kind: RequestKind, outcome: HttpOutcome, sinceMs: number): boolean {
    if (outcome.kind === 'answer' && outcome.answer.status === 200) {
      this.#counts[kind === 'playlist' ? 'playlists' : 'segments']++;
      this.#counts.bytes += outcome.answer.bytes;
      this.#times[kind].record(performance.now() - sinceMs);
      return true;
    }
    if (outcome.kind === 'timeout') this.#counts.timeouts++;
    else {
      this.#counts.errors++;
      const reason = outcome.kind === 'answer' ? `${kind}: status ${outcome.answer.status}` : outcome.reason;
      if (this.#reasons.size < MAX_REASONS) this.#reasons.add(reason);
    }
    return false;
  }

  /** A playlist arrived: how far behind now its newest segment ends, and which segments it shows first. */
  countPlaylist({ segments }: MediaPlaylist, pathOf: (uri: string) => string): void {
    const newest = segments.at(-1);
    if (newest?.startMs !== undefined) {
      this.#times.edge.record(Date.now() - (newest.startMs + newest.durationMs));
    }
    for (const { uri } of segments) this.#sight(pathOf(uri));
  }

  /** A segment that had not been listed before was fetched to its end. */
  countFresh(path: string): void {
    const seenAt = this.#sightings.get(path);
    if (seenAt !== undefined) this.#times.freshness.record(performance.now() - seenAt);
  }

  countMissed(segments: number): void {
    this.#counts.missed += segments;
  }

  /** What was counted since the last call. */
  take(): PlayerRecord {
    const record = { ...this.#counts, reasons: [...this.#reasons], times: this.#times };
    this.#counts = noCounts();
    this.#times = noTimes();
    this.#reasons.clear();
    return record;
  }

  #sight(path: string): void {
    if (this.#sightings.has(path)) return;
    this.#sightings.set(path, performance.now());
    if (this.#sightings.size <= MAX_SIGHTINGS) return;
    const oldest = this.#sightings.keys().next();
    if (!oldest.done) this.#sightings.delete(oldest.value);
  }
}

function noCounts() {
  return { playlists: 0, segments: 0, bytes: 0, errors: 0, timeouts: 0, missed: 0 };
}

function noTimes(): PlayerTimes {
  const [playlist, segment, edge, freshness] = PLAYER_TIMES.map(() => new LatencyHistogram());
  if (!playlist || !segment || !edge || !freshness) throw new Error('a distribution is missing');
  return { playlist, segment, edge, freshness };
}
