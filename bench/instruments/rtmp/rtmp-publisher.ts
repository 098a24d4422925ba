// One RTMP publisher: connects, gets as far as an accepted `publish`, and writes what it is given. What is
// sent, and when, is its owner's business.
import { EventEmitter, once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type AmfObject, type AmfValue, decodeAmf0, encodeAmf0 } from './amf0.ts';
import {
  AnswerReader,
  chunks,
  DEFAULT_CHUNK_BYTES,
  handshake,
  type OutMessage,
  RTMP_TYPE,
} from './rtmp-chunks.ts';

/** What OBS (librtmp) and most encoders set. */
export const ENCODER_CHUNK_BYTES = 4096;
const ACCEPT_TIMEOUT_MS = 10_000;

export interface RtmpPublisherEvents {
  answer: [values: readonly AmfValue[]];
  /** Once: why the connection is over. */
  closed: [reason: string];
}

/** A publisher whose `publish` was accepted. Whoever made it closes it. */
export class RtmpPublisher extends EventEmitter<RtmpPublisherEvents> {
  readonly #socket: Socket;
  readonly #reader = new AnswerReader();
  #chunkBytes = DEFAULT_CHUNK_BYTES;
  #streamId = 0;
  #closeReason: string | undefined;

  private constructor(socket: Socket) {
    super();
    this.#socket = socket;
    socket.setNoDelay();
    socket.on('data', (data) => this.#handleData(data));
    socket.on('error', (error) => this.#end(error.message));
    socket.on('close', () => this.#end('the server closed the connection'));
  }

  /** Publishes to `rtmp://HOST:PORT/APP/KEY`. @throws Error with the server's status when it is refused. */
  static async publish(url: string): Promise<RtmpPublisher> {
    const { host, port, app, key } = parseRtmpUrl(url);
    const publisher = new RtmpPublisher(connect(port, host));
    try {
      await once(publisher.#socket, 'connect', { signal: AbortSignal.timeout(ACCEPT_TIMEOUT_MS) });
      await publisher.#negotiate({ app, tcUrl: `rtmp://${host}:${port}/${app}`, key });
      return publisher;
    } catch (error) {
      publisher.close();
      throw error;
    }
  }

  /** The message stream that media goes to. */
  get streamId(): number {
    return this.#streamId;
  }

  /** Bytes the kernel has not taken yet. */
  get unsentBytes(): number {
    return this.#socket.writableLength;
  }

  /** Why the connection is over; undefined while it is open. */
  get closeReason(): string | undefined {
    return this.#closeReason;
  }

  /** Writes bytes that are chunks already, as one segment. */
  write(...parts: readonly Uint8Array[]): void {
    if (this.#closeReason !== undefined) return;
    this.#socket.cork();
    for (const part of parts) this.#socket.write(part);
    this.#socket.uncork();
  }

  send(message: OutMessage): void {
    this.write(chunks(message, this.#chunkBytes));
  }

  /** Ends the stream as an encoder does. */
  close(): void {
    if (this.#closeReason === undefined && this.#streamId > 0) {
      this.#command(0, 'deleteStream', 5, null, this.#streamId);
      this.#socket.end();
    } else this.#socket.destroy();
    this.#end('closed');
  }

  async #negotiate({ app, tcUrl, key }: Record<'app' | 'tcUrl' | 'key', string>): Promise<void> {
    this.#socket.write(handshake());
    const connected = this.#answerTo(1);
    const chunkBytes = Buffer.alloc(4);
    chunkBytes.writeUInt32BE(ENCODER_CHUNK_BYTES);
    this.send({ type: RTMP_TYPE.setChunkSize, payload: chunkBytes, chunkStream: 2 });
    this.#chunkBytes = ENCODER_CHUNK_BYTES;
    this.#command(0, 'connect', 1, { app, type: 'nonprivate', flashVer: 'FMLE/3.0', tcUrl });
    await connected;
    const created = this.#answerTo(2);
    this.#command(0, 'createStream', 2, null);
    const streamId = (await created)[3];
    if (typeof streamId !== 'number') throw new Error('createStream was answered without a stream');
    const published = this.#statusOfPublish();
    this.#command(streamId, 'publish', 3, null, key, 'live');
    await published;
    this.#streamId = streamId;
  }

  #command(streamId: number, ...values: AmfValue[]): void {
    this.send({ type: RTMP_TYPE.command, payload: encodeAmf0(...values), streamId });
  }

  async #answerTo(transactionId: number): Promise<readonly AmfValue[]> {
    const values = await this.#answer(([, id]) => id === transactionId);
    if (values[0] === '_result') return values;
    throw new Error(`the server answered ${describe(values)}`);
  }

  async #statusOfPublish(): Promise<void> {
    const values = await this.#answer(([name]) => name === 'onStatus');
    if ((values[3] as AmfObject | undefined)?.['code'] === 'NetStream.Publish.Start') return;
    throw new Error(`publishing was refused: ${describe(values)}`);
  }

  async #answer(wanted: (values: readonly AmfValue[]) => boolean): Promise<readonly AmfValue[]> {
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void) => {
        clearTimeout(timer);
        this.off('answer', onAnswer).off('closed', onClosed);
        settle();
      };
      const onAnswer = (values: readonly AmfValue[]) => {
        if (wanted(values)) finish(() => resolve(values));
      };
      const onClosed = (reason: string) => finish(() => reject(new Error(reason)));
      const timer = setTimeout(() => onClosed('no answer in time'), ACCEPT_TIMEOUT_MS);
      this.on('answer', onAnswer).once('closed', onClosed);
    });
  }

  #handleData(data: Buffer): void {
    try {
      for (const { type, payload } of this.#reader.push(data)) {
        if (type === RTMP_TYPE.command) this.emit('answer', decodeAmf0(payload));
      }
    } catch (error) {
      this.#end(`an answer that cannot be read: ${(error as Error).message}`);
      this.#socket.destroy();
    }
  }

  #end(reason: string): void {
    if (this.#closeReason !== undefined) return;
    this.#closeReason = reason;
    this.emit('closed', reason);
  }
}

/** @throws Error for anything but `rtmp://HOST[:PORT]/APP/KEY`. */
export function parseRtmpUrl(url: string): {
  readonly host: string;
  readonly port: number;
  readonly app: string;
  readonly key: string;
} {
  const match = /^rtmp:\/\/([^/:]+)(?::(\d+))?\/([^/]+)\/(.+)$/.exec(url);
  if (!match) throw new Error(`"${url}" is not rtmp://HOST[:PORT]/APP/STREAM_KEY`);
  const [, host = '', port = '1935', app = '', key = ''] = match;
  return { host, port: Number(port), app, key };
}

function describe(values: readonly AmfValue[]): string {
  return JSON.stringify(values).slice(0, 300);
}
