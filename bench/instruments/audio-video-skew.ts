// Sets the beeps heard against the pictures shown: how far sound is off the picture. Pure.
import type { ClockSample } from './clock-reader.browser.ts';
import type { BeepOnset } from './sound-probe.browser.ts';

const MAX_GAP_MS = 500;

/**
 * For each beep, the clock on the screen when it was heard minus the full second it was made at, in ms:
 * positive when the sound is late against the picture. Beeps with no picture close by are left out.
 */
export function audioVideoSkews(beeps: readonly BeepOnset[], pictures: readonly ClockSample[]): number[] {
  const sorted = [...pictures].sort((a, b) => a.shownAtMs - b.shownAtMs);
  return beeps.flatMap(({ heardAtMs }) => {
    const picture = sorted.findLast((sample) => sample.shownAtMs <= heardAtMs);
    if (!picture || heardAtMs - picture.shownAtMs > MAX_GAP_MS) return [];
    const clockMs = picture.clockMs + (heardAtMs - picture.shownAtMs);
    return [clockMs - Math.round(clockMs / 1000) * 1000];
  });
}
