// Replays a clip into a publisher at the pace of the clock, over and over, with timestamps that go on. Sends
// each tag when it is due and says how late it was; knows nothing of what the server makes of it.
import type { FlvClip, FlvTag } from './flv-clip.ts';
import {
  chunks,
  EXTENDED_TIMESTAMP,
  firstHeader,
  type OutMessage,
  RTMP_TYPE,
  splitPayload,
} from './rtmp-chunks.ts';
import { ENCODER_CHUNK_BYTES, type RtmpPublisher } from './rtmp-publisher.ts';

/** A server that does not read for so long is not fed any further: memory is bounded. */
const MAX_UNSENT_BYTES = 16 * 1024 * 1024;

/** A tag with its payload cut into chunks once for all publishers and all rounds. */
interface PreparedTag extends FlvTag {
  readonly body: Buffer;
}

/** A clip ready to be sent; shared by every replay of it. */
export class PreparedClip {
  readonly head: readonly FlvTag[];
  readonly media: readonly PreparedTag[];
  readonly durationMs: number;

  constructor({ head, media, durationMs }: FlvClip) {
    this.head = head;
    this.durationMs = durationMs;
    this.media = media.map((tag) => ({
      ...tag,
      body: splitPayload(tag.payload, {
        chunkBytes: ENCODER_CHUNK_BYTES,
        chunkStream: chunkStreamOf(tag.type),
      }),
    }));
  }
}

/** One publisher's place in the clip. */
export class ClipReplay {
  readonly #clip: PreparedClip;
  readonly #publisher: RtmpPublisher;
  readonly #startedAtMs: number;
  #next = 0;
  #round = 0;
  #sentBytes = 0;
  #latestMs = 0;

  /** Starts the clip's clock at `nowMs` and sends the sequence headers. */
  constructor(clip: PreparedClip, publisher: RtmpPublisher, nowMs: number) {
    this.#clip = clip;
    this.#publisher = publisher;
    this.#startedAtMs = nowMs;
    for (const tag of clip.head) publisher.send(toMessage(tag, 0, publisher.streamId));
  }

  get sentBytes(): number {
    return this.#sentBytes;
  }

  /** Whether the server has left so much unread that nothing more is sent. */
  get stuck(): boolean {
    return this.#publisher.unsentBytes > MAX_UNSENT_BYTES;
  }

  /** How late the latest tag was sent, ms, since this was asked last. */
  takeLatenessMs(): number {
    const late = this.#latestMs;
    this.#latestMs = 0;
    return late;
  }

  /** Sends what is due at `nowMs`. */
  sendDue(nowMs: number): void {
    for (let late = this.#lateness(nowMs); late >= 0; late = this.#lateness(nowMs)) {
      if (this.stuck || this.#publisher.closeReason !== undefined) return;
      this.#latestMs = Math.max(this.#latestMs, late);
      this.#sendNext();
    }
  }

  #lateness(nowMs: number): number {
    const tag = this.#clip.media[this.#next];
    const dueMs = this.#startedAtMs + this.#round * this.#clip.durationMs + (tag?.atMs ?? 0);
    return nowMs - dueMs;
  }

  #sendNext(): void {
    const tag = this.#clip.media[this.#next];
    if (!tag) return;
    const timestamp = this.#round * this.#clip.durationMs + tag.atMs;
    const message = toMessage(tag, timestamp, this.#publisher.streamId);
    if (timestamp < EXTENDED_TIMESTAMP) this.#publisher.write(firstHeader(message), tag.body);
    else this.#publisher.write(chunks(message, ENCODER_CHUNK_BYTES));
    this.#sentBytes += tag.payload.length;
    this.#next++;
    if (this.#next < this.#clip.media.length) return;
    this.#next = 0;
    this.#round++;
  }
}

function toMessage({ type, payload }: FlvTag, timestamp: number, streamId: number): OutMessage {
  return { type, payload, timestamp: timestamp >>> 0, streamId, chunkStream: chunkStreamOf(type) };
}

function chunkStreamOf(type: number): number {
  return type === RTMP_TYPE.video ? 6 : 4;
}
