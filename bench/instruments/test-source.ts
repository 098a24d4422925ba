// The paced camera and microphone: one clock picture a tick and the sound since the last, as Matroska into
// a pipe. Never bursts: a tick that comes late or finds the pipe full is skipped, its place in time left open.
import type { Writable } from 'node:stream';
import { ClockPicture } from './clock-picture.ts';
import { AUDIO_TRACK, RawMatroska, VIDEO_TRACK } from './raw-matroska.ts';
import { renderTone } from './test-tone.ts';

export interface TestSourceOptions {
  /** Size of the raw picture; ffmpeg scales it up. Default 320x180. */
  readonly width?: number;
  readonly height?: number;
  /** Default 30. */
  readonly fps?: number;
  /** Default 48000. */
  readonly sampleRate?: number;
}

/** How many clocks are remembered for {@link TestSource.clockOfTick}. */
const REMEMBERED_TICKS = 3000;
const MAX_PENDING_PICTURES = 3;

/** A running test source; `stop` ends the pipe. Times are Unix ms. */
export class TestSource {
  readonly fps: number;
  readonly #sampleRate: number;
  readonly #out: Writable;
  readonly #picture: ClockPicture;
  readonly #muxer: RawMatroska;
  readonly #clocks = new Map<number, number>();
  readonly #startedAt = performance.now();
  readonly #startedAtMs = Date.now();
  #timer: NodeJS.Timeout | undefined;
  #nextTick = 0;
  #samplesSent = 0;
  #skipped = 0;

  constructor(out: Writable, options: TestSourceOptions = {}) {
    this.fps = options.fps ?? 30;
    this.#sampleRate = options.sampleRate ?? 48_000;
    this.#out = out;
    this.#picture = new ClockPicture({ width: options.width ?? 320, height: options.height ?? 180 });
    this.#muxer = new RawMatroska({
      width: this.#picture.width,
      height: this.#picture.height,
      fps: this.fps,
      sampleRate: this.#sampleRate,
    });
    this.#out.write(this.#muxer.header());
    this.#tick();
  }

  /** Pictures left out because the machine or the reader was late. */
  get skipped(): number {
    return this.#skipped;
  }

  /** The clock burned into the picture of a tick (0 is the first), if it was sent lately. */
  clockOfTick(tick: number): number | undefined {
    return this.#clocks.get(tick);
  }

  /** Ends the pictures and the pipe. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#out.writable) this.#out.end();
  }

  #tick(): void {
    const elapsedMs = performance.now() - this.#startedAt;
    const due = Math.floor((elapsedMs * this.fps) / 1000);
    // A timer may fire up to a millisecond early: then this tick is not due yet.
    if (due >= this.#nextTick) {
      this.#skipped += due - this.#nextTick;
      if (this.#isPipeFull()) this.#skipped++;
      else this.#send(due);
      this.#nextTick = due + 1;
    }
    const nextAtMs = (this.#nextTick * 1000) / this.fps;
    const waitMs = Math.ceil(nextAtMs - (performance.now() - this.#startedAt));
    this.#timer = setTimeout(() => this.#tick(), Math.max(1, waitMs));
  }

  #isPipeFull(): boolean {
    return this.#out.writableLength > this.#picture.byteLength * MAX_PENDING_PICTURES;
  }

  #send(tick: number): void {
    if (!this.#out.writable) return;
    this.#sendSound(tick);
    const clockMs = Date.now();
    this.#clocks.set(tick, clockMs);
    this.#clocks.delete(tick - REMEMBERED_TICKS);
    this.#out.write(this.#muxer.block(VIDEO_TRACK, (tick * 1000) / this.fps, this.#picture.draw(clockMs)));
  }

  /** The sound from where it stopped up to this tick: continuous even over skipped pictures. */
  #sendSound(tick: number): void {
    const samples = Math.floor((tick * this.#sampleRate) / this.fps) - this.#samplesSent;
    if (samples <= 0) return;
    const fromMs = (this.#samplesSent * 1000) / this.#sampleRate;
    const tone = renderTone({ startMs: this.#startedAtMs + fromMs, samples, sampleRate: this.#sampleRate });
    this.#out.write(this.#muxer.block(AUDIO_TRACK, fromMs, tone));
    this.#samplesSent += samples;
  }
}
