// Sums of likes: what is sent, what is shown, what happens when it fails.
import t from 'tap';
import { LikeSender } from '../../../web/sdk/like-sender.ts';
import { RoomError } from '../../../web/sdk/room/room-error.ts';
import { eventually } from '../support/eventually.ts';

function setUp(intervalMs = 10) {
  const sent: number[] = [];
  const room = { total: 0, fail: undefined as RoomError | undefined };
  const sender = new LikeSender({
    intervalMs,
    send: async (count) => {
      sent.push(count);
      if (room.fail) {
        const error = room.fail;
        room.fail = undefined;
        throw error;
      }
      room.total += count;
      return { total: room.total };
    },
  });
  return { sender, sent, room };
}

t.test('taps in between are summed into one send', async (t) => {
  const { sender, sent, room } = setUp();
  sender.tap();
  sender.tap();
  sender.tap(3);
  t.equal(sender.shown, 5, 'shown at once');
  await eventually(() => room.total === 5, { what: 'the likes arriving' });
  t.same(sent, [5]);
  t.equal(sender.shown, 5);
});

t.test('one send follows another only after the interval, with all that came meanwhile', async (t) => {
  const { sender, sent, room } = setUp(60);
  sender.tap();
  await eventually(() => sent.length === 1, { what: 'the first send' });
  const startMs = performance.now();
  for (let tap = 0; tap < 5; tap++) sender.tap();
  await eventually(() => room.total === 6, { what: 'the second send' });
  t.same(sent, [1, 5]);
  t.ok(performance.now() - startMs > 30, 'not at once');
});

t.test('no send is larger than the server takes', async (t) => {
  const { sender, sent, room } = setUp(1);
  sender.maxPerSend = 4;
  sender.tap(10);
  await eventually(() => room.total === 10, { what: 'all of them' });
  t.same(sent, [4, 4, 2]);
});

t.test('likes that were refused for now are sent again', async (t) => {
  const { sender, sent, room } = setUp();
  room.fail = new RoomError({ code: 'RATE_LIMITED', message: '', retryable: true, retryAfterMs: 5 });
  sender.tap(2);
  await eventually(() => room.total === 2, { what: 'the second attempt' });
  t.same(sent, [2, 2]);
});

t.test('likes that may have been counted, or never will be, are not sent again', async (t) => {
  for (const code of ['TIMEOUT', 'FORBIDDEN']) {
    const { sender, sent, room } = setUp();
    room.fail = new RoomError({ code, message: '', retryable: code === 'TIMEOUT' });
    sender.tap(2);
    await eventually(() => sender.shown === 0, { what: 'giving up' });
    t.same(sent, [2]);
  }
});

t.test('the total of the room is shown, and an older one ignored', async (t) => {
  const { sender } = setUp();
  const shown: number[] = [];
  sender.on('shown', (total) => shown.push(total));
  sender.setTotal(10);
  sender.setTotal(9);
  t.same(shown, [10, 10]);
  sender.resetTotal(3);
  t.equal(sender.shown, 3);
});

t.test('a total that comes before its reply does not count our likes twice', async (t) => {
  const shown: number[] = [];
  const sender = new LikeSender({
    intervalMs: 1,
    send: async (count) => {
      sender.setTotal(100 + count);
      return { total: 100 + count };
    },
  });
  sender.setTotal(100);
  sender.on('shown', (total) => shown.push(total));
  sender.tap(2);
  await eventually(() => shown.length >= 2, { what: 'the reply' });
  t.same(new Set(shown), new Set([102]));
});

t.test('closed, it sends no more', async (t) => {
  const { sender, sent } = setUp();
  sender.tap();
  sender.close();
  sender.tap();
  await new Promise((resolve) => setImmediate(resolve));
  t.same(sent, []);
});
