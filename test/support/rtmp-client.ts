// A raw RTMP client for tests: sends any bytes at all, and reads what the server answers.
import { EventEmitter } from 'node:events';
import { connect, type Socket } from 'node:net';
import { encodeAmf0 as amf0 } from '../../bench/instruments/rtmp/amf0.ts';
import { chunks, handshake, type OutMessage } from '../../bench/instruments/rtmp/rtmp-chunks.ts';
import { waitFor } from '../../core/lifecycle.ts';
import { type AmfObject, type AmfValue, decodeAmf0 } from '../../media/ingest/rtmp/amf0.ts';
import { ChunkReader } from '../../media/ingest/rtmp/chunk-reader.ts';
import { MESSAGE, type RtmpMessage } from '../../media/ingest/rtmp/rtmp-message.ts';

export { amf0, chunks, handshake, type OutMessage };

const DEADLINE = { timeoutMs: 5000 };

/** A connected client. `messages` and `statuses` grow as the server answers; `closed` resolves at the end. */
export class RtmpTestClient extends EventEmitter {
  readonly socket: Socket;
  readonly messages: RtmpMessage[] = [];
  readonly closed: Promise<void>;
  chunkBytes = 128;
  #skip = 1 + 1536 + 1536;
  readonly #reader = new ChunkReader({
    minChunkBytes: 1,
    maxChunkBytes: 0xff_ffff,
    maxChunkStreams: 64,
    maxBufferedBytes: 1e6,
    maxBytesOf: () => 1e6,
    onMessage: (message) => {
      this.messages.push(message);
      this.emit('message', message);
    },
  });

  constructor(socket: Socket) {
    super();
    this.socket = socket;
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.on('error', () => undefined);
    socket.on('data', (data) => this.#handleData(data));
  }

  /** Connects TCP only. */
  static async open(port: number): Promise<RtmpTestClient> {
    const socket = connect(port, '127.0.0.1');
    const client = new RtmpTestClient(socket);
    await waitFor(socket, 'connect', DEADLINE);
    return client;
  }

  /** Connects and shakes hands. */
  static async shake(port: number): Promise<RtmpTestClient> {
    const client = await RtmpTestClient.open(port);
    const done = waitFor(client, 'handshake', DEADLINE);
    client.socket.write(handshake());
    await done;
    return client;
  }

  /** Connects, shakes hands, and gets as far as an answered `connect` and `createStream`. */
  static async connected(port: number, app = 'live', extra: AmfObject = {}): Promise<RtmpTestClient> {
    const client = await RtmpTestClient.shake(port);
    client.command('connect', 1, { app, tcUrl: `rtmp://127.0.0.1/${app}`, ...extra });
    await client.answer('_result');
    client.command('createStream', 2, null);
    await client.answer('_result');
    return client;
  }

  /** As far as `NetStream.Publish.Start`. */
  static async publishing(port: number, key: string, app = 'live'): Promise<RtmpTestClient> {
    const client = await RtmpTestClient.connected(port, app);
    client.command('publish', 3, null, key, 'live');
    await client.status('NetStream.Publish.Start');
    return client;
  }

  send(message: OutMessage): void {
    this.socket.write(chunks(message, this.chunkBytes));
  }

  command(...values: AmfValue[]): void {
    const streamId = values[0] === 'publish' || values[0] === 'play' ? 1 : 0;
    this.send({ type: MESSAGE.commandAmf0, payload: amf0(...values), streamId });
  }

  setChunkSize(bytes: number): void {
    const payload = Buffer.alloc(4);
    payload.writeUInt32BE(bytes);
    this.send({ type: MESSAGE.setChunkSize, payload, chunkStream: 2 });
    this.chunkBytes = bytes;
  }

  /** Codes of all `onStatus` so far. */
  get statuses(): string[] {
    return this.#commands('onStatus').map((values) => String((values[3] as AmfObject)['code']));
  }

  /** The values of the next (or an earlier, unread) command of that name. */
  answer(name: string): Promise<AmfValue[]> {
    return this.#take((message) => {
      if (message.type !== MESSAGE.commandAmf0) return undefined;
      const values = decodeAmf0(message.payload);
      return values[0] === name ? values : undefined;
    });
  }

  /** The description of the status with that code. */
  async status(code: string): Promise<string> {
    for (;;) {
      const [, , , info] = await this.answer('onStatus');
      const { code: got, description } = info as { code: string; description: string };
      if (got === code) return description;
    }
  }

  /** The payload of the next message of a type. */
  message(type: number): Promise<Buffer> {
    return this.#take((message) => (message.type === type ? message.payload : undefined));
  }

  async #take<T>(pick: (message: RtmpMessage) => T | undefined): Promise<T> {
    for (;;) {
      for (const [index, message] of this.messages.entries()) {
        const picked = pick(message);
        if (picked === undefined) continue;
        this.messages.splice(index, 1);
        return picked;
      }
      await waitFor(this, 'message', DEADLINE);
    }
  }

  #commands(name: string): AmfValue[][] {
    return this.messages
      .filter(({ type }) => type === MESSAGE.commandAmf0)
      .map(({ payload }) => decodeAmf0(payload))
      .filter((values) => values[0] === name);
  }

  #handleData(data: Buffer): void {
    const skipped = Math.min(this.#skip, data.length);
    this.#skip -= skipped;
    if (skipped > 0 && this.#skip === 0) this.emit('handshake');
    if (skipped < data.length) this.#reader.feed(data.subarray(skipped));
  }
}
