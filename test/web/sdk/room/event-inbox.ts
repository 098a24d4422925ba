// Exactly once across frames, hello answers and epochs.
import t from 'tap';
import type { HelloResult, NumberedEvent } from '../../../../server/protocol/wire.ts';
import { EventInbox } from '../../../../web/sdk/room/event-inbox.ts';

function danmaku(offset: number, id = `id-${offset}`): NumberedEvent {
  const user = { id: 'u', name: 'U', role: 'viewer' } as const;
  const body = { text: `t${offset}`, mode: 'scroll', color: '#ffffff', size: 'normal' } as const;
  return { type: 'danmaku', offset, id, at: 0, mediaTimeMs: 0, user, ...body };
}

function hello(partial: Partial<HelloResult> & { recent?: NumberedEvent[] }): HelloResult {
  return {
    session: 's',
    room: { id: 'r', title: '' },
    user: { id: 'u', name: 'U', role: 'viewer' },
    serverTimeMs: 0,
    stream: { state: 'waiting' },
    epoch: 'a',
    offset: 0,
    recovered: false,
    missed: [],
    snapshot: { likes: 0, viewers: 0, recent: partial.recent ?? [] },
    limits: { maxTextGraphemes: 1, danmakuPerSecond: 1, likesPerSecond: 1, maxFrameBytes: 1 },
    ...partial,
  };
}

const offsetsOf = (events: readonly object[]) =>
  events.map((event) => ('offset' in event ? event.offset : event));

t.test('the first hello brings the recent events and what to resume from', async (t) => {
  const inbox = new EventInbox();
  t.equal(inbox.resume, undefined);
  const shown = inbox.acceptHello(hello({ offset: 9, recent: [danmaku(6), danmaku(8)] }));
  t.same(offsetsOf(shown), [6, 8]);
  t.same(inbox.resume, { epoch: 'a', offset: 9 });
  t.equal(inbox.hasHole, false);
});

t.test('a resumed hello brings what was missed, without what came by another way meanwhile', async (t) => {
  const inbox = new EventInbox();
  inbox.acceptHello(hello({ offset: 3 }));
  inbox.acceptFrame({ epoch: 'a', events: [danmaku(4), danmaku(6)] });
  t.equal(inbox.hasHole, true);
  t.same(inbox.resume, { epoch: 'a', offset: 4 });
  const shown = inbox.acceptHello(
    hello({ offset: 7, recovered: true, missed: [danmaku(5), danmaku(6), danmaku(7)] }),
  );
  t.same(offsetsOf(shown), [5, 7]);
  t.equal(inbox.hasHole, false);
  t.same(inbox.acceptFrame({ epoch: 'a', events: [danmaku(7)] }).events, []);
});

t.test('what cannot be recovered is shown as a gap before the snapshot', async (t) => {
  const inbox = new EventInbox();
  inbox.acceptHello(hello({ offset: 3 }));
  const shown = inbox.acceptHello(hello({ offset: 20, recent: [danmaku(19), danmaku(20)] }));
  t.same(offsetsOf(shown), [{ type: 'gap', from: 4, to: 18, dropped: 15 }, 19, 20]);
});

t.test('a new epoch starts over, and events known by their id are not shown again', async (t) => {
  const inbox = new EventInbox();
  inbox.acceptHello(hello({ offset: 2, recent: [danmaku(1), danmaku(2)] }));
  const recent = [danmaku(1, 'id-2'), danmaku(2, 'new')];
  const shown = inbox.acceptHello(hello({ epoch: 'b', offset: 2, recent }));
  t.same(
    shown.map((event) => 'id' in event && event.id),
    ['new'],
  );
  t.same(inbox.resume, { epoch: 'b', offset: 2 });
});

t.test('numbered events of an epoch nobody announced wait for a hello, totals do not', async (t) => {
  const inbox = new EventInbox();
  inbox.acceptHello(hello({ offset: 2 }));
  const inbound = inbox.acceptFrame({ epoch: 'b', events: [danmaku(1), { type: 'likes', total: 4 }] });
  t.same(inbound, { events: [{ type: 'likes', total: 4 }], strangeEpoch: true });
});

t.test('a gap of the thinned chat lane leaves no hole', async (t) => {
  const inbox = new EventInbox();
  inbox.acceptHello(hello({ offset: 0 }));
  const events = [danmaku(1), danmaku(5), { type: 'gap', from: 2, to: 4, dropped: 3 }] as const;
  t.equal(inbox.acceptFrame({ epoch: 'a', events }).events.length, 3);
  t.equal(inbox.hasHole, false);
  t.same(inbox.resume, { epoch: 'a', offset: 5 });
});
