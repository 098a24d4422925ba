// A load generator in a process of its own, so that its CPU is told apart from the server's and from the bench's.
// The bench's side; the generator's is generator-host.ts.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { GeneratorLoad } from './generator-load.ts';

const CALL_TIMEOUT_MS = 120_000;
const EXIT_TIMEOUT_MS = 5_000;

/** What a generator module answers to: method names, each with its parameters and result. */
export type GeneratorMethods = Readonly<Record<string, (params: never) => unknown>>;

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

type Params<M extends GeneratorMethods, K extends keyof M> = Parameters<M[K]>[0];
type Result<M extends GeneratorMethods, K extends keyof M> = Awaited<ReturnType<M[K]>>;

/** A running generator whose methods are those of type `M`. Whoever started it disposes of it. */
export class GeneratorProcess<M extends GeneratorMethods> {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #nextId = 1;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', (answer: Answer) => {
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
    });
    child.once('exit', (code, signal) => {
      const error = `the load generator ended (${signal ?? code})`;
      for (const [id, settle] of this.#waiting) settle({ id, error });
      this.#waiting.clear();
    });
  }

  /** Starts the module, which must call `serveGenerator`. */
  static async start<M extends GeneratorMethods>(modulePath: string): Promise<GeneratorProcess<M>> {
    const child = fork(modulePath, {
      serialization: 'advanced',
      // What the bench was started with is not meant for it: set-up preloads a module that lets go of the channel,
      // which is all that keeps a generator alive.
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    await once(child, 'spawn');
    return new GeneratorProcess<M>(child);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Calls a method over there; throws with its message when it does, or when the generator is gone. */
  async call<K extends keyof M & string>(
    method: K,
    params: Params<M, K>,
    timeoutMs = CALL_TIMEOUT_MS,
  ): Promise<Result<M, K>> {
    return (await this.#ask(method, params, timeoutMs)) as Result<M, K>;
  }

  /** How busy it was since this was asked last. */
  async takeLoad(): Promise<GeneratorLoad> {
    return (await this.#ask('$load', undefined, CALL_TIMEOUT_MS)) as GeneratorLoad;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    // The generator ends by itself when its channel closes.
    if (this.#child.connected) this.#child.disconnect();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), EXIT_TIMEOUT_MS);
    await exited;
    clearTimeout(timer);
  }

  async #ask(method: string, params: unknown, timeoutMs: number): Promise<unknown> {
    const id = this.#nextId++;
    const answer = await new Promise<Answer>((resolve) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        resolve({ id, error: `no answer to ${method} within ${timeoutMs} ms` });
      }, timeoutMs);
      const settle = (answer: Answer) => {
        clearTimeout(timer);
        resolve(answer);
      };
      this.#waiting.set(id, settle);
      if (!this.#child.connected) settle({ id, error: 'the load generator is gone' });
      else this.#child.send({ id, method, params });
    });
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer.result;
  }
}
