// Clients that send danmaku: at a pace that nothing slows down, or each as fast as it is answered.
import { setTimeout } from 'node:timers/promises';
import type { CrowdTarget } from './crowd-methods.ts';
import { stampedText } from './frame-summary.ts';
import { LightClient } from './light-client.ts';
import { monotonicUs } from './monotonic.ts';
import { SendBook } from './send-book.ts';
import type { SenderMethods, SendOutcome } from './sender-methods.ts';

const JOINING_AT_ONCE = 50;
const STEP_MS = 1;
const POLL_MS = 5;
/** How long replies are waited for after the last danmaku, ms. */
const ANSWER_TIMEOUT_MS = 3_000;

/** The senders of one process. */
export class Senders {
  #clients: LightClient[] = [];
  readonly #stopping = new AbortController();
  #book = new SendBook(0);
  #started = 0;
  #nextId = 1;
  /** Sends the next danmaku of a client whose reply has come, while that is wanted. */
  #onSettled: ((client: LightClient) => void) | undefined;

  /** The methods to serve. */
  get methods(): SenderMethods {
    return {
      join: ({ target, count }) => this.#join(target, count),
      pace: ({ perSecond, seconds, textChars }) => this.#pace(perSecond, seconds, textChars),
      saturate: ({ window, seconds, textChars }) => this.#saturate(window, seconds, textChars),
      stop: () => this.#stopping.abort(),
      leave: () => this.leave(),
    };
  }

  leave(): void {
    for (const client of this.#clients.splice(0)) client.close();
    this.#started = 0;
  }

  async #join(target: CrowdTarget, count: number): Promise<{ offset: number }> {
    this.#clients = this.#clients.filter((client) => client.isOpen);
    this.#started = this.#clients.length;
    const joinSome = async () => {
      while (this.#started < count) {
        this.#started++;
        const client: LightClient = await LightClient.join({
          target,
          onEvents: () => undefined,
          onReply: (reply) => this.#book.settle(reply) && this.#onSettled?.(client),
          onLost: () => undefined,
        });
        this.#clients.push(client);
      }
    };
    await Promise.all(Array.from({ length: JOINING_AT_ONCE }, joinSome));
    return { offset: this.#clients.reduce((highest, { offset }) => Math.max(highest, offset), 0) };
  }

  async #pace(perSecond: number, seconds: number, textChars: number): Promise<SendOutcome> {
    this.#book = new SendBook(this.#book.highest);
    const total = Math.round(perSecond * seconds);
    const startedUs = monotonicUs();
    for (let sent = 0; sent < total && !this.#stopping.signal.aborted; ) {
      const due = Math.min(total, Math.floor(((monotonicUs() - startedUs) / 1e6) * perSecond) + 1);
      for (; sent < due; sent++) {
        const client = this.#clients[sent % this.#clients.length];
        if (client) this.#send(client, startedUs + (sent / perSecond) * 1e6, textChars);
      }
      await setTimeout(STEP_MS);
    }
    return this.#settle();
  }

  async #saturate(window: number, seconds: number, textChars: number): Promise<SendOutcome> {
    this.#book = new SendBook(this.#book.highest);
    const next = (client: LightClient) => this.#send(client, monotonicUs(), textChars);
    this.#onSettled = next;
    for (const client of this.#clients) for (let sent = 0; sent < window; sent++) next(client);
    await setTimeout(seconds * 1000, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
    this.#onSettled = undefined;
    return this.#settle();
  }

  async #settle(): Promise<SendOutcome> {
    const deadline = performance.now() + ANSWER_TIMEOUT_MS;
    while (this.#book.underWay > 0 && performance.now() < deadline) await setTimeout(POLL_MS);
    return this.#book.outcome(this.#clients.filter((client) => !client.isOpen).length);
  }

  #send(client: LightClient, dueUs: number, textChars: number): void {
    const id = this.#nextId++;
    this.#book.send(id, dueUs);
    client.send({ id, sequence: id, text: stampedText(dueUs, textChars) });
  }
}
