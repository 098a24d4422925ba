// The generator's side of a GeneratorProcess: answers calls over IPC and ends when the bench is gone.
import { GeneratorLoadMeter } from './generator-load.ts';
import type { GeneratorMethods } from './generator-process.ts';

interface Call {
  readonly id: number;
  readonly method: string;
  readonly params: unknown;
}

/** Serves the methods until the channel closes; `onEnd` may then clean up before the process exits. */
export function serveGenerator(methods: GeneratorMethods, onEnd?: () => void | Promise<void>): void {
  const meter = new GeneratorLoadMeter();
  const all: Record<string, (params: never) => unknown> = { ...methods, $load: () => meter.take() };
  process.on('message', async ({ id, method, params }: Call) => {
    try {
      const handler = all[method];
      if (!handler) throw new Error(`this generator has no method ${method}`);
      process.send?.({ id, result: await handler(params as never) });
    } catch (error) {
      process.send?.({ id, error: (error as Error).message });
    }
  });
  process.once('disconnect', async () => {
    await onEnd?.();
    process.exit();
  });
  // Ctrl-C reaches the whole group; the bench decides when its generators end.
  process.on('SIGINT', () => undefined);
}
