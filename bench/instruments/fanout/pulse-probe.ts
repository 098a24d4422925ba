// Latency of the pulse lane: one viewer who likes at a pace and waits for the totals that have its likes in them.
import { once } from 'node:events';
import { WebSocket } from 'ws';
import type {
  CommandFrame,
  EventFrame,
  HelloResult,
  Methods,
  ReplyFrame,
} from '../../../server/protocol/wire.ts';
import { PROTOCOL_VERSION } from '../../../server/protocol/wire.ts';
import { LatencyHistogram } from '../latency-histogram.ts';

const JOIN_TIMEOUT_MS = 30_000;
/** Odd to the interval of pulses, so that every phase of it is met. */
const LIKE_EVERY_MS = 37;
const HELLO_ID = 0;

/** A viewer who likes. Whoever joined it disposes of it. */
export class PulseProbe {
  readonly latency = new LatencyHistogram();
  readonly #socket: WebSocket;
  readonly #timer: NodeJS.Timeout;
  /** When each like was due, by command id; then the totals the replies gave, oldest first. */
  readonly #dueMs = new Map<number, number>();
  readonly #awaited: { readonly total: number; readonly dueMs: number }[] = [];
  #nextId = HELLO_ID + 1;
  #nextDueMs = performance.now();

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) => this.#take(String(data)));
    socket.on('error', () => undefined);
    this.#timer = setInterval(() => this.#like(), LIKE_EVERY_MS);
  }

  /** Joins the room at a WebSocket URL and begins. */
  static async join(url: string): Promise<PulseProbe> {
    const socket = new WebSocket(url, { perMessageDeflate: false });
    const signal = AbortSignal.timeout(JOIN_TIMEOUT_MS);
    await once(socket, 'open', { signal });
    const params = { protocol: PROTOCOL_VERSION };
    socket.send(JSON.stringify({ id: HELLO_ID, method: 'hello', params } satisfies CommandFrame));
    const [data] = (await once(socket, 'message', { signal })) as [Buffer];
    const reply = JSON.parse(data.toString()) as { readonly result?: HelloResult };
    if (!reply.result) throw new Error(`the probe of the pulse lane was turned away: ${data}`);
    return new PulseProbe(socket);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#socket.terminate();
  }

  #like(): void {
    const nowMs = performance.now();
    // One like for each that fell due: a delay of this process must not thin out the samples.
    for (; this.#nextDueMs <= nowMs; this.#nextDueMs += LIKE_EVERY_MS) {
      const id = this.#nextId++;
      this.#dueMs.set(id, this.#nextDueMs);
      this.#socket.send(
        JSON.stringify({ id, method: 'like.send', params: { count: 1 } } satisfies CommandFrame),
      );
    }
  }

  #take(text: string): void {
    if (text.startsWith('{"id"')) this.#takeReply(JSON.parse(text) as ReplyFrame);
    else if (text.includes('"likes"')) this.#takeEvents(JSON.parse(text) as EventFrame);
  }

  #takeReply(reply: ReplyFrame): void {
    const dueMs = this.#dueMs.get(reply.id ?? HELLO_ID);
    this.#dueMs.delete(reply.id ?? HELLO_ID);
    if (dueMs === undefined || 'error' in reply) return;
    this.#awaited.push({ total: (reply.result as Methods['like.send']['result']).total, dueMs });
  }

  #takeEvents({ events }: EventFrame): void {
    const nowMs = performance.now();
    for (const event of events) {
      if (event.type !== 'likes') continue;
      const seen = this.#awaited.filter(({ total }) => total <= event.total);
      for (const { dueMs } of seen) this.latency.record(nowMs - dueMs);
      this.#awaited.splice(0, seen.length);
    }
  }
}
