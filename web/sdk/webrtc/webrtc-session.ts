// One WebRTC session, from the offer to its end; it is not restarted, its player opens another.
import type { Lane } from '../../../server/protocol/wire.ts';
import { Emitter } from '../emitter.ts';
import { RoomError } from '../room/room-error.ts';
import { createOffer, createOfferedPeer } from './offer.ts';
import type { Signalling } from './signalling.ts';

/**
 * Why a session ended. `refused`: the server said no; `unreachable`: no connection in time (a firewall, no
 * UDP or TCP to the media port); `lost`: it was connected; `frozen`: connected, but no picture came;
 * `server`: the server closed it; `page`: we did.
 */
export type SessionEnd =
  | { readonly kind: 'refused'; readonly error: RoomError }
  | { readonly kind: 'unreachable' | 'lost' | 'frozen' | 'page' }
  | { readonly kind: 'server'; readonly reason: string };

export type SessionState =
  | { readonly status: 'connecting' }
  | { readonly status: 'connected' }
  | { readonly status: 'closed'; readonly end: SessionEnd };

/** `closed` is emitted once and last. */
export interface WebRtcSessionEvents {
  connected: undefined;
  closed: SessionEnd;
}

export interface WebRtcSessionOptions {
  readonly signalling: Signalling;
  /** Open the data channels too. */
  readonly lanes: boolean;
  /** From the offer to a working connection; default 5 s. */
  readonly connectTimeoutMs?: number;
}

/** A short interruption (a Wi-Fi hand-over) heals by itself; ICE says `failed` only after some 15 s. */
const DISCONNECTED_PATIENCE_MS = 4000;

/** Owns its peer connection. */
export class WebRtcSession extends Emitter<WebRtcSessionEvents> {
  readonly connection: RTCPeerConnection;
  readonly lanes: ReadonlyMap<Lane, RTCDataChannel>;
  /** Video and audio as received; filled before `connected`. */
  readonly stream = new MediaStream();
  readonly #options: WebRtcSessionOptions;
  #state: SessionState = { status: 'connecting' };
  #id: string | undefined;
  #answer = '';
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: WebRtcSessionOptions) {
    super();
    this.#options = options;
    const peer = createOfferedPeer({ lanes: options.lanes });
    this.connection = peer.connection;
    this.lanes = peer.lanes;
    this.connection.ontrack = (event) => this.stream.addTrack(event.track);
    this.connection.onconnectionstatechange = () => this.#followConnection();
  }

  get state(): SessionState {
    return this.#state;
  }

  /** The server's id of the session, once it answered. */
  get id(): string | undefined {
    return this.#id;
  }

  /** The server's SDP answer, empty before it came. */
  get answer(): string {
    return this.#answer;
  }

  /** Offers and applies the answer; what goes wrong ends the session and is told by `closed`. */
  async open(): Promise<void> {
    this.#timer = setTimeout(
      () => this.close({ kind: 'unreachable' }),
      this.#options.connectTimeoutMs ?? 5000,
    );
    try {
      const { sessionId, answer } = await this.#options.signalling.offer(await createOffer(this.connection));
      if (this.#state.status === 'closed') {
        this.#options.signalling.end(sessionId);
        return;
      }
      this.#id = sessionId;
      this.#answer = answer;
      await this.connection.setRemoteDescription({ type: 'answer', sdp: answer });
    } catch (error) {
      this.close({ kind: 'refused', error: toRoomError(error) });
    }
  }

  /** Ends the session here and, unless it is gone there, at the server. */
  close(end: SessionEnd): void {
    if (this.#state.status === 'closed') return;
    this.#state = { status: 'closed', end };
    clearTimeout(this.#timer);
    this.connection.onconnectionstatechange = null;
    this.connection.close();
    if (this.#id !== undefined && end.kind !== 'server') this.#options.signalling.end(this.#id);
    this.emit('closed', end);
  }

  #followConnection(): void {
    const state = this.connection.connectionState;
    if (state === 'connected') this.#handleConnected();
    else if (state === 'failed' || state === 'closed') this.close({ kind: this.#lossKind() });
    else if (state === 'disconnected') {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.close({ kind: 'lost' }), DISCONNECTED_PATIENCE_MS);
    }
  }

  #handleConnected(): void {
    clearTimeout(this.#timer);
    if (this.#state.status !== 'connecting') return;
    this.#state = { status: 'connected' };
    this.emit('connected', undefined);
  }

  #lossKind(): 'lost' | 'unreachable' {
    return this.#state.status === 'connected' ? 'lost' : 'unreachable';
  }
}

function toRoomError(error: unknown): RoomError {
  if (error instanceof RoomError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new RoomError({ code: 'UNSUPPORTED_MEDIA', message, retryable: false });
}
