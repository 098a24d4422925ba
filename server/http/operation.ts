// One operation of the API: its route, its schemas and its handler in one place, so that the answer to a request
// and the OpenAPI document cannot differ.
import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { BarrageError, type ErrorCode } from '../../core/errors.ts';
import { bearerToken, type Gate } from '../auth/gate.ts';

/** What a handler is given: path parameters and body, both checked. */
export interface OperationInput<P, B> {
  readonly params: P;
  readonly body: B;
}

/** An operation with its types, as it is written down. */
export interface OperationDefinition<P extends z.ZodType, B extends z.ZodType, R extends z.ZodType> {
  readonly id: string;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Path with `{name}` for parameters, as OpenAPI writes it. */
  readonly path: string;
  readonly summary: string;
  readonly params?: P;
  readonly body?: B;
  /** Status of success; 204 has no body. */
  readonly status: 200 | 201 | 204;
  readonly result?: R;
  /** Codes it may answer besides those of every operation. */
  readonly errors: readonly ErrorCode[];
  handle(input: OperationInput<z.output<P>, z.output<B>>): Promise<z.input<R>> | z.input<R>;
}

/** An operation whose types have been checked where it was written. */
export type Operation = Omit<OperationDefinition<z.ZodType, z.ZodType, z.ZodType>, 'handle'> & {
  handle(input: OperationInput<unknown, unknown>): unknown;
};

/** Writes an operation down; only its types are erased. */
export function defineOperation<P extends z.ZodType, B extends z.ZodType, R extends z.ZodType>(
  definition: OperationDefinition<P, B, R>,
): Operation {
  return definition as unknown as Operation;
}

/** Serves operations, each for administrators only. */
export function serveOperations(app: FastifyInstance, operations: readonly Operation[], gate: Gate): void {
  for (const operation of operations) {
    app.route({
      method: operation.method,
      url: operation.path.replaceAll(/\{(\w+)\}/g, ':$1'),
      exposeHeadRoute: false,
      // Before the body is read, so that nobody without the token can make the server parse anything.
      onRequest: async (request) => gate.requireAdmin(bearerToken(request.headers.authorization)),
      handler: async (request, reply) => {
        const params = check(operation.params, request.params, 'path');
        const body = check(operation.body, request.body ?? {}, 'body');
        const result = await operation.handle({ params, body });
        reply.code(operation.status).header('cache-control', 'no-store');
        return operation.status === 204 ? reply.send() : reply.send(result);
      },
    });
  }
}

function check(schema: z.ZodType | undefined, value: unknown, where: string): unknown {
  if (!schema) return undefined;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const reasons = parsed.error.issues.map((issue) => `${[where, ...issue.path].join('.')}: ${issue.message}`);
  throw new BarrageError('BAD_REQUEST', reasons.join('; '));
}
