// A whole server on a free port with a fake media plane, for tests of the control plane.
import { join } from 'node:path';
import type { Test } from 'tap';
import type { ConfigInput } from '../../config/schema.ts';
import { configSchema } from '../../config/schema.ts';
import { silentLogger } from '../../core/logger.ts';
import { type App, createApp } from '../../server/app.ts';
import { FakeMediaPlane } from '../fakes/fake-live.ts';

/** A running server and the ways to it. */
export interface TestApp {
  readonly app: App;
  readonly media: FakeMediaPlane;
  readonly origin: string;
  readonly dataDir: string;
  /** Calls the API as administrator. */
  api(method: string, path: string, body?: unknown): Promise<Response>;
}

/** Starts a server that ends with the test. `config` is what a config file would hold. */
export async function startTestApp(t: Test, config: ConfigInput = {}): Promise<TestApp> {
  const dataDir = config.data?.dir ?? join(t.testdir({ web: WEB_FILES }), 'data');
  const media = new FakeMediaPlane();
  const app = await createApp({
    config: configSchema.parse({
      ...config,
      http: { port: 0, ...config.http },
      data: { dir: dataDir },
      shutdown: { drainMs: 0, ...config.shutdown },
    }),
    logger: silentLogger,
    version: '0.0.0',
    createMediaPlane: async () => media,
    webDir: join(dataDir, '..', 'web'),
  });
  t.teardown(() => app.close('test over'));
  const origin = `${config.http?.tls?.cert ? 'https' : 'http'}://127.0.0.1:${app.ports.http}`;
  const api = (method: string, path: string, body?: unknown) =>
    fetch(`${origin}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${app.adminToken}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  return { app, media, origin, dataDir, api };
}

const WEB_FILES = {
  'watch.html': '<!doctype html><title>watch</title>',
  assets: { 'main-ABCDEF12.js': 'export {};', 'barrage-sdk.js': 'export {};' },
};
