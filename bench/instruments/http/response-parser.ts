// Reads HTTP/1.1 responses from a connection (RFC 9112): enough for keep-alive load, where every response has a
// length or is chunked. Keeps bodies only when asked to.

/** A whole response. */
export interface HttpAnswer {
  readonly status: number;
  /** Length of the body as sent. */
  readonly bytes: number;
  /** Present when it was to be kept. */
  readonly body?: Buffer;
  /** The server closes the connection after it. */
  readonly closes: boolean;
}

/** What the next response answers. */
export interface Expectation {
  readonly keepBody: boolean;
  /** HEAD: a length but no body. */
  readonly headOnly?: boolean;
}

type State = 'head' | 'length' | 'chunk-size' | 'chunk' | 'chunk-end' | 'trailer';

const MAX_HEAD_BYTES = 65_536;
const END_OF_HEAD = '\r\n\r\n';

/** One connection's parser; responses come one at a time, each after `expect`. */
export class ResponseParser {
  readonly #onAnswer: (answer: HttpAnswer) => void;
  #expected: Expectation | undefined;
  #state: State = 'head';
  /** Bytes of a head, a line or a chunk's end that is not complete yet. */
  #pending: Buffer = Buffer.alloc(0);
  #status = 0;
  #closes = false;
  /** Bytes of the body, or of the chunk, that are still to come. */
  #left = 0;
  #bytes = 0;
  #body: Buffer[] = [];

  constructor(onAnswer: (answer: HttpAnswer) => void) {
    this.#onAnswer = onAnswer;
  }

  /** Says what the next response answers. */
  expect(expected: Expectation): void {
    this.#expected = expected;
  }

  /**
   * Takes bytes as they came; the buffer may be reused afterwards.
   * @throws Error when they are no response, or one that nobody asked for.
   */
  push(chunk: Buffer): void {
    let rest = chunk;
    if (this.#pending.length > 0) {
      rest = Buffer.concat([this.#pending, chunk]);
      this.#pending = Buffer.alloc(0);
    }
    while (rest.length > 0) {
      const used = this.#take(rest);
      if (used === 0) {
        if (rest.length > MAX_HEAD_BYTES) throw new Error(`a head of more than ${MAX_HEAD_BYTES} bytes`);
        // A copy: the buffer is the socket's.
        this.#pending = Buffer.from(rest);
        return;
      }
      rest = rest.subarray(used);
    }
  }

  /** Takes what it can of the bytes and says how many; 0 when more are needed. */
  #take(bytes: Buffer): number {
    switch (this.#state) {
      case 'head':
        return this.#takeHead(bytes);
      case 'length':
      case 'chunk':
        return this.#takeBody(bytes);
      case 'chunk-size':
        return this.#takeLine(bytes, (line) => this.#beginChunk(line));
      case 'chunk-end':
        return this.#takeLine(bytes, () => {
          this.#state = 'chunk-size';
        });
      case 'trailer':
        return this.#takeLine(bytes, (line) => {
          if (line === '') this.#finish();
        });
    }
  }

  #takeHead(bytes: Buffer): number {
    const end = bytes.indexOf(END_OF_HEAD);
    if (end < 0) return 0;
    const head = bytes.toString('latin1', 0, end);
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]);
    if (!status) throw new Error(`no HTTP/1.1 response: ${JSON.stringify(head.slice(0, 60))}`);
    if (!this.#expected) throw new Error(`a response (${status}) that nobody asked for`);
    // Interim responses (RFC 9110 section 15.2) precede the one that counts.
    if (status >= 200) this.#beginBody(status, head);
    return end + END_OF_HEAD.length;
  }

  #beginBody(status: number, head: string): void {
    this.#status = status;
    this.#closes = /\r\nconnection: *close/i.test(head);
    this.#bytes = 0;
    this.#body = [];
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    const hasNone = this.#expected?.headOnly || status === 204 || status === 304 || Number(length) === 0;
    if (hasNone) this.#finish();
    else if (length !== undefined) {
      this.#left = Number(length);
      this.#state = 'length';
    } else if (/\r\ntransfer-encoding: *chunked/i.test(head)) this.#state = 'chunk-size';
    else throw new Error(`a response (${status}) without a length`);
  }

  #takeBody(bytes: Buffer): number {
    const used = Math.min(this.#left, bytes.length);
    this.#left -= used;
    this.#bytes += used;
    if (this.#expected?.keepBody) this.#body.push(Buffer.from(bytes.subarray(0, used)));
    if (this.#left > 0) return used;
    if (this.#state === 'length') this.#finish();
    else this.#state = 'chunk-end';
    return used;
  }

  #beginChunk(line: string): void {
    const size = /^[0-9a-f]+/i.exec(line)?.[0];
    if (size === undefined) throw new Error(`no chunk size: ${JSON.stringify(line.slice(0, 60))}`);
    this.#left = Number.parseInt(size, 16);
    this.#state = this.#left === 0 ? 'trailer' : 'chunk';
  }

  #takeLine(bytes: Buffer, handle: (line: string) => void): number {
    const end = bytes.indexOf('\r\n');
    if (end < 0) return 0;
    handle(bytes.toString('latin1', 0, end));
    return end + 2;
  }

  #finish(): void {
    const { keepBody } = this.#expected ?? { keepBody: false };
    this.#state = 'head';
    this.#expected = undefined;
    const body = keepBody ? { body: Buffer.concat(this.#body) } : {};
    this.#body = [];
    this.#onAnswer({ status: this.#status, bytes: this.#bytes, closes: this.#closes, ...body });
  }
}
