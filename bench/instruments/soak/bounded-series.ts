// A curve over hours in bounded memory: when it is full, every other point is left out, and from then on only
// every second, fourth, ... value is kept.

const DEFAULT_MAX_POINTS = 1_000;

/** Points of x and y in the order they came. */
export class BoundedSeries {
  readonly #maxPoints: number;
  #points: (readonly [number, number])[] = [];
  #keepEvery = 1;
  #seen = 0;
  #last: number | undefined;
  #max = Number.NEGATIVE_INFINITY;

  constructor(maxPoints: number = DEFAULT_MAX_POINTS) {
    this.#maxPoints = maxPoints;
  }

  /** At most the bound; the first value is always among them. */
  get points(): readonly (readonly [number, number])[] {
    return this.#points;
  }

  /** The newest value, kept as a point or not; undefined when there is none. */
  get last(): number | undefined {
    return this.#last;
  }

  /** The highest value, kept as a point or not. */
  get max(): number {
    return this.#max;
  }

  /** How much the newest value is above the first; 0 when there is none. */
  get growth(): number {
    return (this.#last ?? 0) - (this.#points[0]?.[1] ?? 0);
  }

  add(x: number, y: number): void {
    this.#last = y;
    this.#max = Math.max(this.#max, y);
    if (this.#seen++ % this.#keepEvery !== 0) return;
    this.#points.push([x, y]);
    if (this.#points.length < this.#maxPoints) return;
    this.#points = this.#points.filter((_, index) => index % 2 === 0);
    this.#keepEvery *= 2;
  }
}
