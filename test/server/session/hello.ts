// The answer to hello as text: the same as encoding it whole.
import t from 'tap';
import type { HelloResult, NumberedEvent } from '../../../server/protocol/wire.ts';
import { encodeHelloReply } from '../../../server/session/hello.ts';

function danmaku(offset: number): NumberedEvent {
  return {
    ...{ type: 'danmaku', offset, id: `e${offset}`, at: offset, mediaTimeMs: offset, mode: 'top' },
    ...{ text: `"quoted" \\ line\n弹幕 ${offset}`, color: '#00ff00', size: 'normal' },
    user: { id: 'u1', name: 'Änn', role: 'viewer' },
  };
}

function result(over: Partial<HelloResult>): HelloResult {
  return {
    ...{ session: 's', room: { id: 'r', title: 'a "room"' }, user: { id: 'u', name: 'U', role: 'viewer' } },
    ...{ serverTimeMs: 1, stream: { state: 'waiting' }, epoch: 'e', offset: 4, recovered: true, missed: [] },
    snapshot: { likes: 3, viewers: 2, recent: [] },
    limits: { maxTextGraphemes: 1, danmakuPerSecond: 2, likesPerSecond: 3, maxFrameBytes: 4 },
    ...over,
  };
}

t.test('the text is the whole answer, also when its events were encoded before', async (t) => {
  const events = [danmaku(1), danmaku(2), danmaku(3)];
  const answers = [
    result({}),
    result({ missed: events }),
    result({ recovered: false, snapshot: { likes: 0, viewers: 0, recent: events.slice(1) } }),
  ];
  const many = Array.from({ length: 150 }, (_, index) => danmaku(index + 20));
  answers.push(
    result({ missed: many }),
    result({ missed: many.slice(7, 90) }),
    result({ missed: many.slice(60) }),
  );
  // A gap in the numbers, where a block would be.
  answers.push(result({ missed: many.filter(({ offset }) => offset !== 70) }));
  for (const answer of [...answers, ...answers]) {
    t.same(JSON.parse(encodeHelloReply(7, answer)), { id: 7, result: answer });
  }
});
