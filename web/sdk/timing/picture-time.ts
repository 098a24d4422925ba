// The media time of the picture a viewer acts upon: what a danmaku is stamped with when it is sent.
import type { Playhead } from './playhead.ts';
import { localNowMs } from './server-clock.ts';

/** A hidden page renders nothing: it does not wait longer than this. */
const MAX_WAIT_MS = 100;

export interface PictureTimeOptions {
  readonly nowMs?: () => number;
  /** Resolves when the browser has rendered, and so has told of the newest picture. */
  readonly nextRendering?: () => Promise<void>;
}

/**
 * Media time (whole ms) of the picture on the screen at the moment of the call; undefined when it is not known.
 * A page that was busy has not been told of the pictures shown meanwhile: it waits for the next rendering,
 * where frame callbacks come first (HTML, "update the rendering"), and reckons back.
 */
export async function pictureTimeMs(
  playhead: Playhead,
  options: PictureTimeOptions = {},
): Promise<number | undefined> {
  const { nowMs = localNowMs, nextRendering = waitForRendering } = options;
  const askedMs = nowMs();
  await nextRendering();
  const reading = playhead.read();
  return reading.state === 'known' ? Math.round(reading.mediaMs - (nowMs() - askedMs)) : undefined;
}

function waitForRendering(): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, MAX_WAIT_MS);
    requestAnimationFrame(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
