// From renditions to RTP: takes a room's access units, lets them leave on one pace, and packetizes them into
// streams that outlive every publisher. Knows no mediasoup: packets go to a callback.
import { randomInt } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { AccessUnit } from '../../core/access-unit.ts';
import type { Clock } from '../../core/clock.ts';
import { opusPacketDurationUs } from '../../core/codec/opus.ts';
import type { Logger } from '../../core/logger.ts';
import type { RenditionPort } from '../../core/rendition.ts';
import { AudioTimeline } from '../rtp/audio-timeline.ts';
import { packetizeH264 } from '../rtp/h264-packetizer.ts';
import { Pacer, type PacerOptions } from '../rtp/pacer.ts';
import { MAX_RTP_PAYLOAD_BYTES, RtpStream } from '../rtp/rtp-stream.ts';
import { NTP_UNIX_OFFSET_S } from '../rtp/sender-report.ts';
import { FeedSource } from './feed-source.ts';
import { assignSlots, LAYER_SLOTS, shortSide } from './layer-slots.ts';
import { SOURCE_PAYLOAD_TYPES } from './outlet.ts';

/** A simulcast layer as viewers may choose it. */
export interface VideoLayer {
  /** What `setPreferredLayer` takes. Indexes rise with size but need not be consecutive. */
  readonly index: number;
  /** By the shorter side, for example `720p`. */
  readonly name: string;
  readonly width: number;
  readonly height: number;
}

/** Takes the packets of one access unit as soon as they are to leave. */
export type SendPackets = (
  kind: 'audio' | 'video',
  stream: RtpStream,
  unit: { packets: readonly Buffer[]; nowUs: number },
) => void;

/** What a {@link RoomFeed} is made with. */
export interface RoomFeedOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly send: SendPackets;
  readonly pacer?: PacerOptions | undefined;
}

export interface RoomFeedEvents {
  /** The set of layers changed. */
  layers: [layers: readonly VideoLayer[]];
}

interface PacedItem {
  readonly source: FeedSource;
  readonly unit: AccessUnit;
  /** As they were when the unit came: the next track may be announced while it waits. */
  readonly parameterSets: readonly Buffer[];
}

/** Random parts of the RTP streams of a room (RFC 3550 5.1 and 8.1). */
interface StreamSeeds {
  readonly ssrc: number;
  readonly timestampBase: number;
}

/** See the head of this file. Does nothing, at no cost, while {@link RoomFeed.setDemand} says nobody listens. */
export class RoomFeed extends EventEmitter<RoomFeedEvents> {
  readonly #options: RoomFeedOptions;
  readonly #pacer: Pacer<PacedItem>;
  readonly #sources = new Map<RenditionPort, FeedSource>();
  readonly #videoStreams: readonly RtpStream[];
  readonly #audioStream: RtpStream;
  readonly #audioTimeline = new AudioTimeline();
  #audio: FeedSource | undefined;
  #layers: readonly VideoLayer[] = [];
  #timer: NodeJS.Timeout | undefined;
  #demand = false;
  #closed = false;

  constructor(options: RoomFeedOptions) {
    super();
    this.#options = options;
    this.#pacer = new Pacer(options.pacer);
    // One base for all layers: the SFU must see the same picture under the same timestamp in each of them.
    const seeds = { ssrc: randomInt(0x1000, 0x7fffffff), timestampBase: randomInt(0, 2 ** 32 - 1) };
    this.#videoStreams = Array.from({ length: LAYER_SLOTS }, (_, slot) => createVideoStream(seeds, slot));
    this.#audioStream = createAudioStream(seeds);
  }

