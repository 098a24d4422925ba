// A veth pair into a network namespace of its own, so that tests can lose and delay real packets in the kernel
// and read from it how many. Needs root and iproute2; says so when it cannot.
import { type ChildProcess, execFile, execFileSync, fork } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { EventEmitter, once } from 'node:events';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SENDER = path.join(import.meta.dirname, 'rtp-sender.ts');
const WAIT_MS = 10_000;

/** Random loss where the kernel has netem; else a bucket that overflows: real losses either way. */
const NETEM_LOSS = ['netem', 'loss', '5%'];
const BUCKET_LOSS = ['tbf', 'rate', '20mbit', 'burst', '5kb', 'limit', '20kb'];

/** What to send: packets with sequence numbers from `first` on, in bursts. */
export interface Burst {
  readonly count: number;
  readonly first: number;
}

/** A link from a sender in a namespace to a socket here. Whoever opened it disposes of it. */
export class ImpairedLink {
  /** Whether the kernel has netem: random loss, and delays. */
  readonly hasNetem: boolean;
  /** Arguments of `tc qdisc` that lose packets here. */
  readonly lossy: readonly string[];
  readonly #name: string;
  readonly #socket: Socket;
  readonly #sender: ChildProcess;
  readonly #packets = new EventEmitter<{ packet: [packet: Buffer] }>();
  #impaired = false;
  #newest: number | undefined;

  private constructor(parts: { name: string; socket: Socket; sender: ChildProcess }) {
    this.#name = parts.name;
    this.#socket = parts.socket;
    this.#sender = parts.sender;
    this.hasNetem = hasNetem(parts.name);
    this.lossy = this.hasNetem ? NETEM_LOSS : BUCKET_LOSS;
    this.#socket.on('message', (packet) => {
      this.#newest = packet.readUInt16BE(2);
      this.#packets.emit('packet', packet);
    });
  }

  /** Why no link can be made here; undefined when one can. */
  static findObstacle(): string | undefined {
    const name = `bt-probe-${process.pid}`;
    try {
      execFileSync('ip', ['netns', 'add', name], { stdio: 'pipe' });
      execFileSync('ip', ['netns', 'exec', name, 'tc', 'qdisc', 'show'], { stdio: 'pipe' });
      return undefined;
    } catch (error) {
      return `no network namespace with traffic control: ${(error as Error).message.trim().split('\n').at(-1)}`;
    } finally {
      try {
        execFileSync('ip', ['netns', 'del', name], { stdio: 'pipe' });
      } catch {
        // There was none.
      }
    }
  }

  static async open(): Promise<ImpairedLink> {
    const id = process.pid % 10_000;
    const name = `bt-link-${id}`;
    const [outer, inner] = [`bto${id}`, `bti${id}`];
    const subnet = `10.${200 + (id % 50)}.${id % 250}`;
    await run('ip', ['netns', 'add', name]);
    await run('ip', ['link', 'add', outer, 'type', 'veth', 'peer', 'name', inner, 'netns', name]);
    const inside = (...args: string[]) => run('ip', ['netns', 'exec', name, ...args]);
    // No neighbour discovery: what the kernel drops is to be ours alone.
    await inside('sh', '-c', 'echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6').catch(() => undefined);
    await run('ip', ['addr', 'add', `${subnet}.1/24`, 'dev', outer]);
    await run('ip', ['link', 'set', outer, 'up']);
    await inside('ip', 'addr', 'add', `${subnet}.2/24`, 'dev', inner);
    await inside('ip', 'link', 'set', inner, 'up');
    const socket = createSocket({ type: 'udp4', recvBufferSize: 4_000_000 });
    socket.bind(0, `${subnet}.1`);
    await once(socket, 'listening');
    const sender = fork(SENDER, [`${subnet}.1`, String(socket.address().port)], {
      execPath: 'ip',
      execArgv: ['netns', 'exec', name, process.execPath],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const link = new ImpairedLink({ name, socket, sender });
    const ready = (await once(sender, 'message'))[0] as string;
    if (ready !== 'ready') throw new Error(`the sender said ${ready}`);
    return link;
  }

  onPacket(listener: (packet: Buffer) => void): void {
    this.#packets.on('packet', listener);
  }

  /** Puts a queueing discipline on the sender's side in place of the last one; none with undefined. */
  async impair(discipline: readonly string[] | undefined): Promise<void> {
    const device = ['dev', `bti${process.pid % 10_000}`, 'root'];
    if (this.#impaired) await this.#tc('del', ...device);
    this.#impaired = discipline !== undefined;
    if (discipline) await this.#tc('add', ...device, ...discipline);
  }

  /** Packets that the discipline now in place has dropped, by its own count; those it still holds are let go first. */
  async dropped(): Promise<number> {
    const deadline = Date.now() + WAIT_MS;
    for (;;) {
      const { stdout } = await this.#tcOutput('-s', 'qdisc', 'show', 'dev', `bti${process.pid % 10_000}`);
      const [, dropped] = /dropped (\d+)/.exec(stdout) ?? [];
      const [, held] = /backlog \S+ (\d+)p/.exec(stdout) ?? [];
      if (held === '0' && dropped !== undefined) return Number(dropped);
      if (Date.now() > deadline) throw new Error(`the queue does not drain: ${stdout}`);
    }
  }

  /** Sends packets; resolves with the monotonic time (µs) at which each left, when all have. */
  async send(burst: Burst): Promise<readonly number[]> {
    this.#sender.send(burst);
    return (await once(this.#sender, 'message'))[0] as number[];
  }

  /** Waits until the packet with this sequence number, the last one sent, is here. */
  async waitForPacket(sequenceNumber: number): Promise<void> {
    const signal = AbortSignal.timeout(WAIT_MS);
    while (this.#newest !== sequenceNumber) await once(this.#packets, 'packet', { signal });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exited = once(this.#sender, 'exit');
    this.#sender.kill('SIGKILL');
    await exited;
    this.#socket.close();
    // The veth pair goes with the namespace that holds one end of it.
    await run('ip', ['netns', 'del', this.#name]);
  }

  async #tc(verb: string, ...rest: string[]): Promise<void> {
    await this.#tcOutput('qdisc', verb, ...rest);
  }

  #tcOutput(...args: string[]): Promise<{ stdout: string }> {
    return run('ip', ['netns', 'exec', this.#name, 'tc', ...args]);
  }
}

function hasNetem(name: string): boolean {
  const device = ['dev', 'lo', 'root'];
  const tc = (...args: string[]) =>
    execFileSync('ip', ['netns', 'exec', name, 'tc', 'qdisc', ...args], { stdio: 'pipe' });
  try {
    tc('add', ...device, 'netem', 'delay', '1ms');
    tc('del', ...device);
    return true;
  } catch {
    return false;
  }
}
