// Every fan-out server, ours and the rivals, under the same small load: all of it arrives.
import t from 'tap';
import { FanoutLoad } from '../../../../bench/instruments/fanout/fanout-load.ts';
import { FANOUT_RIVALS, starterOf } from '../../../../bench/rivals/fanout/start-subject.ts';
import { RIVALS } from '../../../../bench/rivals/rivals.ts';
import { BARRAGE } from '../../../../bench/scenario.ts';

for (const subject of [BARRAGE, ...FANOUT_RIVALS]) {
  const missing = RIVALS.find(({ name }) => name === subject)?.findMissing();
  t.test(`${subject} delivers every danmaku to every viewer`, { skip: missing ?? false }, async (t) => {
    await using server = await starterOf(subject)({});
    await using load = await FanoutLoad.start(server, 'websocket');
    await load.joinViewers(10);
    await load.joinSenders(3);
    const { sent, received, chat, serverCpuSeconds } = await load.pace({
      perSecond: 60,
      seconds: 1,
      textChars: 40,
    });
    t.match(sent, { offered: 60, accepted: 60, refused: {}, unanswered: 0 });
    t.match(received, { viewers: 10, disconnected: {}, events: 600, missing: 0, thinned: 0, doubled: 0 });
    t.equal(received.frames === received.events, !server.batches, 'frames are what was said of them');
    t.equal(chat.count, 60, 'one viewer of ten measures');
    t.ok(serverCpuSeconds >= 0);
    t.ok(server.configuration.length > 20);
  });
}

t.test('every rival is known to the bench', async (t) => {
  for (const rival of FANOUT_RIVALS)
    t.ok(
      RIVALS.some(({ name }) => name === rival),
      rival,
    );
  t.throws(() => starterOf('nobody'), /nobody/);
});
