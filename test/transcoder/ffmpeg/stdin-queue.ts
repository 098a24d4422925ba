// Bounds of what waits for ffmpeg, and what is dropped first.
import { once } from 'node:events';
import t from 'tap';
import { type QueuedFragment, StdinQueue } from '../../../transcoder/ffmpeg/stdin-queue.ts';

const HEAD = Buffer.from('head');

function fragment(
  kind: 'video' | 'audio',
  options: { key?: boolean; dueMs?: number; text?: string } = {},
): QueuedFragment {
  const { key = kind === 'audio', dueMs = 1e9, text = key ? 'K' : kind[0] } = options;
  return { kind, key, dueMs, bytes: Buffer.from(text ?? '') };
}

async function drain(queue: StdinQueue): Promise<string> {
  queue.readable.push(null);
  const chunks: Buffer[] = [];
  for await (const chunk of queue.readable) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

t.test('gives the head, then fragments in order, to whoever pulls', async (t) => {
  const queue = new StdinQueue({ head: HEAD });
  const read: string[] = [];
  queue.readable.on('data', (chunk: Buffer) => read.push(chunk.toString()));
  queue.push(fragment('video', { key: true, text: '1' }), 0);
  queue.push(fragment('audio', { text: '2' }), 0);
  queue.push(fragment('video', { text: '3' }), 0);
  while (read.length < 4) await once(queue.readable, 'data');
  t.equal(read.join('|'), 'head|1|2|3');
  t.equal(queue.dropped, 0);
});

t.test('begins with a key frame; what came before it is not a loss', async (t) => {
  const queue = new StdinQueue({ head: HEAD });
  queue.push(fragment('video'), 0);
  queue.push(fragment('audio'), 0);
  queue.push(fragment('video', { key: true }), 0);
  t.equal(queue.length, 2);
  t.equal(queue.dropped, 0);
});

t.test('a fragment that waited too long costs pictures up to the next key frame, not sound', async (t) => {
  const queue = new StdinQueue({ head: HEAD });
  queue.push(fragment('video', { key: true, dueMs: 100 }), 0);
  queue.push(fragment('audio', { dueMs: 100 }), 0);
  queue.push(fragment('video', { dueMs: 100 }), 0);
  t.equal(queue.push(fragment('video'), 101), 3, 'two waiting and the one that came');
  t.equal(queue.push(fragment('video'), 102), 1);
  t.equal(queue.length, 1, 'the sound is still there');
  t.equal(queue.push(fragment('video', { key: true }), 103), 0);
  t.equal(queue.dropped, 4);
});

t.test('never holds more than its bound in items', async (t) => {
  const queue = new StdinQueue({ head: HEAD, maxItems: 10 });
  for (let index = 0; index < 100; index++) {
    queue.push(fragment('video', { key: index === 0 }), 0);
    t.ok(queue.length <= 10);
  }
  t.ok(queue.dropped > 0);
});

t.test('never holds more than its bound in bytes, whatever the kind', async (t) => {
  const queue = new StdinQueue({ head: HEAD, maxBytes: 50 });
  for (let index = 0; index < 100; index++) queue.push(fragment('audio', { text: '0123456789' }), 0);
  t.ok(queue.length <= 5);
  t.ok(queue.dropped >= 95);
});

t.test('ends once and takes nothing afterwards', async (t) => {
  const queue = new StdinQueue({ head: HEAD });
  queue.end();
  queue.end();
  queue.readable.resume();
  await new Promise((resolve) => queue.readable.once('end', resolve));
  t.equal(await drain(new StdinQueue({ head: HEAD })), 'head');
});
