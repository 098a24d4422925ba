// The process WebSocket viewers live in. The bench's side talks to it through CrowdMethods.
import { serveGenerator } from '../load/generator-host.ts';
import { Crowd } from './crowd-host.ts';
import { findDialect } from './dialect.ts';
import { LightClient } from './light-client.ts';

const JOINING_AT_ONCE = 50;

const crowd = new Crowd({
  concurrency: JOINING_AT_ONCE,
  readerOf: (dialect) => findDialect(dialect).summarize,
  connect: (target, account) =>
    LightClient.join({
      target,
      onEvents: (payload) => account.receive(payload),
      onLost: (reason) => account.lose(reason),
    }),
});
serveGenerator(crowd.methods, () => crowd.leave());
