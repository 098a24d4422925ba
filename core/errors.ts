// The one error class and the one table of codes: what each code means for HTTP, for the interaction
// protocol and for a client that wonders whether to try again.

/** How a code is answered: HTTP status and whether the same request may succeed later. */
interface ErrorMeaning {
  readonly status: number;
  readonly retryable: boolean;
  readonly meaning: string;
}

/** Every code the server answers with. Clients match these; the message is for people. */
export const ERRORS = {
  BAD_REQUEST: {
    status: 400,
    retryable: false,
    meaning: 'The request is malformed or a value is out of range.',
  },
  BAD_MESSAGE: {
    status: 400,
    retryable: false,
    meaning: 'A protocol frame is not valid JSON or has the wrong shape.',
  },
  UNAUTHORIZED: { status: 401, retryable: false, meaning: 'Credentials are missing, wrong or expired.' },
  FORBIDDEN: { status: 403, retryable: false, meaning: 'The caller is known, but may not do this.' },
  NOT_FOUND: { status: 404, retryable: false, meaning: 'The thing named does not exist.' },
  ROOM_NOT_FOUND: { status: 404, retryable: false, meaning: 'There is no room of that name.' },
  STREAM_NOT_LIVE: {
    status: 404,
    retryable: true,
    meaning: 'The room exists, but nobody is publishing into it.',
  },
  CONFLICT: { status: 409, retryable: false, meaning: 'The thing exists already or is in another state.' },
  PUBLISHER_EXISTS: {
    status: 409,
    retryable: true,
    meaning: 'Somebody is publishing with this key already.',
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    retryable: false,
    meaning: 'The thing exists, but not with this HTTP method.',
  },
  PRECONDITION_FAILED: {
    status: 412,
    retryable: false,
    meaning: 'If-Match names an older state of the session (RFC 9725 section 4.3).',
  },
  PRECONDITION_REQUIRED: {
    status: 428,
    retryable: false,
    meaning: 'The request must carry If-Match (RFC 9725 section 4.3).',
  },
  TOO_LARGE: { status: 413, retryable: false, meaning: 'The body or message is larger than the limit.' },
  UNSUPPORTED_MEDIA: { status: 415, retryable: false, meaning: 'No codec or format in common.' },
  UNKNOWN_METHOD: { status: 404, retryable: false, meaning: 'The protocol has no method of that name.' },
  RATE_LIMITED: {
    status: 429,
    retryable: true,
    meaning: 'Too many requests; retryAfterMs says when to come back.',
  },
  INTERNAL: {
    status: 500,
    retryable: true,
    meaning: 'The server failed; the log has the details under the request id.',
  },
  UNAVAILABLE: {
    status: 503,
    retryable: true,
    meaning: 'A part that is needed is not ready or the server is draining.',
  },
  OVERLOADED: { status: 503, retryable: true, meaning: 'The machine or a limit is full.' },
  TIMEOUT: { status: 504, retryable: true, meaning: 'Something did not answer in time.' },
  CONFIG_INVALID: {
    status: 500,
    retryable: false,
    meaning: 'A setting has a wrong value or an unknown name.',
  },
} as const satisfies Record<string, ErrorMeaning>;

/** A code of the table {@link ERRORS}. */
export type ErrorCode = keyof typeof ERRORS;

/** Options of {@link BarrageError}: the underlying error, and for `RATE_LIMITED` when to come back. */
export interface BarrageErrorOptions {
  readonly cause?: unknown;
  readonly retryAfterMs?: number;
}

/** The error every part of the server throws on purpose: a stable code and a message with the value. */
export class BarrageError extends Error {
  override readonly name = 'BarrageError';
  readonly code: ErrorCode;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, options: BarrageErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
  }

  /** HTTP status of the code. */
  get status(): number {
    return ERRORS[this.code].status;
  }

  /** Whether the same request may succeed later. */
  get retryable(): boolean {
    return ERRORS[this.code].retryable;
  }
}

/** Any thrown value as a {@link BarrageError}; what is not one becomes `INTERNAL` with a neutral message. */
export function toBarrageError(error: unknown): BarrageError {
  if (error instanceof BarrageError) return error;
  return new BarrageError('INTERNAL', 'internal error', { cause: error });
}
