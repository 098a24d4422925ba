// Plans the sound: Opus for WebRTC, AAC for HLS, either passed through when the source is it. Pure.
import { AAC_COST, OPUS_COST } from './ladder-cost.ts';
import type { DroppedRung, LadderMachine, LadderSettings } from './ladder-plan.ts';
import type { LadderAudio } from './ladder-source.ts';

/** How one sound rendition comes about; `none` when there is no sound or no encoder. */
export type SoundPlan =
  | { readonly kind: 'source' }
  | { readonly kind: 'encode'; readonly kbps: number }
  | { readonly kind: 'none' };

/** Sound renditions of a plan: `opus` is 48 kHz stereo in 20 ms packets, `aac` is AAC-LC. */
export interface AudioPlan {
  readonly opus: SoundPlan;
  readonly aac: SoundPlan;
  readonly dropped: readonly DroppedRung[];
  readonly cost: number;
}

const MAX_AAC_RATE = 48_000;
const OPUS_RATE = 48_000;

/** Sound costs little and is never dropped for the budget, only for a missing encoder. */
export function planAudio(
  audio: LadderAudio | undefined,
  machine: LadderMachine,
  settings: LadderSettings,
): AudioPlan {
  if (audio === undefined) return { opus: { kind: 'none' }, aac: { kind: 'none' }, dropped: [], cost: 0 };
  const dropped: DroppedRung[] = [];
  const encode = (rung: string, encoder: string): SoundPlan => {
    if (machine.encoders.includes(encoder)) return { kind: 'encode', kbps: settings.audioKbps };
    dropped.push({ rung, reason: `this ffmpeg has no encoder ${encoder}` });
    return { kind: 'none' };
  };
  const encodeOpus = (): SoundPlan => {
    if (settings.opus !== 'never') return encode('opus', 'libopus');
    dropped.push({ rung: 'opus', reason: 'Opus is switched off' });
    return { kind: 'none' };
  };
  const opus = isWebRtcOpus(audio) ? ({ kind: 'source' } as const) : encodeOpus();
  const aac = isHlsAac(audio) ? ({ kind: 'source' } as const) : encode('aac', 'aac');
  const cost = (opus.kind === 'encode' ? OPUS_COST : 0) + (aac.kind === 'encode' ? AAC_COST : 0);
  return { opus, aac, dropped, cost };
}

function isWebRtcOpus({ codec, sampleRate, channels }: LadderAudio): boolean {
  return codec === 'opus' && sampleRate === OPUS_RATE && channels === 2;
}

function isHlsAac({ codec, sampleRate, channels }: LadderAudio): boolean {
  return codec === 'aac' && sampleRate <= MAX_AAC_RATE && channels <= 2;
}
