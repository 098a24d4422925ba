// What a publisher with a wrong key is told, and what is left of a server that was asked to stop.
import { once } from 'node:events';
import t from 'tap';
import { Publisher } from '../../bench/instruments/publisher.ts';
import { Viewer } from '../../bench/instruments/viewer.ts';
import { publish, SMALL_PICTURE, startBrowser, startServer } from '../support/e2e-server.ts';

t.setTimeout(110_000);

const server = await startServer(t);
const room = await server.createRoom('door');

t.test('a wrong stream key is answered so that ffmpeg says why', async (t) => {
  const publisher = new Publisher({ ...SMALL_PICTURE, url: `${server.rtmpUrl}/${room.streamKey}x` });
  t.teardown(() => publisher.kill());
  await once(publisher, 'exit');
  t.comment(publisher.stderrTail.trim());
  t.match(publisher.stderrTail, /key|auth|BadName|denied|not allowed/i);
  t.notMatch(server.log, new RegExp(room.streamKey), 'the key is not in the log');
});

t.test('the name of a room is not its key', async (t) => {
  const publisher = new Publisher({ ...SMALL_PICTURE, url: `${server.rtmpUrl}/${room.id}` });
  t.teardown(() => publisher.kill());
  await once(publisher, 'exit');
  t.match(publisher.stderrTail, /key|auth|BadName|denied|not allowed/i);
});

t.test('a second publisher with the same key is refused and the first goes on', async (t) => {
  const first = await publish(t, { server, room }, { ...SMALL_PICTURE });
  const second = new Publisher({ ...SMALL_PICTURE, url: server.publishUrl(room) });
  t.teardown(() => second.kill());
  await once(second, 'exit');
  t.comment(second.stderrTail.trim());
  t.ok(first.running, 'the first still publishes');
});

t.test('SIGTERM while people watch: it ends by itself and leaves no process behind', async (t) => {
  const { browser, pages } = await startBrowser(t);
  await publish(t, { server, room: await server.createRoom('farewell') }, { ...SMALL_PICTURE });
  const viewer = await Viewer.openPlain(browser, pages, {
    protocol: 'whep',
    url: server.whepUrl('farewell'),
  });
  await viewer.startReading();
  await viewer.waitForPictures(1, { timeoutMs: 20_000 });
  const children = server.processes().map(({ name }) => name);
  t.ok(
    children.includes('ffmpeg') && children.some((name) => name.includes('mediasoup-worker')),
    children.join(),
  );
  const { code, tookMs, orphans } = await server.stop();
  t.comment(`ended with ${code} after ${Math.round(tookMs)} ms`);
  t.equal(code, 0);
  t.same(orphans, []);
});
