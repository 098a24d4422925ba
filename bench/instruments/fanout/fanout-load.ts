// Viewers and senders around a fan-out server: joins them, offers loads, and gives what came of each with the CPU
// it took. Knows no limits and draws no conclusions.
import path from 'node:path';
import { CpuAccount, type CpuUse } from '../cpu-account.ts';
import { LatencyHistogram } from '../latency-histogram.ts';
import { busiest, type GeneratorLoad } from '../load/generator-load.ts';
import { GeneratorProcess } from '../load/generator-process.ts';
import { readProcess } from '../process-tree.ts';
import type { CrowdMethods, Reception, Transport } from './crowd-methods.ts';
import type { FanoutServer } from './fanout-server.ts';
import type { SenderMethods, SendOutcome } from './sender-methods.ts';

/** Time frames have to arrive after the last reply, ms: far beyond any latency that would still be good. */
const DRAIN_TIMEOUT_MS = 3_000;
const MEMORY_EVERY_MS = 250;
const CALL_MARGIN_MS = 30_000;

/** One load and what came of it. */
export interface LoadOutcome {
  readonly sent: SendOutcome;
  readonly received: Reception;
  readonly chat: LatencyHistogram;
  readonly roundTrip: LatencyHistogram;
  readonly cpu: CpuUse;
  /** CPU seconds of the server's processes; NaN for a server elsewhere. */
  readonly serverCpuSeconds: number;
  /** CPU seconds of the generators. */
  readonly viewersCpuSeconds: number;
  readonly sendersCpuSeconds: number;
  readonly generator: GeneratorLoad;
  /** Highest memory of the server's own process, bytes; NaN for a server elsewhere. */
  readonly peakRssBytes: number;
}

export interface Load {
  readonly perSecond: number;
  readonly seconds: number;
  readonly textChars: number;
}

/** Viewers and senders of one server. Disposing of it ends their processes. */
export class FanoutLoad {
  readonly #server: FanoutServer;
  readonly #viewers: GeneratorProcess<CrowdMethods>;
  readonly #senders: GeneratorProcess<SenderMethods>;
  readonly #stack: AsyncDisposableStack;
  #offset = 0;
  #senderCount = 0;

  private constructor(server: FanoutServer, processes: Processes, stack: AsyncDisposableStack) {
    this.#server = server;
    this.#viewers = processes.viewers;
    this.#senders = processes.senders;
    this.#stack = stack;
  }

  static async start(server: FanoutServer, transport: Transport): Promise<FanoutLoad> {
    await using stack = new AsyncDisposableStack();
    const module = (name: string) => path.join(import.meta.dirname, `${name}.generator.ts`);
    const viewers = stack.use(await GeneratorProcess.start<CrowdMethods>(module(`${transport}-crowd`)));
    const senders = stack.use(await GeneratorProcess.start<SenderMethods>(module('senders')));
    return new FanoutLoad(server, { viewers, senders }, stack.move());
  }

  /** Adds viewers until there are so many. */
  async joinViewers(count: number): Promise<void> {
    const { offset } = await this.#viewers.call('join', { target: this.#server.target, count });
    this.#offset = Math.max(this.#offset, offset);
  }

  /** Adds senders until there are so many; those that a server cuts off are replaced before the next load. */
  async joinSenders(count: number): Promise<void> {
    this.#senderCount = count;
    const { offset } = await this.#senders.call('join', { target: this.#server.target, count });
    this.#offset = Math.max(this.#offset, offset);
  }

  /** Ends the stretch under way early, and every later one at once. */
  async stop(): Promise<void> {
    // The process may be gone already: then there is nothing to stop.
    await this.#senders.call('stop', {}).catch(() => undefined);
  }

  /** Everybody leaves. */
  async leave(): Promise<void> {
    this.#senderCount = 0;
    await this.#viewers.call('leave', {});
    await this.#senders.call('leave', {});
  }

  /** Offers danmaku at a pace, and waits until the viewers have them. */
  pace({ perSecond, seconds, textChars }: Load): Promise<LoadOutcome> {
    const timeoutMs = seconds * 1000 + CALL_MARGIN_MS;
    return this.measure(() => this.#senders.call('pace', { perSecond, seconds, textChars }, timeoutMs));
  }

  /** Lets every sender keep `window` danmaku under way. */
  saturate(options: { readonly window: number; readonly seconds: number; readonly textChars: number }) {
    const timeoutMs = options.seconds * 1000 + CALL_MARGIN_MS;
    return this.measure(() => this.#senders.call('saturate', options, timeoutMs));
  }

  /** Measures while something sends: the senders here, or a stub. */
  async measure(send: () => Promise<SendOutcome>): Promise<LoadOutcome> {
    if (this.#senderCount > 0) await this.joinSenders(this.#senderCount);
    await this.#viewers.call('begin', { offset: this.#offset });
    await this.#takeLoad();
    const { pid } = this.#server;
    using memory = new PeakMemory(pid);
    const account = new CpuAccount({
      ...(pid === undefined ? {} : { server: () => pid }),
      viewers: () => this.#viewers.pid,
      senders: () => this.#senders.pid,
    });
    const sent = await send();
    this.#offset = Math.max(this.#offset, sent.offset);
    const drain = { offset: this.#offset, timeoutMs: DRAIN_TIMEOUT_MS };
    const received = await this.#viewers.call('finish', drain);
    const cpu = account.read();
    return {
      ...{ sent, received, cpu },
      serverCpuSeconds: pid === undefined ? Number.NaN : cpuSecondsOf(cpu, 'server'),
      viewersCpuSeconds: cpuSecondsOf(cpu, 'viewers'),
      sendersCpuSeconds: cpuSecondsOf(cpu, 'senders'),
      chat: LatencyHistogram.decode(received.latency['chat'] ?? ''),
      roundTrip: LatencyHistogram.decode(sent.roundTrip),
      generator: await this.#takeLoad(),
      peakRssBytes: memory.read(),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }

  async #takeLoad(): Promise<GeneratorLoad> {
    return busiest(await Promise.all([this.#viewers.takeLoad(), this.#senders.takeLoad()]));
  }
}

interface Processes {
  readonly viewers: GeneratorProcess<CrowdMethods>;
  readonly senders: GeneratorProcess<SenderMethods>;
}

function cpuSecondsOf({ cpuSeconds }: CpuUse, root: string): number {
  return Object.entries(cpuSeconds).reduce(
    (sum, [label, seconds]) => sum + (label.startsWith(`${root}/`) ? seconds : 0),
    0,
  );
}

/** The highest memory of a process while it is watched. */
class PeakMemory {
  readonly #pid: number | undefined;
  readonly #timer: NodeJS.Timeout;
  #peak = Number.NaN;

  constructor(pid: number | undefined) {
    this.#pid = pid;
    this.#timer = setInterval(() => this.read(), MEMORY_EVERY_MS);
  }

  read(): number {
    const bytes = this.#pid === undefined ? undefined : readProcess(this.#pid)?.rssBytes;
    if (bytes !== undefined && !(bytes <= this.#peak)) this.#peak = bytes;
    return this.#peak;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
