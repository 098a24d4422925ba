// The WHEP viewers of this server, by session id, each with its entity tag. What goes over HTTP is in whep.ts.
import { BarrageError } from '../../core/errors.ts';
import { createShortId } from '../../core/ids.ts';
import type { Closable } from '../../core/lifecycle.ts';
import type { WebRtcSessionPort } from '../live/live-port.ts';
import type { OpenRoom } from '../rooms/open-rooms.ts';
import { Session, type SessionServices } from '../session/session.ts';

/** Who asks for a WHEP session. */
export interface WhepViewer {
  readonly room: OpenRoom;
  readonly offer: string;
  readonly token: string | undefined;
  readonly remoteAddress: string;
  readonly presenceKey: string;
}

/** A WHEP session as HTTP sees it; `etag` names the ICE session (RFC 9725 section 4.3.1). */
export interface WhepSession {
  readonly roomId: string;
  readonly webrtc: WebRtcSessionPort;
  etag: string;
}

/** Opens and finds WHEP sessions; each ends with its WebRTC session. */
export class WhepSessions implements Closable {
  readonly #services: SessionServices;
  readonly #sessions = new Map<string, WhepSession>();
  #draining = false;

  constructor(services: SessionServices) {
    this.#services = services;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** @throws BarrageError what `LiveRoomPort.openWebRtc` throws; `UNAVAILABLE` when the server is going down. */
  async open(viewer: WhepViewer): Promise<WhepSession> {
    this.#requireOpen();
    const { room } = viewer.room;
    const dataChannels = /^m=application /m.test(viewer.offer);
    const webrtc = await room.live.openWebRtc(viewer.offer, { dataChannels, anyPlayer: true });
    if (this.#draining) {
      await webrtc.close('the server is going down');
      this.#requireOpen();
    }
    const session: WhepSession = { roomId: room.id, webrtc, etag: newEtag() };
    this.#sessions.set(webrtc.id, session);
    const leave = room.presence.enterWhep();
    webrtc.once('closed', () => {
      this.#sessions.delete(webrtc.id);
      leave();
    });
    if (dataChannels) this.#talk(webrtc, viewer);
    return session;
  }

  /** @throws BarrageError `NOT_FOUND`. */
  require(roomId: string, sessionId: string): WhepSession {
    const session = this.#sessions.get(sessionId);
    if (session?.roomId === roomId) return session;
    throw new BarrageError('NOT_FOUND', `there is no WHEP session "${sessionId}" in room "${roomId}"`);
  }

  /** Applies a trickle-ice-sdpfrag; what is returned is to be answered, under a new entity tag. */
  async patch(session: WhepSession, fragment: string): Promise<string | undefined> {
    const answer = await session.webrtc.patch(fragment);
    if (answer !== undefined) session.etag = newEtag();
    return answer;
  }

  /** Ends all sessions and takes no new ones. */
  close(reason: string): void {
    this.#draining = true;
    for (const { webrtc } of [...this.#sessions.values()]) void webrtc.close(reason);
  }

  #requireOpen(): void {
    if (this.#draining) throw new BarrageError('UNAVAILABLE', 'the server is going down');
  }

  /** A WHEP player that opened data channels may speak the interaction protocol over them. */
  #talk(webrtc: WebRtcSessionPort, viewer: WhepViewer): void {
    const { room, token, remoteAddress, presenceKey } = viewer;
    const services = this.#services;
    const session = new Session({ services, room, remoteAddress, presenceKey, token, hasWebSocket: false });
    session.webrtc.adopt(webrtc);
  }
}

function newEtag(): string {
  return `"${createShortId()}"`;
}
