// Sets the beeps heard against the pictures shown: how far sound is off the picture. Pure.
import type { ClockSample } from './clock-reader.browser.ts';
import { PictureTimeline } from './picture-timeline.ts';
import type { BeepOnset } from './sound-probe.browser.ts';

/**
 * For each beep, the clock on the screen when it was heard minus the full second it was made at, in ms:
 * positive when the sound is late against the picture. Beeps with no picture close by are left out.
 */
export function audioVideoSkews(beeps: readonly BeepOnset[], pictures: readonly ClockSample[]): number[] {
  const timeline = new PictureTimeline(pictures);
  return beeps.flatMap(({ heardAtMs }) => {
    const clockMs = timeline.clockAt(heardAtMs);
    return clockMs === undefined ? [] : [clockMs - Math.round(clockMs / 1000) * 1000];
  });
}
