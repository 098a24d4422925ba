// The sound of the test picture: a quiet steady tone, and a loud beep that starts at every full second of
// the clock, so that sound can be set against picture. Pure.

const TONE_HZ = 440;
const TONE_AMPLITUDE = 0.04;
const BEEP_HZ = 1000;
const BEEP_AMPLITUDE = 0.6;
const BEEP_MS = 100;

/** Which stretch of sound to make: from the clock `startMs` (Unix ms), `samples` samples. */
export interface ToneRange {
  readonly startMs: number;
  readonly samples: number;
  readonly sampleRate: number;
}

/** Interleaved stereo, signed 16 bit little endian. */
export function renderTone(range: ToneRange): Buffer {
  const pcm = Buffer.allocUnsafe(range.samples * 4);
  for (let index = 0; index < range.samples; index++) {
    const ms = range.startMs + (index * 1000) / range.sampleRate;
    const intoSecondMs = ms % 1000;
    const beep = intoSecondMs < BEEP_MS ? BEEP_AMPLITUDE * wave(BEEP_HZ, intoSecondMs) : 0;
    const value = Math.round((TONE_AMPLITUDE * wave(TONE_HZ, intoSecondMs) + beep) * 32767);
    pcm.writeInt16LE(value, index * 4);
    pcm.writeInt16LE(value, index * 4 + 2);
  }
  return pcm;
}

function wave(hz: number, ms: number): number {
  return Math.sin((2 * Math.PI * hz * ms) / 1000);
}
