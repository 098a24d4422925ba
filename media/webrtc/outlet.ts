// Where a room's packets enter a worker: a router with one set of payload types, the room's producers and
// data lanes in it. A room has one outlet for each worker and payload mapping its viewers need.
import { EventEmitter } from 'node:events';
import type { types } from 'mediasoup';
import { BarrageError } from '../../core/errors.ts';
import type { RtpStream } from '../rtp/rtp-stream.ts';
import { BROADCAST_SUBCHANNEL, type DataLane, LANE_CHANNELS, MAX_MESSAGE_BYTES } from './data-lanes.ts';
import { completeMapping, H264_PARAMETERS, type PayloadMapping, routerCodecs } from './payload-mapping.ts';
import type { PooledWorker } from './worker-pool.ts';

/** Payload types of the room's own packets; mediasoup rewrites them to those of the router. */
export const SOURCE_PAYLOAD_TYPES = { video: 96, audio: 97 } as const;

/** What an {@link Outlet} is made with. */
export interface OutletOptions {
  readonly worker: PooledWorker;
  readonly mapping: PayloadMapping;
  readonly videoSsrcs: readonly number[];
  readonly audioSsrc: number;
  readonly cname: string;
  /** RTP timestamps at the NTP epoch. */
  readonly clockOffsets: { readonly audio: number; readonly video: number };
}

/** What the factory hands to the constructor: everything in the worker. */
interface OutletParts {
  readonly router: types.Router;
  readonly direct: types.DirectTransport;
  readonly video: types.Producer;
  readonly audio: types.Producer;
  readonly lanes: ReadonlyMap<DataLane, types.DataProducer>;
}

/** Sender reports at the start of a stream: mediasoup wants three before it maps our clock onto its own. */
const FIRST_REPORTS = 4;
const REPORT_INTERVAL_US = 1_000_000;

/**
 * Makes the router and everything in it.
 * @throws BarrageError `UNAVAILABLE` when the worker refuses or dies meanwhile
 */
export async function createOutlet(options: OutletOptions): Promise<Outlet> {
  const mapping = completeMapping(options.mapping);
  let router: types.Router | undefined;
  try {
    router = await options.worker.worker.createRouter({ mediaCodecs: routerCodecs(mapping) });
    return new Outlet({ ...options, mapping }, await fillRouter(router, options));
  } catch (cause) {
    router?.close();
    throw new BarrageError('UNAVAILABLE', 'the WebRTC worker cannot take the room', { cause });
  }
}

async function fillRouter(router: types.Router, options: OutletOptions): Promise<OutletParts> {
  const limits = { maxSendMessageSize: MAX_MESSAGE_BYTES, maxReceiveMessageSize: MAX_MESSAGE_BYTES };
  const direct = await router.createDirectTransport(limits);
  const [video, audio] = await Promise.all([
    direct.produce({ kind: 'video', rtpParameters: videoParameters(options) }),
    direct.produce({ kind: 'audio', rtpParameters: audioParameters(options) }),
  ]);
  const producers = LANE_CHANNELS.map(
    async ({ lane }) => [lane, await direct.produceData({ label: lane })] as const,
  );
  return { router, direct, video, audio, lanes: new Map(await Promise.all(producers)) };
}

function videoParameters(options: OutletOptions): types.RtpParameters {
  const { cname, videoSsrcs } = options;
  const payloadType = SOURCE_PAYLOAD_TYPES.video;
  return {
    codecs: [{ mimeType: 'video/H264', payloadType, clockRate: 90_000, parameters: H264_PARAMETERS }],
    encodings: videoSsrcs.map((ssrc) => ({ ssrc })),
    rtcp: { cname },
  };
}

function audioParameters(options: OutletOptions): types.RtpParameters {
  const payloadType = SOURCE_PAYLOAD_TYPES.audio;
  return {
    codecs: [{ mimeType: 'audio/opus', payloadType, clockRate: 48_000, channels: 2 }],
    encodings: [{ ssrc: options.audioSsrc }],
    rtcp: { cname: options.cname },
  };
}

export interface OutletEvents {
  closed: [reason: string];
}

/** See {@link createOutlet}. Closed by the room, or by the death of its worker. */
export class Outlet extends EventEmitter<OutletEvents> {
  readonly worker: PooledWorker;
  readonly mapping: PayloadMapping;
  /** Sessions that use it; the room counts. */
  sessions = 0;
  readonly #clockOffsets: OutletOptions['clockOffsets'];
  readonly #parts: OutletParts;
  readonly #reports = new Map<number, { count: number; lastUs: number }>();
  #state: 'open' | 'closed' = 'open';

  constructor(options: OutletOptions, parts: OutletParts) {
    super();
    this.worker = options.worker;
    this.mapping = options.mapping;
    this.#clockOffsets = options.clockOffsets;
    this.#parts = parts;
    parts.router.on('workerclose', () => this.close('worker died'));
  }

  get router(): types.Router {
    return this.#parts.router;
  }

  get direct(): types.DirectTransport {
    return this.#parts.direct;
  }

  get closed(): boolean {
    return this.#state === 'closed';
  }

  /** RTP timestamp at the NTP epoch, of a kind's streams. */
  clockOffset(kind: 'audio' | 'video'): number {
    return this.#clockOffsets[kind];
  }

  /** The producer that viewers consume. */
  producer(kind: 'audio' | 'video'): types.Producer {
    return this.#parts[kind];
  }

  /** The data producer of a lane. */
  lane(lane: DataLane): types.DataProducer {
    const producer = this.#parts.lanes.get(lane);
    if (!producer) throw new BarrageError('INTERNAL', `outlet without lane ${lane}`);
    return producer;
  }

  /** Sends the packets of one access unit, and a sender report when one is due. */
  send(
    kind: 'audio' | 'video',
    stream: RtpStream,
    unit: { packets: readonly Buffer[]; nowUs: number },
  ): void {
    if (this.closed) return;
    const producer = this.#parts[kind];
    for (const packet of unit.packets) producer.send(packet);
    this.#report(stream, unit.nowUs);
  }

  /** Sends a frame to every session of this outlet whose lanes are resumed. */
  broadcast(lane: DataLane, frame: string | Buffer): void {
    if (this.closed || this.sessions === 0) return;
    // 51 says text (RFC 8831 8), also of a frame that was encoded to bytes once for all outlets.
    this.lane(lane).send(frame, 51, [BROADCAST_SUBCHANNEL]);
  }

  /** Closes the router and with it every transport. Idempotent. */
  close(reason: string): void {
    if (this.closed) return;
    this.#state = 'closed';
    this.#parts.router.close();
    this.emit('closed', reason);
  }

  // After the packets: the worker drops a report on a stream it has not seen a packet of.
  #report(stream: RtpStream, nowUs: number): void {
    const state = this.#reports.get(stream.ssrc) ?? { count: 0, lastUs: 0 };
    if (state.count >= FIRST_REPORTS && nowUs - state.lastUs < REPORT_INTERVAL_US) return;
    this.#reports.set(stream.ssrc, { count: state.count + 1, lastUs: nowUs });
    this.#parts.direct.sendRtcp(stream.senderReport(nowUs));
  }
}
