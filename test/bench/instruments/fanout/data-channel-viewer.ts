// Data-channel viewers against a real server with a real worker: what they receive, and that they notice what is
// missing.
import path from 'node:path';
import t from 'tap';
import { startBarrage } from '../../../../bench/instruments/fanout/barrage-server.ts';
import type { CrowdMethods } from '../../../../bench/instruments/fanout/crowd-methods.ts';
import { DataChannelViewer } from '../../../../bench/instruments/fanout/data-channel-viewer.ts';
import { findDialect } from '../../../../bench/instruments/fanout/dialect.ts';
import { FanoutLoad } from '../../../../bench/instruments/fanout/fanout-load.ts';
import { FrameCatalog } from '../../../../bench/instruments/fanout/frame-catalog.ts';
import { LightClient } from '../../../../bench/instruments/fanout/light-client.ts';
import { ViewerAccount } from '../../../../bench/instruments/fanout/viewer-account.ts';
import { GeneratorProcess } from '../../../../bench/instruments/load/generator-process.ts';
import { endNativeViewers } from '../../../../bench/instruments/native-viewer.ts';

const CROWD = path.join(
  import.meta.dirname,
  '../../../../bench/instruments/fanout/datachannel-crowd.generator.ts',
);

const server = await startBarrage({});
t.teardown(async () => {
  endNativeViewers();
  await server[Symbol.asyncDispose]();
});

async function until(isTrue: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!isTrue() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 5));
}

t.test('every viewer of a crowd receives every danmaku', async (t) => {
  await using load = await FanoutLoad.start(server, 'datachannel');
  await load.joinViewers(3);
  await load.joinSenders(2);
  const { sent, received } = await load.pace({ perSecond: 40, seconds: 1, textChars: 30 });
  t.ok(sent.offset >= 40);
  t.match(received, { viewers: 3, disconnected: {}, missing: 0, thinned: 0 });
  t.equal(received.events, 3 * 40);
  t.ok(received.frames > 0 && received.frames <= received.events);
});

t.test('a hole in the offsets is found, and a dead link told', async (t) => {
  const catalog = new FrameCatalog(findDialect('barrage').summarize);
  const account = new ViewerAccount({ catalog });
  let withheld = 0;
  const viewer = await DataChannelViewer.join({
    target: server.target,
    onEvents: (payload) => {
      // As if the network had lost the frame with the second danmaku.
      if (payload.includes('second')) withheld++;
      else account.receive(payload);
    },
    onLost: (reason) => account.lose(reason),
  });
  account.reset(viewer.offset);
  const sender = await LightClient.join({
    target: server.target,
    onEvents: () => undefined,
    onLost: () => undefined,
  });
  const send = (sequence: number, text: string) => sender.send({ id: sequence, sequence, text });
  send(1, 'first');
  await until(() => account.ledger.highest === viewer.offset + 1);
  send(2, 'second');
  await until(() => withheld === 1);
  send(3, 'third');
  await until(() => account.ledger.highest === viewer.offset + 3);
  t.equal(withheld, 1, 'the second came in a frame of its own');
  t.equal(account.events, 2);
  t.equal(account.ledger.missingUpTo(viewer.offset + 3), 1);
  viewer.cut();
  await until(() => account.lostBecause !== undefined);
  t.match(account.lostBecause, /connection closed/);
  viewer.close();
  sender.close();
});

t.test('a crowd that cannot join says which step failed', async (t) => {
  await using crowd = await GeneratorProcess.start<CrowdMethods>(CROWD);
  const url = server.target.url.replace('/bench/', '/nowhere/');
  await t.rejects(crowd.call('join', { target: { ...server.target, url }, count: 1 }), { message: /404/ });
});
