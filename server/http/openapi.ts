// The OpenAPI 3.1 document, made of the same operations and schemas that answer the requests. Pure.
import { z } from 'zod';
import { ERRORS, type ErrorCode } from '../../core/errors.ts';
import type { Operation } from './operation.ts';

/** Codes every operation may answer. */
const COMMON_ERRORS: readonly ErrorCode[] = [
  'BAD_REQUEST',
  'UNAUTHORIZED',
  'FORBIDDEN',
  'TOO_LARGE',
  'INTERNAL',
];

type Json = Record<string, unknown>;

/** The document of a set of operations. */
export function renderOpenApi(operations: readonly Operation[], version: string): Json {
  const paths: Record<string, Json> = {};
  for (const operation of operations) {
    const path = paths[operation.path] ?? {};
    path[operation.method.toLowerCase()] = describeOperation(operation);
    paths[operation.path] = path;
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Barrage API',
      version,
      description:
        'Rooms, stream keys, viewer tokens and streams. Errors are problem+json with a stable `code`.',
    },
    security: [{ bearer: [] }],
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'The admin token, or a JWT with role admin.' },
      },
      schemas: { Problem: problemSchema() },
    },
  };
}

function describeOperation(operation: Operation): Json {
  return {
    operationId: operation.id,
    summary: operation.summary,
    ...(operation.params ? { parameters: describeParameters(operation.params) } : {}),
    ...(operation.body ? { requestBody: { content: json(toSchema(operation.body, 'input')) } } : {}),
    responses: {
      [operation.status]: describeSuccess(operation),
      ...describeErrors([...operation.errors, ...COMMON_ERRORS]),
    },
  };
}

function describeParameters(params: z.ZodType): Json[] {
  const { properties } = toSchema(params, 'input') as { properties?: Record<string, Json> };
  return Object.entries(properties ?? {}).map(([name, schema]) => ({
    name,
    in: 'path',
    required: true,
    schema,
  }));
}

function describeSuccess(operation: Operation): Json {
  if (!operation.result) return { description: 'Done.' };
  return { description: 'Done.', content: json(toSchema(operation.result, 'output')) };
}

/** One response for each status; its description names the codes that have it. */
function describeErrors(codes: readonly ErrorCode[]): Record<string, Json> {
  const byStatus = Object.groupBy(codes, (code) => String(ERRORS[code].status));
  const entries = Object.entries(byStatus).map(([status, group]) => {
    const description = (group ?? []).map((code) => `${code}: ${ERRORS[code].meaning}`).join(' ');
    const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
    return [status, { description, content }];
  });
  return Object.fromEntries(entries) as Record<string, Json>;
}

function problemSchema(): Json {
  const problem = z.object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]).describe('Stable; match this.'),
    detail: z.string().describe('For people; may change.'),
    requestId: z.string(),
    retryable: z.boolean(),
    retryAfterMs: z.int().optional(),
  });
  return toSchema(problem, 'output');
}

function toSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io }) as Json;
  return rest;
}

function json(schema: Json): Json {
  return { 'application/json': { schema } };
}
