// What a plan takes for granted: the audience, what it watches, and the machines. Every assumption is an option.
import type { ParseArgsOptionsConfig } from 'node:util';
import { OptionError, readChoice } from '../option-values.ts';
import type { OptionValues } from '../scenario.ts';

const TRANSPORTS = ['mix', 'webrtc', 'hls'] as const;

interface NumberOption {
  readonly fallback: number;
  readonly min: number;
  readonly max: number;
  readonly help: string;
}

const NUMBERS = {
  'webrtc-percent': {
    fallback: 20,
    min: 0,
    max: 100,
    help: 'viewers on WebRTC, percent (with --transport mix)',
  },
  'bitrate-kbps': {
    fallback: 1500,
    min: 1,
    max: 1e6,
    help: 'picture and sound of one viewer, mean over the ladder',
  },
  'packet-bytes': { fallback: 1100, min: 100, max: 1500, help: 'payload of an RTP packet of the picture' },
  'audio-packets': { fallback: 50, min: 0, max: 1000, help: 'RTP packets of sound a second and viewer' },
  'segment-seconds': { fallback: 2, min: 0.2, max: 30, help: 'length of an HLS segment' },
  'cache-percent': {
    fallback: 0,
    min: 0,
    max: 100,
    help: 'HLS requests answered by caches in front, percent',
  },
  'danmaku-rate': { fallback: 50, min: 0, max: 1e9, help: 'danmaku sent a second by the whole audience' },
  'shown-rate': {
    fallback: 2000,
    min: 0,
    max: 1e6,
    help: 'danmaku a second that one viewer is sent at most, the rest is thinned (maxChatPerTick)',
  },
  'tick-ms': {
    fallback: 50,
    min: 1,
    max: 10_000,
    help: "interval in which the server gathers a room's events",
  },
  'event-bytes': { fallback: 250, min: 1, max: 1e6, help: 'size of one danmaku on the wire' },
  streams: { fallback: 1, min: 0, max: 1e6, help: 'streams encoded into a ladder at once' },
  'hours-per-month': { fallback: 60, min: 0, max: 744, help: 'hours a month with this audience' },
  'cores-per-machine': { fallback: 16, min: 1, max: 4096, help: 'cores of a machine' },
  'memory-gib': { fallback: 64, min: 1, max: 1e6, help: 'memory of a machine, GiB' },
  'link-gbps': { fallback: 10, min: 0.001, max: 1e5, help: 'link of a machine, Gbit/s' },
  headroom: { fallback: 30, min: 0, max: 95, help: 'cores, memory and link kept free, percent' },
} as const satisfies Record<string, NumberOption>;

const DEFAULT_VIEWERS = '10000,300000,10000000';

export const PLAN_OPTIONS = {
  viewers: { type: 'string' },
  transport: { type: 'string' },
  ...(Object.fromEntries(Object.keys(NUMBERS).map((name) => [name, { type: 'string' }])) as Record<
    keyof typeof NUMBERS,
    { type: 'string' }
  >),
} as const satisfies ParseArgsOptionsConfig;

/** One line for each option, for `--help`. */
export const PLAN_HELP: Readonly<Record<string, string>> = {
  viewers: `audiences to plan for; default ${DEFAULT_VIEWERS}`,
  transport: 'webrtc, hls, or mix of both; default mix',
  ...Object.fromEntries(
    Object.entries(NUMBERS).map(([name, { help, fallback }]) => [name, `${help}; default ${fallback}`]),
  ),
};

/** The assumptions of a plan, by option; units are those of the option's name. */
export type Assumptions = Readonly<Record<keyof typeof NUMBERS, number>> & {
  readonly viewers: readonly number[];
  /** 0 to 1. */
  readonly webrtcShare: number;
};

/** Throws an {@link OptionError} that names the option, the value and what it takes. */
export function readAssumptions(options: OptionValues): Assumptions {
  const entries = Object.entries(NUMBERS).map(([name, option]) => [
    name,
    readOne(options[name], name, option),
  ]);
  const numbers = Object.fromEntries(entries) as Record<keyof typeof NUMBERS, number>;
  const transport = readChoice(options['transport'], 'transport', { allowed: TRANSPORTS, fallback: 'mix' });
  if (transport !== 'mix' && options['webrtc-percent'] !== undefined)
    throw new OptionError(`--webrtc-percent goes with --transport mix, not "${transport}"`);
  const shares = { mix: numbers['webrtc-percent'] / 100, webrtc: 1, hls: 0 };
  return { ...numbers, viewers: readViewers(options['viewers']), webrtcShare: shares[transport] };
}

function readOne(value: string | boolean | undefined, name: string, option: NumberOption): number {
  if (value === undefined) return option.fallback;
  const number = value === '' ? Number.NaN : Number(value);
  if (number >= option.min && number <= option.max) return number;
  throw new OptionError(`--${name} takes a number from ${option.min} to ${option.max}, not "${value}"`);
}

function readViewers(value: string | boolean | undefined): readonly number[] {
  return String(value ?? DEFAULT_VIEWERS)
    .split(',')
    .map((word) => {
      const number = Number(word);
      if (Number.isInteger(number) && number > 0 && number <= 1e10) return number;
      throw new OptionError(`--viewers takes whole numbers from 1 to 10000000000 with commas, not "${word}"`);
    });
}
