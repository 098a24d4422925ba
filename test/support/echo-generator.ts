// A load generator for tests of the process it runs in: echoes, fails, spins, idles, exits.
import { serveGenerator } from '../../bench/instruments/load/generator-host.ts';

const methods = {
  echo: (params: { readonly text: string; readonly bytes?: Uint8Array }) => params,
  fail: (_: undefined) => {
    throw new Error('as asked');
  },
  spin: ({ ms }: { readonly ms: number }) => {
    const until = performance.now() + ms;
    while (performance.now() < until);
  },
  idle: ({ ms }: { readonly ms: number }) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
  exit: (_: undefined) => process.exit(3),
};

export type EchoMethods = typeof methods;

serveGenerator(methods);
