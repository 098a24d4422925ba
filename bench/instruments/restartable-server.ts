// A server that is stopped or killed and comes back at the same place: same ports, same data folder.
import { monotonicUs } from './fanout/monotonic.ts';
import { ServerPlace } from './server-place.ts';
import { ServerUnderTest, type ServerUnderTestOptions } from './server-under-test.ts';

/** When it went and when its successor said it was ready, monotonic ms. */
export interface Downtime {
  readonly toldAtMs: number;
  readonly goneAtMs: number;
  readonly readyAtMs: number;
}

/** One place with one server after another. Whoever made it disposes of it. */
export class RestartableServer {
  readonly #place: ServerPlace;
  readonly #env: NonNullable<ServerUnderTestOptions['env']>;
  #server: ServerUnderTest;

  private constructor(place: ServerPlace, server: ServerUnderTest, env: Readonly<Record<string, string>>) {
    this.#place = place;
    this.#server = server;
    this.#env = env;
  }

  /** Throws with the server's log when it does not become ready. */
  static async start(env: Readonly<Record<string, string>>): Promise<RestartableServer> {
    await using stack = new AsyncDisposableStack();
    const place = stack.use(await ServerPlace.make());
    const server = await ServerUnderTest.start({ place, env });
    stack.move();
    return new RestartableServer(place, server, env);
  }

  /** The one that runs now. */
  get current(): ServerUnderTest {
    return this.#server;
  }

  /** `SIGTERM` lets it drain first, `SIGKILL` does not. Resolves when the next one is ready. */
  async restart(signal: 'SIGTERM' | 'SIGKILL'): Promise<Downtime> {
    const toldAtMs = monotonicUs() / 1000;
    if (signal === 'SIGTERM') await this.#server.stop();
    else await this.#server.kill();
    const goneAtMs = monotonicUs() / 1000;
    this.#server = await ServerUnderTest.start({ place: this.#place, env: this.#env });
    return { toldAtMs, goneAtMs, readyAtMs: monotonicUs() / 1000 };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
    await this.#place[Symbol.asyncDispose]();
  }
}
