// Errors as application/problem+json (RFC 9457), with the stable code that clients match.
import { STATUS_CODES } from 'node:http';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { BarrageError, type ErrorCode, toBarrageError } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import type { Meter } from '../meter.ts';

/** The body of every error answer. `detail` is for people. */
export interface Problem {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail: string;
  readonly requestId: string;
  readonly retryable: boolean;
  readonly retryAfterMs?: number;
}

/** Answers every error and every unknown URL of an instance with a problem. */
export function answerProblems(app: FastifyInstance, options: { logger: Logger; meter: Meter }): void {
  app.setErrorHandler((thrown: FastifyError | Error, request, reply) => {
    const error = readError(thrown);
    if (error.status >= 500) {
      const fields = { requestId: request.id, method: request.method, path: pathOf(request), error: thrown };
      options.logger.error(fields, 'request failed');
    }
    options.meter.countRefusal('http', error.code);
    return sendProblem(request, reply, error);
  });
  app.setNotFoundHandler((request, reply) => {
    options.meter.countRefusal('http', 'NOT_FOUND');
    const message = `nothing answers ${request.method} ${pathOf(request)}`;
    return sendProblem(request, reply, new BarrageError('NOT_FOUND', message));
  });
}

function sendProblem(request: FastifyRequest, reply: FastifyReply, error: BarrageError): FastifyReply {
  const { code, status, message, retryable, retryAfterMs } = error;
  const problem: Problem = {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    code,
    detail: message,
    requestId: request.id,
    retryable,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
  if (status === 401) reply.header('www-authenticate', 'Bearer');
  if (status === 429 || status === 503) reply.header('retry-after', Math.ceil((retryAfterMs ?? 1000) / 1000));
  if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
  // As a buffer it is sent as it is: a string would get a charset added to its type.
  return reply
    .code(status)
    .type('application/problem+json')
    .send(Buffer.from(JSON.stringify(problem)));
}

/** Path of a request without its query, where a token may be. */
function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? '';
}

const CODE_BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_ALLOWED',
  413: 'TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA',
};

/** Any thrown value as an error of the table; fastify's own (bad JSON, too large) keep their meaning. */
function readError(thrown: FastifyError | Error): BarrageError {
  if (thrown instanceof BarrageError) return thrown;
  const status = 'statusCode' in thrown ? (thrown.statusCode ?? 500) : 500;
  if (status >= 500) return toBarrageError(thrown);
  return new BarrageError(CODE_BY_STATUS[status] ?? 'BAD_REQUEST', thrown.message, { cause: thrown });
}
