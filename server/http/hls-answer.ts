// How an HLS file goes out: head and body of each encoding, made once for all who ask for the same version.
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { MediaResource } from '../live/live-port.ts';

const compress = promisify(gzip);

/** Bodies shorter than this are not worth compressing, bytes. */
const MIN_COMPRESSED_BYTES = 256;
/**
 * Bodies up to this length are kept as a string of bytes: Node 24 sends one together with its head in a single
 * write, which saves a third of the time of a playlist's answer. Larger buffers are handed to the kernel uncopied.
 */
const MAX_STRING_BYTES = 16_384;

/** An answer ready to go out. */
export interface HlsForm {
  readonly status: 200 | 304;
  /** Names and values in turn, as `writeHead` takes them. */
  readonly headers: readonly string[];
  /** Status line and headers as HTTP/1.1 has them, without Date and the empty line. */
  readonly head: string;
  /** A string has a byte in each character. */
  readonly body: string | Buffer;
  readonly bytes: number;
}

/** What of a request decides on the form. */
export interface HlsWish {
  readonly 'if-none-match'?: string | undefined;
  readonly 'accept-encoding'?: string | string[] | undefined;
}

/** See the head of the file. Cache-Control is that of a public or of a private room. */
export class HlsAnswer {
  readonly #resource: MediaResource;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #plain: HlsForm;
  readonly #notModified: HlsForm;
  #gzipped: HlsForm | undefined;
  #gzipping: Promise<HlsForm> | undefined;

  constructor(
    resource: MediaResource,
    options: { readonly isPrivate: boolean; readonly headers: Readonly<Record<string, string>> },
  ) {
    const { cacheControl, contentType, etag, compressible, body } = resource;
    this.#resource = resource;
    this.#headers = {
      ...options.headers,
      'cache-control': options.isPrivate ? `private, ${cacheControl.replace(/public, */, '')}` : cacheControl,
      'content-type': contentType,
      ...(compressible ? { vary: 'Accept-Encoding' } : {}),
      ...(etag === undefined ? {} : { etag }),
    };
    this.#plain = toForm(this.#headers, body);
    this.#notModified = toForm(this.#headers, undefined);
  }

  /** The form for a GET or HEAD; a promise only for the first ones who want the file compressed. */
  choose(wish: HlsWish): HlsForm | Promise<HlsForm> {
    const { etag } = this.#resource;
    if (etag !== undefined && matchesEtag(wish['if-none-match'], etag)) return this.#notModified;
    if (!this.#wantsGzip(wish['accept-encoding'])) return this.#plain;
    if (this.#gzipped) return this.#gzipped;
    this.#gzipping ??= this.#compress();
    return this.#gzipping;
  }

  #wantsGzip(accepted: string | string[] | undefined): boolean {
    const { compressible, etag, body } = this.#resource;
    if (accepted === undefined || !compressible || etag === undefined) return false;
    return body.length >= MIN_COMPRESSED_BYTES && acceptsGzip(String(accepted));
  }

  async #compress(): Promise<HlsForm> {
    const { body, etag = '' } = this.#resource;
    const headers = {
      ...this.#headers,
      'content-encoding': 'gzip',
      // The tag stays, weak in meaning: what it names is the playlist, not its encoding.
      etag: `W/${etag.replace(/^W\//, '')}`,
    };
    this.#gzipped = toForm(headers, await compress(body));
    return this.#gzipped;
  }
}

/** A form with a body, or the one that says that nothing has changed. */
function toForm(headers: Readonly<Record<string, string>>, body: Buffer | undefined): HlsForm {
  const bytes = body?.length ?? 0;
  const all = Object.entries(body ? { ...headers, 'content-length': String(bytes) } : headers);
  return {
    status: body ? 200 : 304,
    headers: all.flat(),
    head: `HTTP/1.1 ${body ? '200 OK' : '304 Not Modified'}\r\n${all.map((pair) => `${pair.join(': ')}\r\n`).join('')}`,
    body: bytes <= MAX_STRING_BYTES ? (body?.toString('latin1') ?? '') : (body ?? ''),
    bytes,
  };
}

/** Sends a form as the answer to a GET, or its head to a HEAD; `extra` are further headers, flat. */
export function sendForm(
  { status, headers, body }: HlsForm,
  response: ServerResponse,
  options: { readonly isHead: boolean; readonly extra?: readonly string[] },
): void {
  const { isHead, extra = [] } = options;
  // Node 24 takes the flat list as it is; its types say that it would change it.
  response.writeHead(status, (extra.length === 0 ? headers : [...headers, ...extra]) as string[]);
  if (isHead || status === 304) response.end();
  else if (typeof body === 'string') response.end(body, 'latin1');
  else response.end(body);
}

/** Writes a form to a connection of HTTP/1.1 that stays; `tail` are the last headers and the empty line. */
export function writeForm(
  { head, body }: HlsForm,
  socket: Socket,
  { isHead, tail }: { readonly isHead: boolean; readonly tail: string },
): void {
  if (isHead) socket.write(head + tail, 'latin1');
  else if (typeof body === 'string') socket.write(head + tail + body, 'latin1');
  else {
    socket.cork();
    socket.write(head + tail, 'latin1');
    socket.write(body);
    socket.uncork();
  }
}

/** Whether an Accept-Encoding header takes gzip (RFC 9110 section 12.5.3). */
function acceptsGzip(header: string): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:,|$))/.test(header);
}

/** Weak comparison of RFC 9110 section 13.1.2. */
function matchesEtag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  const bare = (tag: string) => tag.trim().replace(/^W\//, '');
  return header.trim() === '*' || header.split(',').some((tag) => bare(tag) === bare(etag));
}
