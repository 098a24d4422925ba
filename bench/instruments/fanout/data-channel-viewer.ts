// A viewer whose events come over data channels: real ICE, DTLS and SCTP through libdatachannel, joined as
// docs/PROTOCOL.md says. No media is asked for, so no stream needs to be live. Its WebSocket stays open, as a
// player's does; events that come on it again mean that the server gave the channels up.
import { type DataChannel, PeerConnection } from 'node-datachannel';
import {
  type EventFrame,
  type HelloResult,
  LANE_CHANNELS,
  LANES,
  type Methods,
  PROTOCOL_VERSION,
  type ReplyFrame,
} from '../../../server/protocol/wire.ts';
import type { CrowdTarget } from './crowd-methods.ts';
import { LightSocket } from './light-socket.ts';

const JOIN_TIMEOUT_MS = 30_000;
/** Around the move to the channels events may still come on the WebSocket. */
const MOVING_MS = 1000;
const IDS = { hello: 0, offer: 1, move: 2 } as const;

export interface DataChannelViewerOptions {
  readonly target: CrowdTarget;
  /** A frame of events, whichever way it came. */
  readonly onEvents: (payload: Buffer) => void;
  /** Once, when the channels are gone or given up without having been closed here. */
  readonly onLost: (reason: string) => void;
}

/** A viewer on data channels. Whoever joined it closes it. */
export class DataChannelViewer {
  readonly #options: DataChannelViewerOptions;
  readonly #connection = new PeerConnection('viewer', { iceServers: [], bindAddress: '127.0.0.1' });
  /** Kept: a channel that is garbage-collected closes silently (node-datachannel 0.33). */
  readonly #channels = new Map<string, DataChannel>();
  readonly #replies = new Map<number, (reply: ReplyFrame) => void>();
  #socket: LightSocket | undefined;
  #movedAtMs = Number.POSITIVE_INFINITY;
  #offset = 0;
  #over = false;

  private constructor(options: DataChannelViewerOptions) {
    this.#options = options;
    this.#connection.onStateChange((state) => {
      if (state === 'failed' || state === 'closed') this.#lose(`connection ${state}`);
    });
    for (const lane of LANES) {
      const { id, ordered, ...reliability } = LANE_CHANNELS[lane];
      const channel = this.#connection.createDataChannel(lane, {
        ...{ negotiated: true, id, unordered: !ordered },
        ...reliability,
      });
      channel.onMessage((message) => this.#takeFrame(toBuffer(message)));
      this.#channels.set(lane, channel);
    }
  }

  /** Joins, and moves the events to the channels. Throws saying which step failed. */
  static async join(options: DataChannelViewerOptions): Promise<DataChannelViewer> {
    const viewer = new DataChannelViewer(options);
    const late = AbortSignal.timeout(JOIN_TIMEOUT_MS);
    try {
      await viewer.#join(late);
      return viewer;
    } catch (error) {
      viewer.close();
      throw error;
    }
  }

  /** Offset of the room's newest event when the events moved to the channels. */
  get offset(): number {
    return this.#offset;
  }

  /** Takes the channels away without a word, as a dead link does. */
  cut(): void {
    this.#connection.close();
  }

  close(): void {
    this.#over = true;
    this.#socket?.close();
    // Channels are left to the connection: closed by themselves they make `cleanup` crash (node-datachannel 0.33).
    this.#connection.close();
  }

  async #join(late: AbortSignal): Promise<void> {
    this.#socket = await LightSocket.open({
      url: this.#options.target.url,
      onMessage: (payload) => this.#takeFromSocket(payload),
      onClosed: (reason) => this.#lose(`WebSocket ${reason}`),
    });
    const socket = this.#socket;
    const send = (text: string) => socket.sendText(text);
    const hello = { protocol: PROTOCOL_VERSION };
    const { epoch, offset } = (await this.#call(
      { id: IDS.hello, method: 'hello', params: hello, send },
      late,
    )) as HelloResult;
    const sdp = await this.#createOffer(late);
    const offer = { id: IDS.offer, method: 'webrtc.offer', params: { sdp }, send };
    const answer = (await this.#call(offer, late)) as Methods['webrtc.offer']['result'];
    const value = this.#channels.get('value');
    const opened = new Promise<void>((resolve) => value?.onOpen(() => resolve()));
    this.#connection.setRemoteDescription(answer.sdp, 'answer');
    await within(opened, late, 'the channels did not open');
    const params = { ...hello, resume: { epoch, offset } };
    const sendOnValue = (text: string) => void value?.sendMessage(text);
    const move = { id: IDS.move, method: 'hello', params, send: sendOnValue };
    const moved = (await this.#call(move, late)) as HelloResult;
    this.#offset = moved.offset;
    // What happened since the first hello came with the reply.
    const missed: EventFrame = { epoch, events: moved.missed };
    if (moved.missed.length > 0) this.#options.onEvents(Buffer.from(JSON.stringify(missed)));
    this.#movedAtMs = performance.now();
  }

  async #createOffer(late: AbortSignal): Promise<string> {
    const gathered = new Promise<void>((resolve) => {
      this.#connection.onGatheringStateChange((state) => state === 'complete' && resolve());
    });
    // Creating the channels has begun the negotiation already.
    if (this.#connection.gatheringState() !== 'complete') await within(gathered, late, 'no candidates');
    const sdp = this.#connection.localDescription()?.sdp;
    if (!sdp) throw new Error('libdatachannel made no offer');
    return sdp;
  }

  async #call(command: Command, late: AbortSignal): Promise<unknown> {
    const { id, method, params, send } = command;
    const answered = new Promise<ReplyFrame>((resolve) => this.#replies.set(id, resolve));
    send(JSON.stringify({ id, method, params }));
    const reply = await within(answered, late, `no answer to ${method}`);
    if ('error' in reply) throw new Error(`${method} was refused: ${reply.error.message}`);
    return reply.result;
  }

  #takeFromSocket(payload: Buffer): void {
    const isEvents = this.#takeFrame(payload);
    if (isEvents && performance.now() > this.#movedAtMs + MOVING_MS)
      this.#lose('moved back to the WebSocket');
  }

  /** Whether it was a frame of events. */
  #takeFrame(payload: Buffer): boolean {
    // Frames of events begin with `{"epoch"`, replies with `{"id"`.
    if (payload[2] === EVENTS_MARK) {
      this.#options.onEvents(payload);
      return true;
    }
    const reply = JSON.parse(payload.toString()) as ReplyFrame;
    this.#replies.get(reply.id ?? -1)?.(reply);
    return false;
  }

  #lose(reason: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#options.onLost(reason);
  }
}

interface Command {
  readonly id: number;
  readonly method: string;
  readonly params: object;
  readonly send: (text: string) => void;
}

const EVENTS_MARK = 'e'.charCodeAt(0);

function toBuffer(message: string | Buffer | ArrayBuffer): Buffer {
  return message instanceof ArrayBuffer ? Buffer.from(message) : Buffer.from(message as string);
}

async function within<T>(promise: Promise<T>, late: AbortSignal, what: string): Promise<T> {
  let onLate = (): void => undefined;
  const tooLate = new Promise<never>((_, reject) => {
    onLate = () => reject(new Error(`${what} within ${JOIN_TIMEOUT_MS} ms`));
    late.addEventListener('abort', onLate);
  });
  try {
    return await Promise.race([promise, tooLate]);
  } finally {
    late.removeEventListener('abort', onLate);
  }
}
