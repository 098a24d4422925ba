// The Bjøntegaard delta rate: how many bits more or less one encoder needs for the same quality as another,
// averaged over the qualities both reach (VCEG-M33; piecewise cubic as in JCT-VC's common test conditions,
// JCTVC-L1100). Pure.

/** One encoding: its real bit rate and its quality, in any unit where more is better. */
export interface RatePoint {
  readonly kbps: number;
  readonly quality: number;
}

/** A curve through points in ascending order of x; between them a cubic that keeps monotony. */
interface Curve {
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly slope: readonly number[];
}

/**
 * Percent of bit rate that `test` takes more (negative: less) than `anchor` for the same quality; undefined
 * when their qualities do not overlap. @throws RangeError for less than two points of different quality
 */
export function bdRate(anchor: readonly RatePoint[], test: readonly RatePoint[]): number | undefined {
  const [a, b] = [toCurve(anchor), toCurve(test)];
  const from = Math.max(first(a.x), first(b.x));
  const to = Math.min(last(a.x), last(b.x));
  if (to <= from) return undefined;
  const meanLog = (integrate(b, from, to) - integrate(a, from, to)) / (to - from);
  return (Math.exp(meanLog) - 1) * 100;
}

/** The logarithm of the rate over quality. */
function toCurve(points: readonly RatePoint[]): Curve {
  const sorted = points.toSorted((a, b) => a.quality - b.quality);
  const x = sorted.map(({ quality }) => quality);
  const y = sorted.map(({ kbps }) => Math.log(kbps));
  const rising = x.every((quality, index) => index === 0 || quality > at(x, index - 1));
  if (x.length < 2 || !rising) throw new RangeError('a rate curve takes two or more different qualities');
  return { x, y, slope: slopesOf(x, y) };
}

/** Slopes of a monotone piecewise cubic (Fritsch and Carlson 1980; Fritsch and Butland's harmonic mean). */
function slopesOf(x: readonly number[], y: readonly number[]): number[] {
  const width = x.slice(1).map((value, index) => value - at(x, index));
  const steep = width.map((step, index) => (at(y, index + 1) - at(y, index)) / step);
  if (steep.length === 1) return [at(steep, 0), at(steep, 0)];
  const inner = steep.slice(1).map((right, index) => {
    const left = at(steep, index);
    if (left * right <= 0) return 0;
    const [before, after] = [at(width, index), at(width, index + 1)];
    const [w1, w2] = [2 * after + before, after + 2 * before];
    return (w1 + w2) / (w1 / left + w2 / right);
  });
  const [wEnd, sEnd] = [width.toReversed(), steep.toReversed()];
  return [endSlope(width, steep), ...inner, endSlope(wEnd, sEnd)];
}

/** The slope at an end from its two nearest pieces: three-point formula, kept to the shape of the data. */
function endSlope(width: readonly number[], steep: readonly number[]): number {
  const [w0, w1, s0, s1] = [at(width, 0), at(width, 1), at(steep, 0), at(steep, 1)];
  const slope = ((2 * w0 + w1) * s0 - w0 * s1) / (w0 + w1);
  if (slope * s0 <= 0) return 0;
  return s0 * s1 <= 0 && Math.abs(slope) > Math.abs(3 * s0) ? 3 * s0 : slope;
}

/** The area under the curve; Simpson's rule is exact for each cubic. */
function integrate(curve: Curve, from: number, to: number): number {
  let sum = 0;
  for (let piece = 0; piece + 1 < curve.x.length; piece++) {
    const [left, right] = [Math.max(from, at(curve.x, piece)), Math.min(to, at(curve.x, piece + 1))];
    if (right <= left) continue;
    const middle = valueAt(curve, piece, (left + right) / 2);
    sum += ((right - left) / 6) * (valueAt(curve, piece, left) + 4 * middle + valueAt(curve, piece, right));
  }
  return sum;
}

/** Cubic Hermite interpolation within a piece. */
function valueAt({ x, y, slope }: Curve, piece: number, position: number): number {
  const width = at(x, piece + 1) - at(x, piece);
  const t = (position - at(x, piece)) / width;
  const [t2, t3] = [t * t, t * t * t];
  return (
    (2 * t3 - 3 * t2 + 1) * at(y, piece) +
    (t3 - 2 * t2 + t) * width * at(slope, piece) +
    (3 * t2 - 2 * t3) * at(y, piece + 1) +
    (t3 - t2) * width * at(slope, piece + 1)
  );
}

function at(values: readonly number[], index: number): number {
  return values[index] ?? Number.NaN;
}

function first(values: readonly number[]): number {
  return at(values, 0);
}

function last(values: readonly number[]): number {
  return at(values, values.length - 1);
}
