// What to do with a frame for a connection that does not read as fast as its room talks. Pure.
import type { Lane } from '../protocol/wire.ts';

/** Bounds on the unsent bytes of one connection, in rising order. */
export interface BufferLimits {
  readonly pulseBufferedBytes: number;
  readonly chatBufferedBytes: number;
  readonly maxBufferedBytes: number;
}

/** `skip`: left out, the totals come later; `thin`: left out, a gap says so; `close`: the viewer is too slow. */
export type Delivery = 'send' | 'skip' | 'thin' | 'close';

/** Decides by lane: totals go first, then chat; value is kept until the connection has to be given up. */
export function decideDelivery(lane: Lane, bufferedBytes: number, limits: BufferLimits): Delivery {
  if (bufferedBytes > limits.maxBufferedBytes) return 'close';
  if (lane === 'pulse' && bufferedBytes > limits.pulseBufferedBytes) return 'skip';
  if (lane === 'chat' && bufferedBytes > limits.chatBufferedBytes) return 'thin';
  return 'send';
}
