// The process data-channel viewers live in. The bench's side talks to it through CrowdMethods.
import { cleanup } from 'node-datachannel';
import { serveGenerator } from '../load/generator-host.ts';
import { Crowd } from './crowd-host.ts';
import { DataChannelViewer } from './data-channel-viewer.ts';
import { findDialect } from './dialect.ts';

/** Handshakes under way at once: more of them only wait for each other. */
const JOINING_AT_ONCE = 8;

const crowd = new Crowd({
  concurrency: JOINING_AT_ONCE,
  readerOf: (dialect) => findDialect(dialect).summarize,
  connect: (target, account) =>
    DataChannelViewer.join({
      target,
      onEvents: (payload) => account.receive(payload),
      onLost: (reason) => account.lose(reason),
    }),
});

serveGenerator(crowd.methods, async () => {
  await crowd.leave();
  // Ends libdatachannel's threads, which keep the process alive.
  cleanup();
});
