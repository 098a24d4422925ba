// Requests over a fixed set of keep-alive connections: paced (an open loop, whatever the server does) or as fast
// as answers come (a closed loop). Counts; what counts as too slow is not decided here.
import { LatencyHistogram } from '../latency-histogram.ts';
import { type ConnectionOptions, type HttpOutcome, KeepAliveConnection } from './keep-alive-connection.ts';

const EXPIRE_EVERY_MS = 50;
const MAX_REASONS = 5;

/** A stretch of load. Paths are asked for in turn. */
export interface RequestStretchOptions {
  readonly paths: readonly string[];
  /** Requests a second; 0: each connection asks again as soon as it is answered. */
  readonly rate: number;
  readonly seconds: number;
}

/** What came of it. Latencies of a paced stretch count from when a request was due, not from when it was sent. */
export interface RequestCounts {
  readonly due: number;
  /** Answered with status 200. */
  readonly answered: number;
  /** Answered otherwise, or not in HTTP, or cut off. */
  readonly errors: number;
  readonly timeouts: number;
  /** Due, but every connection was still waiting when the stretch ended. */
  readonly unsent: number;
  /** Bytes of bodies. */
  readonly bytes: number;
  /** Until the last one was answered or given up. */
  readonly seconds: number;
  /** Some of the reasons of errors. */
  readonly reasons: readonly string[];
}

/** A stretch's counts with its histogram. */
export interface RequestResult extends RequestCounts {
  readonly latency: LatencyHistogram;
}

type Tally = { -readonly [K in keyof Omit<RequestCounts, 'reasons'>]: number };

/** See the head of the file. One stretch at a time. Whoever made it closes it. */
export class RequestLoad {
  readonly #connections: readonly KeepAliveConnection[];
  readonly #expiry: NodeJS.Timeout;

  constructor(options: ConnectionOptions & { readonly connections: number }) {
    this.#connections = Array.from({ length: options.connections }, () => new KeepAliveConnection(options));
    this.#expiry = setInterval(() => {
      const nowMs = performance.now();
      for (const connection of this.#connections) connection.expire(nowMs);
    }, EXPIRE_EVERY_MS);
  }

  /** Offers the load and resolves when everything sent is answered or given up. */
  run(options: RequestStretchOptions): Promise<RequestResult> {
    return new Promise((resolve) => new Stretch(this.#connections, options, resolve).begin());
  }

  close(): void {
    clearInterval(this.#expiry);
    for (const connection of this.#connections) connection.close();
  }
}

class Stretch {
  readonly #free: KeepAliveConnection[];
  readonly #options: RequestStretchOptions;
  readonly #resolve: (result: RequestResult) => void;
  readonly #latency = new LatencyHistogram();
  readonly #tally: Tally = { due: 0, answered: 0, errors: 0, timeouts: 0, unsent: 0, bytes: 0, seconds: 0 };
  readonly #reasons = new Set<string>();
  readonly #startedAt = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #sent = 0;
  #underWay = 0;
  #isOver = false;

  constructor(
    connections: readonly KeepAliveConnection[],
    options: RequestStretchOptions,
    resolve: (result: RequestResult) => void,
  ) {
    this.#free = [...connections];
    this.#options = options;
    this.#resolve = resolve;
  }

  begin(): void {
    this.#timer = setInterval(() => this.#sendDue(), 1);
    this.#sendDue();
  }

  #sendDue(): void {
    const { rate, seconds } = this.#options;
    const elapsedMs = performance.now() - this.#startedAt;
    if (elapsedMs >= seconds * 1000) {
      this.#end();
      return;
    }
    if (rate > 0) this.#tally.due = Math.floor((elapsedMs * rate) / 1000) + 1;
    while (this.#free.length > 0 && (rate === 0 || this.#sent < this.#tally.due)) {
      const dueAt = rate === 0 ? performance.now() : this.#startedAt + (this.#sent * 1000) / rate;
      this.#send(dueAt);
    }
  }

  #send(dueAt: number): void {
    const { paths } = this.#options;
    const connection = this.#free.pop();
    const path = paths[this.#sent % paths.length];
    if (!connection || path === undefined) return;
    this.#sent++;
    this.#underWay++;
    connection.get(path, (outcome) => {
      this.#count(outcome, performance.now() - dueAt);
      this.#free.push(connection);
      this.#underWay--;
      if (!this.#isOver) this.#sendDue();
      else if (this.#underWay === 0) this.#finish();
    });
  }

  #count(outcome: HttpOutcome, ms: number): void {
    const tally = this.#tally;
    if (outcome.kind === 'answer' && outcome.answer.status === 200) {
      tally.answered++;
      tally.bytes += outcome.answer.bytes;
      this.#latency.record(ms);
      return;
    }
    // Not a latency: how long nothing came says only what the timeout is.
    if (outcome.kind === 'timeout') tally.timeouts++;
    else {
      tally.errors++;
      const reason = outcome.kind === 'answer' ? `status ${outcome.answer.status}` : outcome.reason;
      if (this.#reasons.size < MAX_REASONS) this.#reasons.add(reason);
    }
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearInterval(this.#timer);
    if (this.#options.rate === 0) this.#tally.due = this.#sent;
    this.#tally.unsent = this.#tally.due - this.#sent;
    if (this.#underWay === 0) this.#finish();
  }

  #finish(): void {
    this.#tally.seconds = (performance.now() - this.#startedAt) / 1000;
    this.#resolve({ ...this.#tally, reasons: [...this.#reasons], latency: this.#latency });
  }
}
