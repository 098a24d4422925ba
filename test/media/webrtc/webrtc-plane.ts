// The plane as a whole: limits, the death of a worker, closing, and a hundred viewers that leave nothing behind.
import { once } from 'node:events';
import t from 'tap';
import { waitFor } from '../../../core/lifecycle.ts';
import { cleanupNativeViewers, NativeViewer } from '../../support/native-viewer.ts';
import { closedReason, createPlane, join, publish, VANISHING } from '../../support/webrtc-rig.ts';

t.teardown(cleanupNativeViewers);

t.test('limits of room and plane answer OVERLOADED, bad layers BAD_REQUEST', async (t) => {
  const plane = await createPlane(t, { maxSessions: 2, roomLimits: { maxSessions: 1, maxOutlets: 1 } });
  const [one, two, three] = [
    await plane.openRoom('one'),
    await plane.openRoom('two'),
    await plane.openRoom('three'),
  ];
  const offer = async () => {
    const viewer = new NativeViewer();
    t.teardown(() => viewer.close());
    return viewer.createOffer();
  };
  const session = await one!.answer({ offer: await offer() });
  await t.rejects(one!.answer({ offer: await offer() }), { code: 'OVERLOADED' });
  await two!.answer({ offer: await offer() });
  await t.rejects(three!.answer({ offer: await offer() }), { code: 'OVERLOADED' });
  await t.rejects(session.setPreferredLayer(7), { code: 'BAD_REQUEST' });
  await session.setPreferredLayer(1);
  await session.setPreferredLayer(null);
  await t.rejects(plane.openRoom('one'), { code: 'CONFLICT' });
});

t.test('a worker that dies takes its sessions only: it is replaced and the room goes on', async (t) => {
  const plane = await createPlane(t);
  const room = await plane.openRoom('demo');
  await publish(t, room);
  const { session } = await join(t, room);
  const closed = closedReason(session);
  const died = once(plane, 'workerDied');
  process.kill(plane.pool.workers[0]!.pid, 'SIGKILL');
  t.equal(await closed, 'worker gone');
  await died;
  t.equal(room.closed, false);
  const { viewer } = await join(t, room);
  await waitFor(viewer, 'packet', { timeoutMs: 10_000 });
  t.equal(plane.describe().workersDied, 1);
  const other = await plane.openRoom('other');
  await join(t, other);
});

t.test('closing is idempotent, closes everything once, and leaves no process', async (t) => {
  const plane = await createPlane(t);
  const room = await plane.openRoom('demo');
  const { session } = await join(t, room, { data: true });
  const reasons: string[] = [];
  session.on('closed', (reason) => reasons.push(`session ${reason}`));
  room.on('closed', (reason) => reasons.push(`room ${reason}`));
  const pid = plane.pool.workers[0]!.pid;
  room.close('deleted');
  room.close('again');
  await t.rejects(room.answer({ offer: 'v=0\r\n' }), { code: 'BAD_REQUEST' });
  await plane.close('over');
  await plane.close('again');
  t.same(reasons, ['session deleted', 'room deleted']);
  t.throws(() => process.kill(pid, 0), 'the worker is gone');
});

t.test('100 viewers come and go and leave nothing behind', { timeout: 60_000 }, async (t) => {
  const plane = await createPlane(t, { roomLimits: { ...VANISHING, outletIdleMs: 1 } });
  const worker = plane.pool.workers[0]!;
  const room = await plane.openRoom('demo');
  await publish(t, room);
  const gone: Promise<unknown>[] = [];
  for (let round = 0; round < 4; round++) {
    const viewers = Array.from({ length: 25 }, () => new NativeViewer({ data: round % 2 === 0 }));
    const sessions = await Promise.all(
      viewers.map(async (viewer) => {
        const session = await room.answer({ offer: await viewer.createOffer() });
        viewer.accept(session.answer);
        return session;
      }),
    );
    await Promise.all(viewers.map((viewer) => viewer.connected()));
    gone.push(...sessions.map(closedReason));
    // The server ends half of them, the others vanish.
    for (const [index, session] of sessions.entries()) if (index % 2 === 0) session.close('kicked');
    for (const viewer of viewers) viewer.close();
  }
  await Promise.all(gone);
  while (room.describe().outlets > 0) await new Promise((resolve) => setImmediate(resolve));
  t.equal(room.sessionCount, 0);
  t.equal(worker.load, 0);
  const dump = await worker.worker.dump();
  t.same(dump.routerIds, []);
  t.same((await worker.server.dump()).webRtcTransportIds, []);
  t.same((await worker.server.dump()).localIceUsernameFragments, []);
});
