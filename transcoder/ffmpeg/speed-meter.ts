// How fast media comes out of ffmpeg, in media seconds per wall second. Pure: it is told the time.

interface Mark {
  readonly mediaUs: number;
  readonly wallMs: number;
}

const WINDOW_MS = 5_000;
const MARK_INTERVAL_MS = 500;

/** Measures over the last five seconds; 1 is real time. */
export class SpeedMeter {
  #marks: Mark[] = [];
  #newest: Mark | undefined;

  add(mediaUs: number, wallMs: number): void {
    const newest = { mediaUs: Math.max(mediaUs, this.#newest?.mediaUs ?? mediaUs), wallMs };
    this.#newest = newest;
    const last = this.#marks.at(-1);
    if (last !== undefined && wallMs - last.wallMs < MARK_INTERVAL_MS) return;
    this.#marks.push(newest);
    this.#marks = this.#marks.filter((mark) => wallMs - mark.wallMs <= WINDOW_MS);
  }

  /** 0 before there is anything to tell, and when nothing comes any more. */
  speedAt(wallMs: number): number {
    const first = this.#marks[0];
    if (first === undefined || this.#newest === undefined || wallMs - first.wallMs < MARK_INTERVAL_MS)
      return 0;
    return (this.#newest.mediaUs - first.mediaUs) / 1000 / (wallMs - first.wallMs);
  }
}
