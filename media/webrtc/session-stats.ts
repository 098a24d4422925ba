// The figures of a session as operators want them, out of mediasoup's statistics.
import type { SessionMedia } from './session-media.ts';

/** Figures of a session; zeros until first read. */
export interface SessionStats {
  readonly bytesSent: number;
  /** As the viewer reports, of the video (or the sound when there is none). */
  readonly packetsLost: number;
  readonly roundTripMs: number;
  /** Bandwidth estimate towards the viewer, bits per second; 0 when unknown. */
  readonly availableBitrateBps: number;
}

/** Reads the figures; answers `previous` when the worker does not (the session is closing). */
export async function readSessionStats(media: SessionMedia, previous: SessionStats): Promise<SessionStats> {
  const consumer = media.video ?? [...media.consumers.values()][0];
  try {
    const [transport, streams] = await Promise.all([media.transport.getStats(), consumer?.getStats() ?? []]);
    const sent = streams.find((each) => each.type === 'outbound-rtp');
    return {
      bytesSent: transport[0]?.bytesSent ?? previous.bytesSent,
      packetsLost: sent?.packetsLost ?? previous.packetsLost,
      roundTripMs: sent?.roundTripTime ?? previous.roundTripMs,
      availableBitrateBps: transport[0]?.availableOutgoingBitrate ?? previous.availableBitrateBps,
    };
  } catch {
    // The only way this fails is that the worker no longer has the transport: the last figures stand.
    return previous;
  }
}
