// What a client may send, as zod schemas: every message is checked here before anything looks at it.
// Unknown fields are dropped; the types are those of wire.ts.
import { z } from 'zod';
import { DANMAKU_MODES, DANMAKU_SIZES, type Method, type Methods } from './wire.ts';

const MAX_SDP_CHARS = 64 * 1024;

/** The envelope of every command. */
export const commandSchema = z.object({
  id: z.int().min(0).max(Number.MAX_SAFE_INTEGER),
  method: z.string().min(1).max(64),
  params: z.record(z.string(), z.unknown()).default({}),
});

const mediaTime = z.number().finite().nonnegative();

/** Schema of each method's params. */
export const paramsSchemas = {
  hello: z.object({
    protocol: z.int(),
    token: z.string().max(8192).optional(),
    name: z.string().max(64).optional(),
    resume: z.object({ epoch: z.string().max(64), offset: z.int().nonnegative() }).optional(),
  }),
  ping: z.object({}),
  'danmaku.send': z.object({
    text: z.string().min(1).max(2000),
    mode: z.enum(DANMAKU_MODES).default('scroll'),
    color: z
      .string()
      .regex(/^#[0-9a-fA-F]{6}$/)
      .default('#ffffff'),
    size: z.enum(DANMAKU_SIZES).default('normal'),
    mediaTimeMs: mediaTime.optional(),
  }),
  'like.send': z.object({ count: z.int().min(1).max(10_000) }),
  'webrtc.offer': z.object({
    sdp: z.string().min(1).max(MAX_SDP_CHARS),
    restart: z.string().max(64).optional(),
  }),
  'webrtc.layer': z.object({ sessionId: z.string().max(64), layer: z.int().min(0).max(7).nullable() }),
  'webrtc.close': z.object({ sessionId: z.string().max(64) }),
} as const satisfies { [M in Method]: z.ZodType<Methods[M]['params']> };
