// When an HLS output may be played: what it waits for, and for how long.
import t from 'tap';
import { FakeRendition } from '../../support/fake-rendition.ts';
import { feed, setUp, small, text } from '../../support/hls-rig.ts';

t.test('ready means that each rendition can be played', async (t) => {
  const { output, ports } = setUp(t);
  let ready = false;
  const waiting = output.waitUntilReady(AbortSignal.timeout(10_000)).then(() => {
    ready = true;
  });
  feed({ '180p': ports['180p'], '360p': ports['360p'] }, 0, 3.5);
  await Promise.resolve();
  t.notOk(ready, 'audio is missing');
  feed({ aac: ports.aac }, 0, 3.5);
  await waiting;
  await output.waitUntilReady(AbortSignal.timeout(10_000));
  t.match(text(output.resolve('index.m3u8')), 'AUDIO=');
});

t.test('a rendition that stays empty does not hold up the others for long', async (t) => {
  const { output, ports } = setUp(t);
  feed({ '180p': ports['180p'] }, 0, 8.5);
  await output.waitUntilReady(AbortSignal.timeout(10_000));
  const playlist = text(output.resolve('index.m3u8'));
  t.match(playlist, '180p/index.m3u8');
  t.notMatch(playlist, '360p');
  feed({ '360p': ports['360p'] });
  t.match(text(output.resolve('index.m3u8')), '360p', 'it joins once it has something');
});

t.test('sound that is there before the picture does not make a playlist without one', async (t) => {
  const { output, ports } = setUp(t, { video: false });
  feed({ aac: ports.aac }, 0, 4.5);
  t.equal(output.resolve('index.m3u8'), undefined, 'a player would take it and never look again');
  const picture = new FakeRendition('180p', small.track);
  output.addRendition(picture);
  feed({ '180p': picture }, 0, 4.5);
  t.match(text(output.resolve('index.m3u8')), '180p/index.m3u8');
});

t.test('waiting ends with the signal, and with the output', async (t) => {
  const { output } = setUp(t);
  const aborted = AbortSignal.abort(new Error('gone'));
  await t.rejects(output.waitUntilReady(aborted), { message: 'gone' });
  const late = new AbortController();
  const first = output.waitUntilReady(late.signal);
  late.abort(new Error('left'));
  await t.rejects(first, { message: 'left' });
  const second = output.waitUntilReady(AbortSignal.timeout(10_000));
  output.end('no stream');
  await t.rejects(second, { code: 'STREAM_NOT_LIVE' });
  await t.rejects(output.waitUntilReady(AbortSignal.timeout(10_000)), { code: 'STREAM_NOT_LIVE' });
});
