// Tells the playhead which picture a WebRTC video shows. Best source first: the frame's RTP timestamp on
// the clock the answer named, told with the frame or, while no frame callbacks come, by the receiver; the
// receiver's playout statistics; the time of reception. Not the capture
// time of requestVideoFrameCallback: Chromium needs a round trip for it, which a mere receiver never measures.
import type { Playhead } from '../timing/playhead.ts';
import { localNowMs, type ServerClock } from '../timing/server-clock.ts';
import { NTP_TO_UNIX_MS, RtpClock } from './rtp-clock.ts';

export interface VideoClockOptions {
  readonly video: HTMLVideoElement;
  readonly connection: RTCPeerConnection;
  /** The server's SDP answer, as it came: browsers drop from theirs what they do not know. */
  readonly answer: string;
  readonly clock: ServerClock;
  readonly playhead: Playhead;
}

/** Where samples come from at the moment. */
export type ClockSource = 'none' | 'rtp-timestamp' | 'playout-stats' | 'receive-time';

const POLL_MS = 1000;
/** Without a frame callback for so long the receiver is asked: browsers hold them back while pictures go on. */
const SILENCE_MS = 100;
/** Encoding, network and pacing before reception; a guess that only serves when nothing better is known. */
const ASSUMED_TRANSIT_MS = 150;

type FrameMetadata = VideoFrameCallbackMetadata & {
  readonly receiveTime?: number;
  readonly rtpTimestamp?: number;
};

/** What is read of an `inbound-rtp` report. */
interface PlayoutStats {
  readonly timestamp: number;
  readonly estimatedPlayoutTimestamp?: number;
  readonly framesDecoded?: number;
}

/** What {@link frameMediaMs} works with; `rtpClock` is the answer's, when it names one. */
export interface FrameClocks {
  readonly server: ServerClock;
  readonly rtpClock: RtpClock | undefined;
}

/** The media time of a frame on the server's clock; undefined when its metadata does not tell. */
export function frameMediaMs(
  frame: { readonly rtpTimestamp?: number; readonly receiveTime?: number },
  { server, rtpClock }: FrameClocks,
): { readonly mediaMs: number; readonly source: ClockSource } | undefined {
  if (frame.rtpTimestamp !== undefined && rtpClock) {
    return { mediaMs: rtpClock.toMediaMs(frame.rtpTimestamp, server.nowMs()), source: 'rtp-timestamp' };
  }
  if (frame.receiveTime === undefined) return undefined;
  const mediaMs = server.toServerMs(performance.timeOrigin + frame.receiveTime) - ASSUMED_TRANSIT_MS;
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
  readonly #clocks: FrameClocks;
  readonly #timers: readonly ReturnType<typeof setInterval>[];
  #frameRequest = 0;
  #source: ClockSource = 'none';
  #lastFrameMs = 0;
  #framesDecoded = 0;
  #lastRtpTimestamp: number | undefined;
  #stopped = false;

  constructor(options: VideoClockOptions) {
    this.#options = options;
    this.#clocks = { server: options.clock, rtpClock: RtpClock.fromAnswer(options.answer) };
    this.#timers = [
      setInterval(() => void this.#poll(), POLL_MS),
      setInterval(() => this.#askReceiver(), SILENCE_MS),
    ];
    this.#requestFrame();
  }

  get source(): ClockSource {
    return this.#source;
  }

  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers) clearInterval(timer);
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
    this.#lastFrameMs = localNowMs();
    this.#lastRtpTimestamp = frame.rtpTimestamp;
    const found = frameMediaMs(frame, this.#clocks);
    if (found) this.#add(found.mediaMs, performance.timeOrigin + frame.expectedDisplayTime, found.source);
  }

  /** The frame handed to the element last (WebRTC, `RTCRtpReceiver.getSynchronizationSources`). */
  #askReceiver(): void {
    const { rtpClock, server } = this.#clocks;
    if (!rtpClock || localNowMs() - this.#lastFrameMs < SILENCE_MS) return;
    const receiver = this.#options.connection.getReceivers().find(({ track }) => track.kind === 'video');
    const rtpTimestamp = receiver?.getSynchronizationSources()[0]?.rtpTimestamp;
    if (rtpTimestamp === undefined || rtpTimestamp === this.#lastRtpTimestamp) return;
    this.#lastRtpTimestamp = rtpTimestamp;
    this.#add(rtpClock.toMediaMs(rtpTimestamp, server.nowMs()), localNowMs(), 'rtp-timestamp');
  }

  /** Stands in while the page is hidden and no frame callbacks come, and where there are none. */
  async #poll(): Promise<void> {
    if (localNowMs() - this.#lastFrameMs < 1.5 * POLL_MS) return;
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
    this.#add(mediaMs, atMs, 'playout-stats');
  }

  #add(mediaMs: number, atMs: number, source: ClockSource): void {
    this.#source = source;
    this.#options.playhead.addSample({ mediaMs, atMs });
  }
}
