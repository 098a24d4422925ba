// Notices that a connected WebRTC session delivers no picture: no new decoded frame (no packet, when there is
// no video) for some seconds. Only watches; what to do about it is the owner's decision.

export interface FreezeWatchOptions {
  readonly connection: Pick<RTCPeerConnection, 'getStats'>;
  /** Called once, then the watch is over. */
  readonly frozen: () => void;
  /** Whether a picture is to be expected now; the count starts over while it is not. */
  readonly expected: () => boolean;
  /** Default 5 s. */
  readonly limitMs?: number;
  /** Default 1 s. */
  readonly pollMs?: number;
}

/** Watches from construction until it fires or {@link stop}. */
export class FreezeWatch {
  readonly #options: FreezeWatchOptions;
  readonly #timer: ReturnType<typeof setInterval>;
  #progress = -1;
  #progressAtMs = performance.now();
  #stopped = false;

  constructor(options: FreezeWatchOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.#poll(), options.pollMs ?? 1000);
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#timer);
  }

  async #poll(): Promise<void> {
    const report = await this.#options.connection.getStats().catch(() => undefined);
    if (!report || this.#stopped) return;
    const progress = measureProgress(report);
    const nowMs = performance.now();
    if (progress !== this.#progress || !this.#options.expected()) {
      this.#progress = progress;
      this.#progressAtMs = nowMs;
    } else if (nowMs - this.#progressAtMs > (this.#options.limitMs ?? 5000)) {
      this.stop();
      this.#options.frozen();
    }
  }
}

/** A number that grows while media comes through: decoded frames, else packets. */
export function measureProgress(report: RTCStatsReport): number {
  let frames = -1;
  let packets = 0;
  for (const stats of report.values()) {
    if (stats.type !== 'inbound-rtp') continue;
    packets += stats.packetsReceived ?? 0;
    if (stats.kind === 'video') frames = Math.max(frames, stats.framesDecoded ?? 0);
  }
  return frames >= 0 ? frames : packets;
}
