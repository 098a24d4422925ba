// Reads what a client sent: the envelope first, then the params of the method. Pure.
import type { z } from 'zod';
import { BarrageError } from '../../core/errors.ts';
import { commandSchema, paramsSchemas } from '../protocol/schemas.ts';
import type { Method } from '../protocol/wire.ts';

/** Params of a method after its schema: defaults filled in, unknown fields dropped. */
export type ReadParams<M extends Method> = z.output<(typeof paramsSchemas)[M]>;

/** A frame that is not JSON: the connection ends after the reply. */
export class UnreadableFrame extends BarrageError {}

/** An envelope that holds; its method and params are not checked yet. */
export type Envelope = z.output<typeof commandSchema>;

/** A command's id where it can be made out, for the reply. */
export interface ReadEnvelope {
  readonly id: number | null;
  readonly envelope: Envelope | BarrageError;
}

/** @throws UnreadableFrame when the text is not JSON. */
export function readEnvelope(text: string): ReadEnvelope {
  const parsed = commandSchema.safeParse(parseJson(text));
  if (parsed.success) return { id: parsed.data.id, envelope: parsed.data };
  return {
    id: findId(
      parsed.error.issues.some((issue) => issue.path[0] === 'id'),
      text,
    ),
    envelope: new BarrageError('BAD_MESSAGE', describeIssues(parsed.error)),
  };
}

/**
 * The params of a command by its method's schema.
 * @throws BarrageError `UNKNOWN_METHOD`, `BAD_REQUEST` naming the field.
 */
export function readParams<M extends Method>(method: M, params: unknown): ReadParams<M> {
  const parsed = paramsSchemas[method].safeParse(params);
  if (!parsed.success) throw new BarrageError('BAD_REQUEST', `${method}: ${describeIssues(parsed.error)}`);
  return parsed.data as ReadParams<M>;
}

/** @throws BarrageError `UNKNOWN_METHOD`. */
export function requireMethod(name: string): Method {
  if (Object.hasOwn(paramsSchemas, name)) return name as Method;
  throw new BarrageError('UNKNOWN_METHOD', `there is no method "${name}"`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UnreadableFrame('BAD_MESSAGE', 'the frame is not valid JSON', { cause: error });
  }
}

function findId(isIdWrong: boolean, text: string): number | null {
  if (isIdWrong) return null;
  const value = (JSON.parse(text) as { id?: unknown } | null)?.id;
  return typeof value === 'number' ? value : null;
}

function describeIssues(error: z.ZodError): string {
  return error.issues.map((issue) => `${issue.path.join('.') || 'frame'}: ${issue.message}`).join('; ');
}
