// The discontinuities of a stream, numbered once for all its renditions. Players match the renditions by
// discontinuity sequence number (RFC 8216 section 6.2.4), so none may have one that another lacks.

/** A rendition that is flagged within this time of an era's start means that era, not another one. */
const SAME_EVENT_US = 2_000_000;
/** Starts that are remembered; a rendition that lags behind more eras joins the oldest of these. */
const REMEMBERED = 64;

/** A rendition about to begin a segment. `era` is the one it is in, undefined before its first segment. */
export interface EraQuestion {
  readonly era: number | undefined;
  readonly startUs: number;
  /** Whether the rendition itself saw a discontinuity here. */
  readonly flagged: boolean;
}

/** Eras lie between discontinuities; era 0 is from the beginning. */
export class Eras {
  #starts: { era: number; startUs: number }[] = [{ era: 0, startUs: Number.NEGATIVE_INFINITY }];

  /** The newest era. */
  get latest(): number {
    return this.#starts.at(-1)?.era ?? 0;
  }

  /**
   * The era a segment belongs to. A flagged rendition joins an era that another one has opened for the
   * same event, or opens the next; one that is not flagged follows into the eras that have begun.
   */
  enter({ era, startUs, flagged }: EraQuestion): number {
    const horizonUs = startUs + (flagged ? SAME_EVENT_US : 0);
    const begun = this.#starts.findLast((each) => each.startUs <= horizonUs)?.era ?? 0;
    if (era === undefined || begun > era) return begun;
    if (!flagged) return era;
    return this.#open(startUs);
  }

  #open(startUs: number): number {
    const era = this.latest + 1;
    // Starts rise; a rendition that lags may open one that began before the newest.
    const previousUs = this.#starts.at(-1)?.startUs ?? Number.NEGATIVE_INFINITY;
    this.#starts.push({ era, startUs: Math.max(startUs, previousUs) });
    if (this.#starts.length > REMEMBERED) this.#starts.shift();
    return era;
  }
}
