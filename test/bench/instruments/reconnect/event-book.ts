// A viewer's books on made-up sequences: holes, duplicates, gaps and epochs are found, and nothing else is.
import t from 'tap';
import { EventBook } from '../../../../bench/instruments/reconnect/event-book.ts';
import { EventLedger } from '../../../../bench/instruments/reconnect/event-ledger.ts';
import type { EventFrame, HelloResult, NumberedEvent } from '../../../../server/protocol/wire.ts';

function danmaku(offset: number, epoch = 'a'): NumberedEvent {
  return {
    ...{ type: 'danmaku', offset, id: `${epoch}${offset}`, at: 0, mediaTimeMs: 0, text: '', mode: 'scroll' },
    ...{ color: '#ffffff', size: 'normal', user: { id: 'u', name: 'u', role: 'viewer' } },
  };
}

function stream(offset: number): NumberedEvent {
  return { type: 'stream', stream: { state: 'waiting' }, offset, id: `s${offset}`, at: 0 };
}

function frame(offsets: readonly number[], epoch = 'a'): EventFrame {
  return { epoch, events: offsets.map((offset) => danmaku(offset, epoch)) };
}

function hello(over: Partial<HelloResult> & { recent?: readonly number[] }): HelloResult {
  const recent = (over.recent ?? []).map((offset) => danmaku(offset, over.epoch));
  const snapshot = { likes: 0, viewers: 0, recent };
  return { epoch: 'a', offset: 0, recovered: false, missed: [], snapshot, ...over } as HelloResult;
}

function acknowledged(count: number, epoch = 'a'): EventLedger {
  const ledger = new EventLedger();
  for (let offset = 1; offset <= count; offset++) ledger.acknowledge(epoch, offset);
  return ledger;
}

t.test('a viewer that got everything, before and after a drop, misses nothing', async (t) => {
  const book = new EventBook();
  book.acceptHello(hello({ offset: 3, recent: [2, 3] }));
  book.acceptFrame(frame([4, 5]));
  t.same(book.resume, { epoch: 'a', offset: 5 });
  book.acceptHello(hello({ offset: 7, recovered: true, missed: [danmaku(6), danmaku(7)] }));
  book.acceptFrame(frame([8]));
  t.same(book.audit(acknowledged(8)), { unseen: 0, saidGone: 0, valueMissed: 0, duplicates: 0 });
});

t.test('a hole is found, a duplicate is found', async (t) => {
  const book = new EventBook();
  book.acceptHello(hello({ offset: 0 }));
  book.acceptFrame(frame([1, 2]));
  book.acceptHello(hello({ offset: 6, recovered: true, missed: [danmaku(2), danmaku(3), danmaku(6)] }));
  book.acceptFrame(frame([6, 7]));
  t.same(book.audit(acknowledged(7)), { unseen: 2, saidGone: 0, valueMissed: 0, duplicates: 2 });
});

t.test('what was said to be gone is told from what went silently', async (t) => {
  const book = new EventBook();
  book.acceptHello(hello({ offset: 0 }));
  book.acceptFrame({ epoch: 'a', events: [danmaku(1), { type: 'gap', from: 2, to: 3, dropped: 2 }] });
  book.acceptFrame(frame([4, 6]));
  book.acceptHello(hello({ offset: 20, recent: [19, 20] }));
  t.same(book.audit(acknowledged(20)), { unseen: 1, saidGone: 14, valueMissed: 0, duplicates: 0 });
});

t.test('after a restart the end of the old epoch and the beginning of the new one are wanted', async (t) => {
  const ledger = acknowledged(5);
  for (const offset of [1, 2, 3]) ledger.acknowledge('b', offset);
  const book = new EventBook();
  book.acceptHello(hello({ offset: 0 }));
  book.acceptFrame(frame([1, 2, 3]));
  book.acceptHello(hello({ epoch: 'b', offset: 3, recent: [3] }));
  t.same(book.audit(ledger), { unseen: 4, saidGone: 0, valueMissed: 0, duplicates: 0 });
});

t.test('a value event that others saw counts on its own; reopened books start anew', async (t) => {
  const ledger = acknowledged(1);
  ledger.see('a', [stream(2)]);
  const book = new EventBook();
  book.acceptHello(hello({ offset: 0 }));
  book.acceptFrame(frame([1, 3]));
  t.match(book.audit(ledger), { unseen: 0, valueMissed: 1 });
  book.reopen();
  t.match(book.audit(ledger), { unseen: 0, valueMissed: 0 });
  book.acceptFrame(frame([3]));
  t.equal(book.audit(ledger).duplicates, 1, 'also of what came before they were reopened');
});

t.test('a viewer that leaves is not asked for what was still under way to it', async (t) => {
  const book = new EventBook();
  book.acceptHello(hello({ offset: 0 }));
  book.acceptFrame(frame([1, 3]));
  t.equal(book.audit(acknowledged(5)).unseen, 3);
  t.equal(book.audit(acknowledged(5), true).unseen, 1);
});

t.test('a change of the stream before hello is told by hello', async (t) => {
  const ledger = new EventLedger();
  ledger.see('b', [stream(1), stream(4)]);
  const book = new EventBook();
  book.acceptHello(hello({ offset: 0 }));
  book.acceptHello(hello({ epoch: 'b', offset: 3 }));
  t.equal(book.audit(ledger).valueMissed, 1);
});

t.test('an event that comes again under another number is noticed', async (t) => {
  const ledger = new EventLedger();
  ledger.see('a', [danmaku(1), danmaku(2)]);
  ledger.see('a', [danmaku(2)]);
  t.equal(ledger.renumbered, 0);
  ledger.see('b', [{ ...danmaku(1), offset: 9 }]);
  t.equal(ledger.renumbered, 1);
});
