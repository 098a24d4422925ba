// Starting playback under the browsers' autoplay policy: with sound when allowed, else muted.

/** `muted`: plays, but a tap of the user is needed for sound; `blocked`: not even that is allowed. */
export type PlaybackStart = 'playing' | 'muted' | 'blocked';

/** Plays, and mutes the video when the browser insists on it. Never rejects. */
export async function startPlayback(video: HTMLVideoElement): Promise<PlaybackStart> {
  if (await tryPlay(video)) return video.muted ? 'muted' : 'playing';
  if (video.muted) return 'blocked';
  video.muted = true;
  return (await tryPlay(video)) ? 'muted' : 'blocked';
}

async function tryPlay(video: HTMLVideoElement): Promise<boolean> {
  try {
    await video.play();
    return true;
  } catch (error) {
    // AbortError: another source was set meanwhile; whoever set it starts playback itself.
    return error instanceof DOMException && error.name === 'AbortError';
  }
}
