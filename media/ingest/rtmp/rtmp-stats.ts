// Counters of the RTMP ingest, for metrics and the API.

/** Why connections end or are refused. Fixed, so that a counter for each is bounded. */
export const CLOSE_CODES = [
  'left',
  'unpublished',
  'kicked',
  'shutdown',
  'handshake_timeout',
  'publish_timeout',
  'admit_timeout',
  'stalled',
  'malformed',
  'limit',
  'slow_reader',
  'bad_app',
  'bad_key',
  'publisher_exists',
  'not_admitted',
  'play_refused',
  'unsupported_media',
  'too_many_connections',
  'too_many_per_address',
  'draining',
  'internal',
] as const;

export type CloseCode = (typeof CLOSE_CODES)[number];

/** A plain snapshot; `closed` has every code, refused connections included. */
export interface RtmpStats {
  readonly open: number;
  readonly publishing: number;
  readonly accepted: number;
  readonly closed: Readonly<Record<CloseCode, number>>;
  readonly bytesIn: number;
}

/** The counters of one server. */
export class RtmpCounters {
  accepted = 0;
  bytesIn = 0;
  readonly #closed = new Map<CloseCode, number>();

  countClosed(code: CloseCode): void {
    this.#closed.set(code, (this.#closed.get(code) ?? 0) + 1);
  }

  describe(live: { open: number; publishing: number }): RtmpStats {
    const closed = Object.fromEntries(CLOSE_CODES.map((code) => [code, this.#closed.get(code) ?? 0]));
    return {
      ...live,
      accepted: this.accepted,
      closed: closed as Record<CloseCode, number>,
      bytesIn: this.bytesIn,
    };
  }
}
