// Rooms with real workers, renditions that play, and native viewers that join: for tests of the WebRTC plane.
import type { Test } from 'tap';
import { waitFor } from '../../core/lifecycle.ts';
import { silentLogger } from '../../core/logger.ts';
import {
  createWebRtcPlane,
  type WebRtcPlane,
  type WebRtcPlaneOptions,
} from '../../media/webrtc/webrtc-plane.ts';
import type { WebRtcRoom } from '../../media/webrtc/webrtc-room.ts';
import type { WebRtcSession } from '../../media/webrtc/webrtc-session.ts';
import { type EncodedMedia, encodeUnits } from './lavfi-units.ts';
import { LoopedRendition } from './looped-rendition.ts';
import { NativeViewer, type NativeViewerOptions } from './native-viewer.ts';

/** Has viewers who go without a word noticed as soon as mediasoup allows, which is after 10 s. */
export const VANISHING = { iceConsentTimeoutS: 10, interruptedMs: 100 };

/** A plane with one worker on free ports, closed with the test. */
export async function createPlane(t: Test, options: Partial<WebRtcPlaneOptions> = {}): Promise<WebRtcPlane> {
  const plane = await createWebRtcPlane({
    ...{ host: '127.0.0.1', port: 0, workers: 1, logger: silentLogger },
    ...options,
  });
  t.teardown(() => plane.close('test over'));
  return plane;
}

/** A native viewer that has joined the room and is connected. */
export async function join(
  t: Test,
  room: WebRtcRoom,
  options?: NativeViewerOptions,
): Promise<{ viewer: NativeViewer; session: WebRtcSession }> {
  const viewer = new NativeViewer(options);
  t.teardown(() => viewer.close());
  const session = await room.answer({ offer: await viewer.createOffer() });
  viewer.accept(session.answer);
  await viewer.connected();
  return { viewer, session };
}

/** Resolves with the reason once the session closes. */
export async function closedReason(session: WebRtcSession): Promise<unknown> {
  return (await waitFor(session, 'closed', { timeoutMs: 20_000 }))[0];
}

function encodeVideo(width: number, height: number): Promise<EncodedMedia> {
  return encodeUnits({
    source: `testsrc2=size=${width}x${height}:rate=30`,
    seconds: 2,
    encoder: [
      ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency'],
      ...['-g', '30', '-b:v', '300k', '-pix_fmt', 'yuv420p'],
    ],
  });
}

let encoded: Promise<EncodedMedia[]> | undefined;

function encodeOnce(): Promise<EncodedMedia[]> {
  encoded ??= Promise.all([
    encodeVideo(320, 180),
    encodeVideo(854, 480),
    encodeUnits({
      source: 'sine=frequency=440:sample_rate=48000',
      seconds: 2.2,
      encoder: ['-c:a', 'libopus', '-ac', '2'],
    }),
  ]);
  return encoded;
}

/** Feeds a room with two sizes and sound until the test is over: 180p, 480p, Opus. */
export async function publish(t: Test, room: WebRtcRoom): Promise<LoopedRendition[]> {
  const media = await encodeOnce();
  const startUs = Date.now() * 1000;
  const renditions = media.map(
    (each, index) => new LoopedRendition({ id: `r${index}`, media: each, startUs, loopUs: 2_000_000 }),
  );
  for (const rendition of renditions) room.attachRendition(rendition);
  t.teardown(() => {
    for (const rendition of renditions) rendition.close('test over');
  });
  return renditions;
}
