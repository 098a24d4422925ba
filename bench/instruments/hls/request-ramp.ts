// Plain requests for one kind of HLS file: first as fast as answers come, then paced and rising to the knee.
import { CpuAccount, type CpuUse } from '../cpu-account.ts';
import type { HttpLoad, HttpStretch } from '../http/http-load.ts';
import { type RampResult, ramp } from '../load/load-ramp.ts';
import type { HlsSubject } from './hls-subject.ts';

export type RequestKind = 'playlist' | 'segment';

/** Requests answered otherwise or not at all that a step may have. */
const MAX_FAILED_SHARE = 0.001;
/** Of those that were due, how many must have been answered. */
const MIN_ANSWERED_SHARE = 0.99;

export interface RequestRampOptions {
  readonly subject: HlsSubject;
  readonly load: HttpLoad;
  readonly kind: RequestKind;
  /** Length of each step, s. */
  readonly seconds: number;
  /** Slowest p99 that still counts as carried, ms. */
  readonly limitMs: number;
  /** Fewer steps, no refinement. */
  readonly isShort: boolean;
  readonly signal: AbortSignal;
  readonly progress: (text: string) => void;
}

/** A stretch with what it cost. */
export interface CostedStretch extends HttpStretch {
  readonly cpu: CpuUse;
}

export interface RequestRampResult {
  /** Every connection asking again as soon as it was answered. */
  readonly peak: CostedStretch;
  readonly ramp: RampResult<CostedStretch>;
}

/** Measures one kind. The ramp begins at a quarter of what the closed loop reached, a short one at half. */
export async function measureRequests(options: RequestRampOptions): Promise<RequestRampResult> {
  const { kind, seconds, progress, signal, limitMs, isShort } = options;
  progress(`${kind}: warming up`);
  await offer(options, 0, Math.min(2, seconds));
  progress(`${kind}: as fast as answers come`);
  const peak = await offer(options, 0, seconds);
  const perSecond = Math.max(4, peak.answered / peak.seconds);
  const result = await ramp({
    start: Math.round(perSecond / (isShort ? 2 : 4)),
    factor: isShort ? 2 : 1.5,
    max: Math.round(perSecond * 2),
    refinements: isShort ? 0 : 2,
    signal,
    attempts: 2,
    step: (rate, attempt) => {
      progress(`${kind}: ${rate} requests/s for ${seconds} s${attempt > 1 ? ', once more' : ''}`);
      return offer(options, rate, seconds);
    },
    broken: (stretch) => whyBroken(stretch, limitMs),
  });
  return { peak, ramp: result };
}

/** Why a paced stretch was too much; undefined when it was carried. */
export function whyBroken(stretch: HttpStretch, limitMs: number): string | undefined {
  const { due, answered, errors, timeouts, latency } = stretch;
  if (errors + timeouts > due * MAX_FAILED_SHARE) {
    return `${errors} errors and ${timeouts} timeouts of ${due} (${stretch.reasons.join('; ')})`;
  }
  const p99 = latency.percentile(99);
  if (p99 > limitMs) return `p99 ${p99.toFixed(1)} ms above ${limitMs} ms`;
  if (answered < due * MIN_ANSWERED_SHARE) return `${answered} answered of ${due} that were due`;
  return undefined;
}

async function offer(options: RequestRampOptions, rate: number, seconds: number): Promise<CostedStretch> {
  const { subject, load, kind } = options;
  // Asked anew each time: live segments go.
  const paths = (await subject.paths())[kind];
  const { pid, publisherPid } = subject;
  const cpu = new CpuAccount({
    ...(pid === undefined ? {} : { server: () => pid }),
    ...(publisherPid === undefined ? {} : { publisher: () => publisherPid }),
    generator: () => load.pid,
  });
  const stretch = await load.run({ paths, rate, seconds });
  return { ...stretch, cpu: cpu.read() };
}
