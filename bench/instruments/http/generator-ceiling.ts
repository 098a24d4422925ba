// What the HTTP generator can send and take in at most on this machine, against a server that does nothing.
import path from 'node:path';
import { GeneratorProcess } from '../load/generator-process.ts';
import { HttpLoad, type HttpStretch } from './http-load.ts';
import type { StubMethods } from './stub.generator.ts';

const MODULE = path.join(import.meta.dirname, 'stub.generator.ts');

/** As fast as answers come, with bodies of a length, over so many connections. */
export async function measureCeiling(options: {
  readonly bodyBytes: number;
  readonly connections: number;
  readonly seconds: number;
}): Promise<HttpStretch> {
  await using stub = await GeneratorProcess.start<StubMethods>(MODULE);
  const { port } = await stub.call('listen', { bodyBytes: options.bodyBytes });
  const { connections, seconds } = options;
  await using load = await HttpLoad.start({
    origin: `http://127.0.0.1:${port}`,
    connections,
    timeoutMs: 5_000,
  });
  return await load.run({ paths: ['/'], rate: 0, seconds });
}
