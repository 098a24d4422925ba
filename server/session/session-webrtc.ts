// The WebRTC side of a session: at most one WebRTC session, opened and steered by commands, whose value channel
// is a second link for commands and whose lanes can take over the events.
import { BarrageError } from '../../core/errors.ts';
import type { LiveRoomPort, WebRtcSessionPort } from '../live/live-port.ts';
import type { Methods, UnnumberedEvent } from '../protocol/wire.ts';
import type { SessionLink } from './session-link.ts';

/** What the session does with what comes from its WebRTC session. */
export interface SessionWebRtcOptions {
  readonly live: LiveRoomPort;
  readonly onFrame: (text: string, link: DataChannelLink) => void;
  readonly onEvent: (event: UnnumberedEvent) => void;
  /** Frames of the value or chat lane were lost on the way to this viewer. */
  readonly onLaneFull: (link: DataChannelLink) => void;
  readonly onClosed: (link: DataChannelLink) => void;
}

/** The value channel of a WebRTC session as a link. */
export class DataChannelLink implements SessionLink {
  readonly kind = 'datachannel';
  readonly webrtc: WebRtcSessionPort;

  constructor(webrtc: WebRtcSessionPort) {
    this.webrtc = webrtc;
  }

  send(text: string): void {
    this.webrtc.send(text);
  }

  deliver(frame: { readonly text: string }): void {
    this.webrtc.send(frame.text);
  }
}

/** Opens, steers and closes the WebRTC session of one session. */
export class SessionWebRtc {
  readonly #options: SessionWebRtcOptions;
  #current: DataChannelLink | undefined;
  #closed = false;

  constructor(options: SessionWebRtcOptions) {
    this.#options = options;
  }

  /** Answers an offer: a new WebRTC session in place of the one there is, or an ICE restart of that one. */
  async offer(params: Methods['webrtc.offer']['params']): Promise<Methods['webrtc.offer']['result']> {
    if (params.restart !== undefined) {
      const { webrtc } = this.#require(params.restart);
      return { sessionId: webrtc.id, sdp: await webrtc.restart(params.sdp) };
    }
    const webrtc = await this.#options.live.openWebRtc(params.sdp, { dataChannels: true });
    if (this.#closed) {
      await webrtc.close('session ended');
      throw new BarrageError('UNAVAILABLE', 'the session has ended');
    }
    this.adopt(webrtc);
    return { sessionId: webrtc.id, sdp: webrtc.answer };
  }

  /** Makes a WebRTC session this one's own, closing the one before. */
  adopt(webrtc: WebRtcSessionPort): DataChannelLink {
    const previous = this.#current;
    const link = new DataChannelLink(webrtc);
    this.#current = link;
    webrtc.on('message', (text) => this.#options.onFrame(text, link));
    webrtc.on('layer', (layer) =>
      this.#options.onEvent({ type: 'webrtc', state: 'layer', sessionId: webrtc.id, layer }),
    );
    // A lost total is made good by the next one.
    webrtc.on('laneFull', (lane) => lane !== 'pulse' && this.#options.onLaneFull(link));
    webrtc.once('closed', (reason) => {
      if (this.#current === link) this.#current = undefined;
      this.#options.onClosed(link);
      this.#options.onEvent({ type: 'webrtc', state: 'closed', sessionId: webrtc.id, reason });
    });
    if (previous) void previous.webrtc.close('replaced by a new offer');
    return link;
  }

  async preferLayer(params: Methods['webrtc.layer']['params']): Promise<Record<string, never>> {
    await this.#require(params.sessionId).webrtc.setPreferredLayer(params.layer);
    return {};
  }

  async closeSession(params: Methods['webrtc.close']['params']): Promise<Record<string, never>> {
    await this.#require(params.sessionId).webrtc.close('closed by the viewer');
    return {};
  }

  close(reason: string): void {
    this.#closed = true;
    void this.#current?.webrtc.close(reason);
  }

  #require(sessionId: string): DataChannelLink {
    if (this.#current?.webrtc.id === sessionId) return this.#current;
    throw new BarrageError('NOT_FOUND', `there is no WebRTC session "${sessionId}" here`);
  }
}
