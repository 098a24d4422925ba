// Plays a stream over HLS in a video element: hls.js where Media Source Extensions exist, else the browser's
// own player (Safari on iPhone). Recovers from fatal errors; does not choose the transport.
import type Hls from 'hls.js';
import type { ErrorData } from 'hls.js';
import { backoffDelayMs } from '../../../server/protocol/backoff.ts';
import { startPlayback } from '../autoplay.ts';
import { Emitter } from '../emitter.ts';
import type { Level } from '../quality.ts';
import type { Playhead } from '../timing/playhead.ts';
import { HlsClock, spanMediaMs } from './hls-clock.ts';

/** `waiting`: something fatal happened (`error`, hls.js's `details`); loading starts again at `retryAtMs`. */
export type HlsPlayerState =
  | { readonly status: 'idle' }
  | { readonly status: 'loading' }
  | { readonly status: 'playing' }
  | { readonly status: 'waiting'; readonly retryAtMs: number; readonly error: string };

export interface HlsPlayerEvents {
  state: HlsPlayerState;
  /** The variants of the stream, lowest first. */
  levels: readonly Level[];
  /** Index (into `levels`) of the variant now shown. */
  level: number;
}

export interface HlsPlayerOptions {
  readonly video: HTMLVideoElement;
  readonly playhead: Playhead;
  /** The multivariant playlist, for example `/live/ROOM/index.m3u8`. */
  readonly url: string;
}

const RETRY = { minMs: 1000, maxMs: 8000 };

/** For segments of 2 s: 4 s behind the edge of the playlist, and back there when 12 s are passed. */
const HLS_CONFIG = {
  liveSyncDurationCount: 2,
  liveMaxLatencyDurationCount: 6,
  maxLiveSyncPlaybackRate: 1.1,
  lowLatencyMode: true,
  maxBufferLength: 15,
  backBufferLength: 30,
  // Fragments are fMP4 already, there is nothing to transmux; a worker would need a script of its own.
  enableWorker: false,
} as const;

/** `start()` and `stop()` as often as wanted. */
export class HlsPlayer extends Emitter<HlsPlayerEvents> {
  readonly #options: HlsPlayerOptions;
  #state: HlsPlayerState = { status: 'idle' };
  #hls: Hls | undefined;
  #clock: HlsClock | undefined;
  #level: number | null = null;
  #attempt = 0;
  #generation = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #listening: AbortController | undefined;

  constructor(options: HlsPlayerOptions) {
    super();
    this.#options = options;
  }

  get state(): HlsPlayerState {
    return this.#state;
  }

  start(): void {
    if (this.#state.status !== 'idle') return;
    this.#attempt = 0;
    void this.#load();
  }

  stop(): void {
    if (this.#state.status === 'idle') return;
    this.#teardown();
    this.#options.playhead.stop();
    this.#setState({ status: 'idle' });
  }

  /** Pins the variant with that index of `levels`, null for automatic. Without hls.js it has no effect. */
  setLevel(index: number | null): void {
    this.#level = index;
    if (this.#hls) this.#hls.nextLevel = index ?? -1;
  }

  /** Jumps to the live edge, as after a pause. */
  seekToLive(): void {
    const position = this.#hls?.liveSyncPosition;
    if (typeof position === 'number') this.#options.video.currentTime = position;
  }

  async #load(): Promise<void> {
    this.#teardown();
    const generation = ++this.#generation;
    this.#setState({ status: 'loading' });
    this.#options.playhead.start();
    this.#listen();
    // Fetched only when needed: most viewers play WebRTC and never load these 600 KB.
    const { default: HlsClass } = await import('hls.js');
    if (generation !== this.#generation) return;
    if (HlsClass.isSupported()) this.#startHls(HlsClass);
    else this.#startNative();
    void startPlayback(this.#options.video);
  }

  #startHls(HlsClass: typeof Hls): void {
    const { video, playhead, url } = this.#options;
    const hls = new HlsClass(HLS_CONFIG);
    this.#hls = hls;
    const { Events } = HlsClass;
    hls.on(Events.MANIFEST_PARSED, () => this.#publishLevels(hls));
    hls.on(Events.LEVEL_SWITCHED, (_event, { level }) => this.emit('level', level));
    hls.on(Events.ERROR, (_event, data) => this.#handleError(hls, data));
    hls.loadSource(url);
    hls.attachMedia(video);
    const mediaMsAt = (timeS: number) => {
      const level = hls.levels[hls.currentLevel] ?? hls.levels[hls.loadLevel];
      return spanMediaMs(level?.details?.fragments ?? [], timeS);
    };
    this.#clock = new HlsClock({ video, playhead, mediaMsAt });
  }

  #startNative(): void {
    const { video, playhead, url } = this.#options;
    video.src = url;
    const mediaMsAt = (timeS: number) => {
      const start = (video as { getStartDate?: () => Date }).getStartDate?.().getTime();
      return start === undefined || Number.isNaN(start) ? undefined : start + timeS * 1000;
    };
    this.#clock = new HlsClock({ video, playhead, mediaMsAt });
  }

  #listen(): void {
    const { video } = this.#options;
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    video.addEventListener('playing', () => this.#handlePlaying(), { signal });
    video.addEventListener('error', () => this.#retry(`media error ${video.error?.code ?? ''}`), { signal });
  }

  #handlePlaying(): void {
    this.#attempt = 0;
    this.#setState({ status: 'playing' });
  }

  #publishLevels(hls: Hls): void {
    const levels = hls.levels.map((level, index) => ({
      index,
      name: `${level.height}p`,
      height: level.height,
    }));
    this.emit('levels', levels);
    if (this.#level !== null) hls.nextLevel = this.#level;
  }

  #handleError(hls: Hls, data: ErrorData): void {
    if (!data.fatal || this.#hls !== hls) return;
    // One attempt to go on with what is buffered; a second failure in a row starts from nothing.
    if (data.type === 'mediaError' && this.#attempt === 0) {
      this.#attempt++;
      hls.recoverMediaError();
    } else {
      this.#retry(data.details);
    }
  }

  #retry(error: string): void {
    this.#teardown();
    const delayMs = backoffDelayMs(this.#attempt++, RETRY);
    this.#timer = setTimeout(() => void this.#load(), delayMs);
    this.#setState({ status: 'waiting', retryAtMs: Date.now() + delayMs, error });
  }

  #teardown(): void {
    this.#generation++;
    clearTimeout(this.#timer);
    this.#listening?.abort();
    this.#clock?.stop();
    this.#clock = undefined;
    const { video } = this.#options;
    if (this.#hls) this.#hls.destroy();
    else if (video.hasAttribute('src')) {
      video.removeAttribute('src');
      video.load();
    }
    this.#hls = undefined;
  }

  #setState(state: HlsPlayerState): void {
    this.#state = state;
    this.emit('state', state);
  }
}
