// Reads the head of a plain GET or HEAD (RFC 9112) as most players send it. Deliberately narrow: whatever is unusual
// is not read at all, so that there is nothing to understand differently from Node's own parser, which gets it. Pure.

/** A request without a body. */
export interface PlainRequest {
  readonly method: 'GET' | 'HEAD';
  readonly url: string;
  /** Names in lower case; none occurs twice. */
  readonly headers: Readonly<Record<string, string>>;
  /** Length of the head. */
  readonly length: number;
}

/** Longest head read, bytes: Node's own limit. */
export const MAX_PLAIN_BYTES = 16_384;

const REQUEST_LINE = /(GET|HEAD) (\/[\w./~-]*) HTTP\/1\.1\r\n/y;
/** A field line: a plain name, a value of visible characters. No folded lines, no control characters. */
const FIELD = /([A-Za-z0-9-]+):[ \t]*([\x20-\x7e]*?)[ \t]*\r\n/y;
/** Fields that make a request more than plain: a body, another protocol, a wish about the connection. */
const UNUSUAL = new Set(['content-length', 'transfer-encoding', 'upgrade', 'expect', 'te', 'trailer']);

/**
 * The request at the beginning of `text`, which has a byte in each character. Undefined when it is not complete or
 * not plain.
 */
export function readPlainRequest(text: string): PlainRequest | undefined {
  REQUEST_LINE.lastIndex = 0;
  const [, method, url] = REQUEST_LINE.exec(text) ?? [];
  if (url === undefined) return undefined;
  const headers: Record<string, string> = Object.create(null) as Record<string, string>;
  let at = REQUEST_LINE.lastIndex;
  while (!text.startsWith('\r\n', at)) {
    FIELD.lastIndex = at;
    const [, name, value] = FIELD.exec(text) ?? [];
    if (name === undefined || value === undefined) return undefined;
    const key = name.toLowerCase();
    if (UNUSUAL.has(key) || key in headers) return undefined;
    headers[key] = value;
    at = FIELD.lastIndex;
  }
  const { host, connection = 'keep-alive' } = headers;
  if (host === undefined || connection.toLowerCase() !== 'keep-alive' || at > MAX_PLAIN_BYTES)
    return undefined;
  return { method: method === 'HEAD' ? 'HEAD' : 'GET', url, headers, length: at + 2 };
}
