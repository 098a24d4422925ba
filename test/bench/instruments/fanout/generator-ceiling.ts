// The generators against the stub that is there to show their own ceiling.
import path from 'node:path';
import t from 'tap';
import type { CrowdMethods } from '../../../../bench/instruments/fanout/crowd-methods.ts';
import { measureGeneratorCeiling } from '../../../../bench/instruments/fanout/generator-ceiling.ts';
import type { SenderMethods } from '../../../../bench/instruments/fanout/sender-methods.ts';
import type { StubMethods } from '../../../../bench/instruments/fanout/stub.generator.ts';
import { GeneratorProcess } from '../../../../bench/instruments/load/generator-process.ts';

const FOLDER = path.join(import.meta.dirname, '../../../../bench/instruments/fanout');

t.test('every frame the stub sends is taken, and both ceilings are told', async (t) => {
  const { measurements, notes } = await measureGeneratorCeiling({ viewers: 20, seconds: 0.5 });
  t.match(measurements, [
    { key: 'frames', unit: '1/s' },
    { key: 'commands', unit: '1/s' },
  ]);
  for (const one of measurements) t.ok(one.kind === 'figure' && one.value > 0, one.title);
  t.match(notes.join(' '), /Of [1-9]\d* frames 0 events were missing, 0 came twice/);
});

t.test('a pace is kept whatever the replies do, and what was offered is accounted for', async (t) => {
  await using stub = await GeneratorProcess.start<StubMethods>(path.join(FOLDER, 'stub.generator.ts'));
  await using senders = await GeneratorProcess.start<SenderMethods>(
    path.join(FOLDER, 'senders.generator.ts'),
  );
  const { port } = await stub.call('listen', {});
  const target = { dialect: 'barrage', url: `ws://127.0.0.1:${port}/` } as const;
  await senders.call('join', { target, count: 3 });
  const paced = await senders.call('pace', { perSecond: 200, seconds: 0.5, textChars: 40 });
  t.match(paced, { offered: 100, accepted: 100, refused: {}, unanswered: 0 });
  const saturated = await senders.call('saturate', { window: 2, seconds: 0.2, textChars: 40 });
  t.ok(saturated.accepted > 6, 'more than the windows hold');
  t.equal(saturated.accepted, saturated.offered);
});

t.test('a stretch told to stop ends early, and so do later ones', async (t) => {
  await using stub = await GeneratorProcess.start<StubMethods>(path.join(FOLDER, 'stub.generator.ts'));
  await using senders = await GeneratorProcess.start<SenderMethods>(
    path.join(FOLDER, 'senders.generator.ts'),
  );
  const { port } = await stub.call('listen', {});
  const target = { dialect: 'barrage', url: `ws://127.0.0.1:${port}/` } as const;
  await senders.call('join', { target, count: 1 });
  const long = senders.call('pace', { perSecond: 10, seconds: 600, textChars: 40 });
  await senders.call('stop', {});
  t.ok((await long).offered < 6000);
  t.equal((await senders.call('pace', { perSecond: 10, seconds: 600, textChars: 40 })).offered, 0);
});

t.test('viewers that cannot join say why', async (t) => {
  await using viewers = await GeneratorProcess.start<CrowdMethods>(
    path.join(FOLDER, 'websocket-crowd.generator.ts'),
  );
  const target = { dialect: 'barrage', url: 'ws://127.0.0.1:9/' } as const;
  await t.rejects(viewers.call('join', { target, count: 2 }), { message: /ECONNREFUSED/ });
});
