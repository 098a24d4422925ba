// Which transport comes next when one fails: the rules of the player, as values. Pure.
import { backoffDelayMs } from '../../server/protocol/backoff.ts';
import type { SessionEnd } from './webrtc/webrtc-session.ts';

export type Transport = 'webrtc' | 'hls';

/** What the viewer asked for; `auto` is WebRTC, with HLS while that does not work. */
export type TransportChoice = 'auto' | Transport;

/** The transport to start with. */
export function firstTransport(choice: TransportChoice, webrtcSupported: boolean): Transport {
  if (choice !== 'auto') return choice;
  return webrtcSupported ? 'webrtc' : 'hls';
}

/**
 * Whether a WebRTC session's end is a reason to change to HLS. One that was playing gets another session first;
 * a stream that is not live is not live over HLS either, and a lost chat connection comes back.
 */
export function shouldFallBack(choice: TransportChoice, end: SessionEnd, wasPlaying: boolean): boolean {
  if (choice !== 'auto' || wasPlaying || end.kind === 'page') return false;
  return end.kind !== 'refused' || !NOT_THE_TRANSPORTS_FAULT.has(end.error.code);
}

const NOT_THE_TRANSPORTS_FAULT: ReadonlySet<string> = new Set([
  'STREAM_NOT_LIVE',
  'RATE_LIMITED',
  'DISCONNECTED',
]);

/** Pause before WebRTC is tried again from HLS, in ms: some 20 s at first, up to 5 minutes. */
export function webrtcRetryMs(failures: number, random: () => number = Math.random): number {
  return backoffDelayMs(failures, { minMs: 30_000, maxMs: 300_000, random });
}