  /** SSRCs by slot, and of the sound: the same for the whole life of the room. */
  get ssrcs(): { readonly video: readonly number[]; readonly audio: number } {
    return { video: this.#videoStreams.map((stream) => stream.ssrc), audio: this.#audioStream.ssrc };
  }

  /** RTP timestamps of sound and picture at the NTP epoch (1900): what RFC 7273 calls the direct offset. */
  get clockOffsets(): { readonly audio: number; readonly video: number } {
    const epochUs = -NTP_UNIX_OFFSET_S * 1_000_000;
    const video = this.#videoStreams[0]?.timestampAt(epochUs) ?? 0;
    return { video, audio: this.#audioStream.timestampAt(epochUs) };
  }

  /** The layers now fed, smallest first. */
  get layers(): readonly VideoLayer[] {
    return this.#layers;
  }

  /** The delay that the pacer adds now, microseconds from media time to departure. */
  get delayUs(): number {
    return this.#pacer.delayUs;
  }

  /** Whether a rendition feeds the room. */
  get live(): boolean {
    return this.#sources.size > 0;
  }

  /** Starts or stops the work: off while there is nobody to send to. */
  setDemand(on: boolean): void {
    if (on === this.#demand) return;
    this.#demand = on;
    if (on) return;
    clearTimeout(this.#timer);
    for (const source of this.#sources.values()) {
      this.#pacer.removeLane(source.lane);
      source.restart();
    }
  }

  /**
   * Takes a rendition until it closes. Answers false, and takes nothing, when its codec is neither H.264
   * nor Opus or it is attached already. Of several Opus renditions the last attached is heard.
   */
  attach(rendition: RenditionPort): boolean {
    if (this.#closed || this.#sources.has(rendition)) return false;
    if (rendition.track.codec !== 'h264' && rendition.track.codec !== 'opus') return false;
    const source = new FeedSource(rendition, {
      logger: this.#options.logger,
      onUnit: (unit) => this.#handleUnit(source, unit),
      onTrack: () => this.#plan(),
      onClosed: () => this.detach(rendition),
    });
    this.#sources.set(rendition, source);
    if (source.kind === 'audio') this.#audio = source;
    else this.#plan();
    return true;
  }

  /** Lets go of a rendition; what it had waiting leaves at once. */
  detach(rendition: RenditionPort): void {
    const source = this.#sources.get(rendition);
    if (!source) return;
    this.#sources.delete(rendition);
    source.close();
    for (const item of this.#pacer.removeLane(source.lane)) this.#send(item);
    if (this.#audio === source) this.#audio = this.#findAudio();
    if (source.kind === 'video') this.#plan();
  }

  /** Lets go of everything. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.setDemand(false);
    for (const source of this.#sources.values()) source.close();
    this.#sources.clear();
  }

  #findAudio(): FeedSource | undefined {
    return [...this.#sources.values()].findLast((source) => source.kind === 'audio');
  }

  #plan(): void {
    const pictures = [...this.#sources.values()].flatMap((source) =>
      source.size ? [{ source, size: source.size }] : [],
    );
    const slots = assignSlots(pictures.map((picture) => picture.size));
    const layers: VideoLayer[] = [];
    pictures.forEach(({ source, size }, at) => {
      const index = slots[at];
      source.wantedSlot = index;
      if (index !== undefined) layers.push({ index, name: `${shortSide(size)}p`, ...size });
    });
    layers.sort((a, b) => a.index - b.index);
    if (JSON.stringify(layers) === JSON.stringify(this.#layers)) return;
    this.#layers = layers;
    this.emit('layers', layers);
  }

  #handleUnit(source: FeedSource, unit: AccessUnit): void {
    if (!this.#demand) return;
    const item = { source, unit, parameterSets: source.parameterSets };
    const nowUs = this.#options.clock.nowUs();
    const even = source.kind === 'audio';
    const early = this.#pacer.push({ lane: source.lane, ptsUs: unit.ptsUs, even, item }, nowUs);
    for (const each of early) this.#send(each);
    this.#release();
  }

  #release(): void {
    const { clock } = this.#options;
    const due = this.#pacer.takeDue(clock.nowUs());
    // Larger pictures first: mediasoup shifts a layer's timestamps by a frame when it switches to one whose
    // picture it has just sent of another layer, and switching up is the usual direction.
    due.sort((a, b) => (b.source.wantedSlot ?? LAYER_SLOTS) - (a.source.wantedSlot ?? LAYER_SLOTS));
    for (const item of due) this.#send(item);
    clearTimeout(this.#timer);
    const dueUs = this.#pacer.nextDueUs();
    if (dueUs === undefined) return;
    const waitMs = Math.max(1, Math.round((dueUs - clock.nowUs()) / 1000));
    this.#timer = setTimeout(() => this.#release(), waitMs);
  }

  #send(item: PacedItem): void {
    if (!this.#demand) return;
    if (item.source.kind === 'audio') this.#sendAudio(item);
    else this.#sendVideo(item);
  }

  #sendAudio({ source, unit }: PacedItem): void {
    if (source !== this.#audio && this.#audio !== undefined) return;
    const durationUs = opusPacketDurationUs(unit.data);
    if (durationUs === 0) return;
    const ptsUs = this.#audioTimeline.place(unit.ptsUs, durationUs);
    const packets = this.#audioStream.write([unit.data], ptsUs, false);
    this.#options.send('audio', this.#audioStream, { packets, nowUs: this.#options.clock.nowUs() });
  }

  #sendVideo({ source, unit, parameterSets }: PacedItem): void {
    if (unit.key) this.#enterSlot(source);
    const stream = source.slot === undefined ? undefined : this.#videoStreams[source.slot];
    if (!stream) return;
    const payloads = packetizeH264(unit.data, {
      maxPayloadBytes: MAX_RTP_PAYLOAD_BYTES,
      ...(unit.key ? { parameterSets } : {}),
    });
    const packets = stream.write(payloads, unit.ptsUs, true);
    this.#options.send('video', stream, { packets, nowUs: this.#options.clock.nowUs() });
  }

  // A rendition takes its slot with a key frame; whoever was in there waits for its own next one.
  #enterSlot(source: FeedSource): void {
    if (source.slot === source.wantedSlot) return;
    for (const other of this.#sources.values()) {
      if (other !== source && other.slot === source.wantedSlot) other.slot = undefined;
    }
    source.slot = source.wantedSlot;
  }
}

function createVideoStream(seeds: StreamSeeds, slot: number): RtpStream {
  return new RtpStream({
    ssrc: seeds.ssrc + slot,
    payloadType: SOURCE_PAYLOAD_TYPES.video,
    clockRate: 90_000,
    timestampBase: seeds.timestampBase,
    firstSequenceNumber: randomInt(0, 0x8000),
  });
}

function createAudioStream(seeds: StreamSeeds): RtpStream {
  return new RtpStream({
    ssrc: seeds.ssrc + LAYER_SLOTS,
    payloadType: SOURCE_PAYLOAD_TYPES.audio,
    clockRate: 48_000,
    timestampBase: seeds.timestampBase,
    firstSequenceNumber: randomInt(0, 0x8000),
  });
}
