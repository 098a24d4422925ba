// Errors as an RTMP client and the counters see them: status code, words and close code. Pure.
import { BarrageError, type ErrorCode } from '../../../core/errors.ts';
import type { CloseCode } from './rtmp-stats.ts';

/** How a refusal is told and counted. `description` is fit for the client; it holds no secret. */
export interface Refusal {
  readonly code: CloseCode;
  readonly description: string;
}

const ADMISSION: Partial<Record<ErrorCode, CloseCode>> = {
  UNAUTHORIZED: 'bad_key',
  PUBLISHER_EXISTS: 'publisher_exists',
  TIMEOUT: 'admit_timeout',
};
const PROTOCOL: Partial<Record<ErrorCode, CloseCode>> = {
  BAD_REQUEST: 'malformed',
  TOO_LARGE: 'limit',
  UNSUPPORTED_MEDIA: 'unsupported_media',
};

/** What a failed admission means; anything but a BarrageError is ours and stays unexplained. */
export function describeAdmissionError(error: unknown): Refusal {
  if (!(error instanceof BarrageError) || error.code === 'INTERNAL') return internal;
  return { code: ADMISSION[error.code] ?? 'not_admitted', description: error.message };
}

/** What an error while parsing or delivering means. */
export function describeProtocolError(error: unknown): Refusal {
  const code = error instanceof BarrageError ? PROTOCOL[error.code] : undefined;
  return code ? { code, description: (error as BarrageError).message } : internal;
}

const internal: Refusal = { code: 'internal', description: 'internal error' };
