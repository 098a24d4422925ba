// What the ladder benchmark tells: curves of quality against bits, BD-rates, and how live rungs kept their
// rates. Pure.
import { figureOf, type MeasurementGroup } from '../../measurement.ts';
import { serverCpuSeconds, whyBroken } from '../ingest/ingest-figures.ts';
import type { IngestStretch, StartTimes } from '../ingest/ingest-load.ts';
import type { ServerMetrics } from '../server-metrics.ts';
import { bdRate } from './bd-rate.ts';
import type { QualityMetric, Trial } from './encode-trial.ts';

/** One encoder on one clip, at every rate. */
export interface RateCurve {
  readonly clip: string;
  readonly encoder: string;
  readonly trials: readonly Trial[];
  /** Pictures of the clip. */
  readonly frames: number;
}

/** The group of one curve: its points, and the encoder's speed over all of them. */
export function describeCurve(
  { clip, encoder, trials, frames }: RateCurve,
  { metric, seconds }: { readonly metric: QualityMetric; readonly seconds: number },
): MeasurementGroup {
  const cpuSeconds = trials.reduce((sum, trial) => sum + trial.cpuSeconds, 0);
  const wallSeconds = trials.reduce((sum, trial) => sum + trial.wallSeconds, 0);
  const points = trials.map(({ kbps, quality }) => [Math.round(kbps), quality] as const);
  const [x, y] = [
    { title: 'bit rate used', unit: 'kbit/s' },
    { title: metric.name, unit: metric.unit },
  ];
  return {
    key: `${clip}-${encoder}`,
    title: `${encoder} on "${clip}"`,
    measurements: [
      figureOf({
        ...{ key: 'speed', title: 'pictures encoded in a CPU second', unit: 'frames' },
        ...{ better: 'higher', value: (frames * trials.length) / cpuSeconds },
      }),
    ],
    series: [{ key: `quality-${clip}`, title: `Quality against bits: ${clip}`, x, y, points }],
    cpu: { wallSeconds, cpuSeconds: { 'encoder/ffmpeg': cpuSeconds } },
    notes: [
      `${metric.name}${metric.unit && ` in ${metric.unit}`} of ${seconds} s: ${points.map(([kbps, quality]) => `${kbps} kbit/s ${quality.toFixed(2)}`).join(', ')}.`,
    ],
  };
}

/** The group of BD-rates: each encoder against the anchor, on each clip and their mean. */
export function describeBdRates(
  curves: readonly RateCurve[],
  options: {
    readonly anchor: string;
    readonly metric: QualityMetric;
    readonly missing: readonly string[];
  },
): MeasurementGroup {
  const { anchor, metric, missing } = options;
  const others = [...new Set(curves.map(({ encoder }) => encoder))].filter((name) => name !== anchor);
  const notes = missing.map((name) => `${name} was left out: this ffmpeg has no encoder for it.`);
  const measurements = others.flatMap((encoder) => {
    const rates = curves
      .filter((curve) => curve.encoder === encoder)
      .flatMap(({ clip, trials }) => {
        const against = curves.find((curve) => curve.clip === clip && curve.encoder === anchor);
        const value = against && bdRate(against.trials, trials);
        if (value === undefined) notes.push(`${encoder} and ${anchor} share no quality on "${clip}".`);
        return value === undefined ? [] : [{ clip, value }];
      });
    if (rates.length === 0) return [];
    const mean = rates.reduce((sum, { value }) => sum + value, 0) / rates.length;
    const against = `bits of ${encoder} against ${anchor}`;
    return [
      percent(encoder, `${against}, mean of ${rates.length} clips`, mean),
      ...rates.map(({ clip, value }) => percent(`${encoder}-${clip}`, `${against} on "${clip}"`, value)),
    ];
  });
  return {
    key: 'bd-rate',
    title: `BD-rate at the same ${metric.name}`,
    measurements,
    notes: [`Averaged over the qualities that both reach; bits really used. Anchor: ${anchor}.`, ...notes],
  };
}

function percent(key: string, title: string, value: number) {
  return figureOf({ key, title, unit: '%', better: 'lower', value });
}

/** The group of a live ladder: rate of each rung against its setting, and the transcoder's speed and cost. */
export function describeLive(options: {
  readonly stretch: IngestStretch;
  readonly starts: StartTimes;
  readonly metrics: ServerMetrics;
  readonly rungs: readonly { readonly name: string; readonly videoKbps: number }[];
}): MeasurementGroup {
  const { stretch, starts, metrics, rungs } = options;
  const bitrates = metrics.labelled('barrage_rendition_bitrate_bps');
  const speeds = metrics.labelled('barrage_transcoder_speed').map(({ value }) => value);
  const rates = rungs.map(({ name, videoKbps }) => ({
    name,
    ...{
      wanted: videoKbps,
      bps: bitrates.find(({ labels }) => labels.includes(`rendition="${name}"`))?.value,
    },
  }));
  const broken = whyBroken(stretch, starts);
  const cores = serverCpuSeconds(stretch.cpu, 'ffmpeg') / stretch.cpu.wallSeconds;
  return {
    key: 'live',
    title: 'the running server, 720p30 with B-frames to three rungs',
    measurements: [
      ...rates.flatMap(({ name, wanted, bps }) =>
        bps === undefined ? [] : [rateFigure(name, (bps / 1000 / wanted) * 100)],
      ),
      figureOf({
        ...{ key: 'speed', title: 'speed of ffmpeg, 1 is real time', unit: 'x', better: 'higher' },
        value: Math.min(...speeds),
      }),
      figureOf({
        ...{
          key: 'ffmpeg',
          title: 'CPU of ffmpeg for a second of the stream',
          unit: 'ms/s',
          better: 'lower',
        },
        value: cores * 1000,
      }),
    ],
    ...{ cpu: stretch.cpu, generator: stretch.generator },
    notes: [
      ...rates.map(({ name, wanted, bps }) =>
        bps === undefined
          ? `${name} was not there at the end: the ladder was made smaller.`
          : `${name}: ${Math.round(bps / 1000)} of ${wanted} kbit/s.`,
      ),
      ...(broken === undefined ? [] : [`It did not keep up: ${broken}.`]),
    ],
  };
}

function rateFigure(name: string, value: number) {
  const title = `bit rate of ${name} against its setting`;
  return figureOf({ key: `rate-${name}`, title, unit: '%', better: 'neither', value });
}
