// Tells the playhead which picture a WebRTC video shows. Best source first: the capture time the browser
// worked out from sender reports, the receiver's playout statistics, the time of reception.
import type { Playhead } from '../timing/playhead.ts';
import { localNowMs, type ServerClock } from '../timing/server-clock.ts';
import { RtpClock } from './rtp-clock.ts';

export interface VideoClockOptions {
  readonly video: HTMLVideoElement;
  readonly connection: RTCPeerConnection;
  readonly clock: ServerClock;
  readonly playhead: Playhead;
}

/** Where samples come from at the moment. */
export type ClockSource = 'none' | 'capture-time' | 'playout-stats' | 'receive-time';

/** The NTP epoch is 1900, Unix's 1970 (RFC 5905 section 6). */
const NTP_TO_UNIX_MS = 2_208_988_800_000;
const POLL_MS = 1000;
/** Encoding, network and pacing before reception; a guess that only serves when nothing better is known. */
const ASSUMED_TRANSIT_MS = 150;
const MAX_AGE_MS = 60_000;
/** The better sources need two sender reports; until then it is unknown rather than guessed. */
const GUESS_AFTER_MS = 4000;

type FrameMetadata = VideoFrameCallbackMetadata & {
  readonly captureTime?: number;
  readonly receiveTime?: number;
  readonly rtpTimestamp?: number;
};

/** What is read of an `inbound-rtp` report. */
interface PlayoutStats {
  readonly timestamp: number;
  readonly estimatedPlayoutTimestamp?: number;
  readonly framesDecoded?: number;
}

/** The media time of a frame on the server's clock; undefined when its metadata does not tell. */
export function frameMediaMs(
  frame: { readonly captureTime?: number; readonly receiveTime?: number },
  clock: ServerClock,
): { readonly mediaMs: number; readonly source: ClockSource } | undefined {
  if (frame.captureTime !== undefined) {
    const mediaMs = clock.toServerMs(performance.timeOrigin + frame.captureTime);
    // Before the first sender report Chromium may give times that are far off.
    const ageMs = clock.nowMs() - mediaMs;
    if (ageMs > -1000 && ageMs < MAX_AGE_MS) return { mediaMs, source: 'capture-time' };
  }
  if (frame.receiveTime === undefined) return undefined;
  const mediaMs = clock.toServerMs(performance.timeOrigin + frame.receiveTime) - ASSUMED_TRANSIT_MS;
  return { mediaMs, source: 'receive-time' };
}

/** `estimatedPlayoutTimestamp` (sender's NTP clock, ms) as Unix ms; undefined when it is not set. */
export function playoutMediaMs(timestamp: number | undefined): number | undefined {
  if (timestamp === undefined || timestamp <= 0) return undefined;
  return timestamp > NTP_TO_UNIX_MS + 1e12 ? timestamp - NTP_TO_UNIX_MS : timestamp;
}

/** Samples from construction until {@link stop}. */
export class VideoClock {
  readonly #options: VideoClockOptions;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #rtpClock = new RtpClock();
  readonly #startedMs = localNowMs();
  #frameRequest = 0;
  #source: ClockSource = 'none';
  #lastFrameMs = 0;
  #framesDecoded = 0;
  #stopped = false;

  constructor(options: VideoClockOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.#poll(), POLL_MS);
    this.#requestFrame();
  }

  get source(): ClockSource {
    return this.#source;
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#timer);
    if (this.#frameRequest !== 0) this.#options.video.cancelVideoFrameCallback(this.#frameRequest);
  }

  #requestFrame(): void {
    const { video } = this.#options;
    if (this.#stopped || !('requestVideoFrameCallback' in video)) return;
    this.#frameRequest = video.requestVideoFrameCallback((_now, frame) => {
      this.#handleFrame(frame);
      this.#requestFrame();
    });
  }

  #handleFrame(frame: FrameMetadata): void {
    const { timeOrigin } = performance;
    const atMs = timeOrigin + frame.expectedDisplayTime;
    this.#lastFrameMs = localNowMs();
    if (frame.rtpTimestamp !== undefined) {
      this.#rtpClock.addFrame(frame.rtpTimestamp, timeOrigin + frame.presentationTime);
    }
    const found = frameMediaMs(frame, this.#options.clock);
    const byPlayout = frame.rtpTimestamp === undefined ? undefined : this.#rtpClock.mediaMs;
    if (found?.source === 'capture-time') this.#add(found.mediaMs, atMs, 'capture-time');
    else if (byPlayout !== undefined) this.#add(byPlayout, atMs, 'playout-stats');
    else if (found && atMs - this.#startedMs > GUESS_AFTER_MS) this.#add(found.mediaMs, atMs, found.source);
  }

  /** Keeps the fallback at hand, and stands in while the page is hidden and no frame callbacks come. */
  async #poll(): Promise<void> {
    const report = await this.#options.connection.getStats().catch(() => undefined);
    if (!report || this.#stopped) return;
    for (const stats of report.values()) {
      if (stats.type === 'inbound-rtp' && stats.kind === 'video') this.#handleStats(stats);
    }
  }

  #handleStats(stats: PlayoutStats): void {
    const mediaMs = playoutMediaMs(stats.estimatedPlayoutTimestamp);
    const moving = (stats.framesDecoded ?? 0) > this.#framesDecoded;
    this.#framesDecoded = stats.framesDecoded ?? 0;
    if (mediaMs === undefined || !moving) return;
    const nowMs = localNowMs();
    // The report may have waited for this page's turn; it is true for its own time.
    const atMs = Math.abs(nowMs - stats.timestamp) < 2000 ? stats.timestamp : nowMs;
    this.#rtpClock.addPlayout(mediaMs, atMs);
    if (nowMs - this.#lastFrameMs > 1.5 * POLL_MS) this.#add(mediaMs, atMs, 'playout-stats');
  }

  #add(mediaMs: number, atMs: number, source: ClockSource): void {
    this.#source = source;
    this.#options.playhead.addSample({ mediaMs, atMs });
  }
}
