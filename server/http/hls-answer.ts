// How an HLS file goes out: headers and body of each encoding, made once for all who ask for the same version.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { MediaResource } from '../live/live-port.ts';

const compress = promisify(gzip);

/** Bodies shorter than this are not worth compressing, bytes. */
const MIN_COMPRESSED_BYTES = 256;
/**
 * Bodies up to this length are kept as a string of bytes: Node 24 sends one together with its headers in a single
 * write, which saves a third of the time of a playlist's answer. Larger buffers are handed to the kernel uncopied.
 */
const MAX_STRING_BYTES = 16_384;

/** One encoding of a file. */
interface Form {
  /** Names and values in turn, as `writeHead` takes them. */
  readonly headers: readonly string[];
  readonly body: string | Buffer;
  readonly bytes: number;
}

/** See the head of the file. Cache-Control is that of a public or of a private room. */
export class HlsAnswer {
  readonly #resource: MediaResource;
  readonly #plain: Form;
  readonly #notModified: readonly string[];
  readonly #headers: Readonly<Record<string, string>>;
  #gzipped: Form | undefined;
  #gzipping: Promise<void> | undefined;

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
    this.#notModified = Object.entries(this.#headers).flat();
  }

  /**
   * Answers a GET or HEAD; `extra` are further headers, names and values in turn. Returns the bytes of body sent.
   * A promise only for the first who wants the file compressed.
   */
  send(
    request: IncomingMessage,
    response: ServerResponse,
    extra: readonly string[] = [],
  ): number | Promise<number> {
    const { headers } = request;
    const { etag } = this.#resource;
    if (etag !== undefined && matchesEtag(headers['if-none-match'], etag)) {
      response.writeHead(304, [...this.#notModified, ...extra]).end();
      return 0;
    }
    const respond = (form: Form) => sendForm(form, { request, response, extra });
    if (!this.#wantsGzip(headers['accept-encoding'])) return respond(this.#plain);
    if (this.#gzipped) return respond(this.#gzipped);
    this.#gzipping ??= this.#compress();
    return this.#gzipping.then(() => respond(this.#gzipped ?? this.#plain));
  }

  #wantsGzip(accepted: string | string[] | undefined): boolean {
    const { compressible, etag, body } = this.#resource;
    if (accepted === undefined || !compressible || etag === undefined) return false;
    return body.length >= MIN_COMPRESSED_BYTES && acceptsGzip(String(accepted));
  }

  async #compress(): Promise<void> {
    const { body, etag = '' } = this.#resource;
    const headers = {
      ...this.#headers,
      'content-encoding': 'gzip',
      // The tag stays, weak in meaning: what it names is the playlist, not its encoding.
      etag: `W/${etag.replace(/^W\//, '')}`,
    };
    this.#gzipped = toForm(headers, await compress(body));
  }
}

function toForm(headers: Readonly<Record<string, string>>, body: Buffer): Form {
  const bytes = body.length;
  return {
    headers: Object.entries({ ...headers, 'content-length': String(bytes) }).flat(),
    body: bytes <= MAX_STRING_BYTES ? body.toString('latin1') : body,
    bytes,
  };
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly extra: readonly string[];
}

function sendForm({ headers, body, bytes }: Form, { request, response, extra }: Exchange): number {
  // Node 24 takes the flat list as it is; its types say that it would change it.
  response.writeHead(200, (extra.length === 0 ? headers : [...headers, ...extra]) as string[]);
  if (request.method === 'HEAD') {
    response.end();
    return 0;
  }
  if (typeof body === 'string') response.end(body, 'latin1');
  else response.end(body);
  return bytes;
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
