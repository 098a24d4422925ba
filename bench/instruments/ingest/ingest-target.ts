// What is published to in the ingest benchmark: this project's server here; a rival offers the same few calls.
import { ServerMetrics } from '../server-metrics.ts';
import { ServerUnderTest } from '../server-under-test.ts';

/** A stream to publish, and where it can be watched. */
export interface IngestStream {
  readonly name: string;
  readonly publishUrl: string;
  /** HLS: media playlist or multivariant playlist. */
  readonly playlistUrl: string;
}

/** A running server that takes RTMP and offers HLS. Whoever started it disposes of it. */
export interface IngestTarget extends AsyncDisposable {
  /** Root of the server's processes. */
  readonly pid: number;
  readonly rtmpPort: number;
  /** Makes `count` further streams, which nobody has published to. */
  open(count: number): Promise<readonly IngestStream[]>;
  /** Names of the streams that its API calls live; undefined when it has none. */
  findLive(): Promise<ReadonlySet<string> | undefined>;
  /**
   * 99th percentile of its event loop's delay since the last call, ms; undefined when it never tells, infinite
   * when it was too busy to answer.
   */
  takeLoopDelayMs(): Promise<number | undefined>;
}

/** Enough connections for any ramp, and no waiting when it stops. */
const ROOMY = {
  BARRAGE_RTMP__MAXCONNECTIONS: '4000',
  BARRAGE_RTMP__MAXCONNECTIONSPERADDRESS: '4000',
  BARRAGE_LADDER__MAXCORES: '1000',
  BARRAGE_SHUTDOWN__DRAINMS: '0',
  BARRAGE_LOG__LEVEL: 'warn',
};

/** This project's server. */
export class BarrageIngest implements IngestTarget {
  readonly #server: ServerUnderTest;
  #opened = 0;

  private constructor(server: ServerUnderTest) {
    this.#server = server;
  }

  /** Starts a server with further settings as environment. */
  static async start(env: Readonly<Record<string, string>>): Promise<BarrageIngest> {
    return new BarrageIngest(await ServerUnderTest.start({ env: { ...ROOMY, ...env } }));
  }

  get pid(): number {
    return this.#server.pid;
  }

  get rtmpPort(): number {
    return Number(new URL(this.#server.rtmpUrl).port);
  }

  async open(count: number): Promise<readonly IngestStream[]> {
    const streams: IngestStream[] = [];
    for (let left = count; left > 0; left--) {
      const room = await this.#server.createRoom(`ingest-${++this.#opened}`);
      streams.push({
        name: room.id,
        publishUrl: this.#server.publishUrl(room),
        playlistUrl: this.#server.hlsUrl(room.id),
      });
    }
    return streams;
  }

  async findLive(): Promise<ReadonlySet<string>> {
    // Too busy to answer: asked again, until the deadline of whoever waits.
    const streams = await this.#server.streams().catch(() => []);
    return new Set(streams.flatMap(({ room, state }) => (state === 'live' ? [room] : [])));
  }

  async takeLoopDelayMs(): Promise<number | undefined> {
    // A server too busy to tell is as late as can be; that ends a ramp, not the run.
    const metrics = await this.metrics().catch(() => undefined);
    if (metrics === undefined) return Number.POSITIVE_INFINITY;
    const seconds = metrics.find('barrage_event_loop_delay_seconds{quantile="0.99"}');
    return seconds === undefined ? undefined : seconds * 1000;
  }

  /** The server's own figures at this moment. */
  metrics(): Promise<ServerMetrics> {
    return ServerMetrics.scrape(this.#server.origin);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }
}
