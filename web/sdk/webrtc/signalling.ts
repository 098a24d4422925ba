// How a WebRTC session is agreed on: over the room's WebSocket, or by WHEP for a page without a room. Both
// take one round trip, offer to answer. No peer connection in here.
import type { RoomClient } from '../room/room-client.ts';
import { RoomError } from '../room/room-error.ts';

/** An agreed session. */
export interface Agreement {
  readonly sessionId: string;
  /** The SDP answer. */
  readonly answer: string;
}

/** What a player needs to open and end sessions. */
export interface Signalling {
  /** @throws RoomError with the server's code. */
  offer(sdp: string): Promise<Agreement>;
  /** Ends a session at the server; never throws, since the session may be gone already. */
  end(sessionId: string): void;
  /** Pins the simulcast layer with that index, null for automatic; undefined when there is no way to. */
  readonly setLayer: ((sessionId: string, layer: number | null) => Promise<void>) | undefined;
}

/** Long enough for a busy server, short enough to fall back to HLS within 5 s in most cases. */
const OFFER_TIMEOUT_MS = 5000;

/** Signalling by the room's commands `webrtc.offer`, `webrtc.layer` and `webrtc.close`. */
export function roomSignalling(room: RoomClient): Signalling {
  const options = { over: 'websocket', timeoutMs: OFFER_TIMEOUT_MS } as const;
  return {
    async offer(sdp) {
      const { sessionId, sdp: answer } = await room.request('webrtc.offer', { sdp }, options);
      return { sessionId, answer };
    },
    end(sessionId) {
      room.request('webrtc.close', { sessionId }, options).catch(ignore);
    },
    async setLayer(sessionId, layer) {
      await room.request('webrtc.layer', { sessionId, layer }, options);
    },
  };
}

export interface WhepOptions {
  /** For example `/live/ROOM/whep`. */
  readonly url: string;
  /** Bearer token, when the room asks for one. */
  readonly token?: string | undefined;
}

/** Signalling by WHEP (draft-ietf-wish-whep): POST the offer, DELETE the resource in `Location`. */
export function whepSignalling({ url, token }: WhepOptions): Signalling {
  const authorization: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
  return {
    async offer(sdp) {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/sdp', ...authorization },
        body: sdp,
        signal: AbortSignal.timeout(OFFER_TIMEOUT_MS),
      }).catch(toTimeout);
      if (!response.ok) throw await toRoomError(response);
      const location = response.headers.get('location') ?? '';
      return { sessionId: new URL(location, response.url).href, answer: await response.text() };
    },
    end(sessionId) {
      // keepalive lets the request outlive the page.
      fetch(sessionId, { method: 'DELETE', headers: authorization, keepalive: true }).catch(ignore);
    },
    setLayer: undefined,
  };
}

function toTimeout(error: unknown): never {
  const message = error instanceof Error ? error.message : String(error);
  throw new RoomError({ code: 'DISCONNECTED', message, retryable: true });
}

async function toRoomError(response: Response): Promise<RoomError> {
  const fallback = { code: `HTTP_${response.status}`, detail: response.statusText };
  const problem = (await response.json().catch(() => fallback)) as { code?: string; detail?: string };
  return new RoomError({
    code: problem.code ?? fallback.code,
    message: problem.detail ?? fallback.detail,
    retryable: response.status === 404 || response.status >= 500,
  });
}

/** The server ends sessions nobody keeps alive; an unanswered goodbye changes nothing. */
function ignore(): undefined {
  return undefined;
}
