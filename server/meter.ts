// What the parts report while they work: a narrow port that server/metrics.ts turns into counters.
import type { Lane } from './protocol/wire.ts';

/** Ways bytes leave the server, apart from WebRTC, which the media plane counts. */
export type OutputKind = 'websocket' | 'hls' | 'page' | 'api';

/** Counts what happens. Every method is cheap and never throws. */
export interface Meter {
  /** A room event was published. */
  countEvent(type: string, lane: Lane): void;
  /** A request or command was refused with an error code. */
  countRefusal(surface: 'http' | 'session', code: string): void;
  countBytesOut(kind: OutputKind, bytes: number): void;
  /** Chat events were left out: by the room for everyone, or for one slow connection. */
  countThinned(scope: 'room' | 'connection', events: number): void;
  /** A WebSocket was closed by the server with this code. */
  countClose(code: number): void;
  /** A command was answered with a result, so long after its frame came. */
  countCommand(method: string, ms: number): void;
}

/** A meter that counts nothing, for tests and tools. */
export const silentMeter: Meter = {
  countEvent: () => undefined,
  countRefusal: () => undefined,
  countBytesOut: () => undefined,
  countThinned: () => undefined,
  countClose: () => undefined,
  countCommand: () => undefined,
};
