// Who watches a room, by transport. HLS has no connection to count: who fetched a playlist lately is there.

/** How long after its last playlist an HLS viewer still counts, ms. */
export const HLS_VIEWER_MS = 15_000;

/** Most HLS viewers remembered for one room; more are not counted. */
const MAX_HLS_VIEWERS = 100_000;

export interface PresenceCounts {
  readonly websocket: number;
  readonly webrtc: number;
  readonly hls: number;
  /** People, as well as can be told: a session that also fetches HLS counts once. */
  readonly total: number;
}

/** Counts a room's viewers. `key` tells one viewer's HLS from another's: address and user agent. */
export class Presence {
  readonly #onChange: () => void;
  readonly #sessionKeys = new Map<string, number>();
  readonly #hlsSeenMs = new Map<string, number>();
  #websocket = 0;
  #channels = 0;
  #whep = 0;

  /** `onChange` is called whenever the counts may have changed. */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** A session of the interaction protocol joined; call what is returned once when it leaves. */
  enterSession(transport: 'websocket' | 'datachannel', key: string): () => void {
    this.#sessionKeys.set(key, (this.#sessionKeys.get(key) ?? 0) + 1);
    this.#countSession(transport, 1);
    return () => {
      const left = (this.#sessionKeys.get(key) ?? 1) - 1;
      if (left > 0) this.#sessionKeys.set(key, left);
      else this.#sessionKeys.delete(key);
      this.#countSession(transport, -1);
    };
  }

  /** A WHEP viewer came; call what is returned once when it goes. */
  enterWhep(): () => void {
    this.#whep++;
    this.#onChange();
    return () => {
      this.#whep--;
      this.#onChange();
    };
  }

  /** Somebody fetched a playlist. */
  touchHls(key: string, nowMs: number): void {
    const isNew = !this.#hlsSeenMs.has(key);
    if (isNew && this.#hlsSeenMs.size >= MAX_HLS_VIEWERS) return;
    this.#hlsSeenMs.set(key, nowMs);
    if (isNew) this.#onChange();
  }

  /** Forgets HLS viewers who stopped fetching. */
  sweep(nowMs: number): void {
    const before = this.#hlsSeenMs.size;
    for (const [key, seenMs] of this.#hlsSeenMs) {
      if (nowMs - seenMs > HLS_VIEWER_MS) this.#hlsSeenMs.delete(key);
    }
    if (this.#hlsSeenMs.size !== before) this.#onChange();
  }

  counts(): PresenceCounts {
    let alone = 0;
    for (const key of this.#hlsSeenMs.keys()) if (!this.#sessionKeys.has(key)) alone++;
    const sessions = this.#websocket + this.#channels;
    // A WHEP player with data channels is a session as well; it counts there.
    const whepOnly = Math.max(0, this.#whep - this.#channels);
    return {
      websocket: this.#websocket,
      webrtc: this.#whep,
      hls: this.#hlsSeenMs.size,
      total: sessions + whepOnly + alone,
    };
  }

  #countSession(transport: 'websocket' | 'datachannel', by: 1 | -1): void {
    if (transport === 'websocket') this.#websocket += by;
    else this.#channels += by;
    this.#onChange();
  }
}
