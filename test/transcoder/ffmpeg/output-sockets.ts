// Sockets in a private folder, and that nothing of it stays.
import { mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { openOutputSockets, sweepSocketFolders } from '../../../transcoder/ffmpeg/output-sockets.ts';

const makeParent = (): Promise<string> => mkdtemp(join(tmpdir(), 'sockets-'));
const pathOf = (target: string): string => target.replace('unix:', '');

async function waitUntilEmpty(folder: string): Promise<number> {
  for (let tries = 0; tries < 200; tries++) {
    if ((await readdir(folder)).length === 0) return 0;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return (await readdir(folder)).length;
}

t.test('each id has its own socket, and no file is left once all are connected', async (t) => {
  const parent = await makeParent();
  const read = new Map<string, string>();
  const arrived = Promise.withResolvers<void>();
  const onData = (id: string, chunk: Buffer): void => {
    read.set(id, chunk.toString());
    if (read.size === 2) arrived.resolve();
  };
  const sockets = await openOutputSockets({ ids: ['720p', 'opus'], onData, parent });
  const clients = ['720p', 'opus'].map((id) => connect(pathOf(sockets.targetOf(id))).end(`I am ${id}`));
  await arrived.promise;
  t.equal(read.get('720p'), 'I am 720p');
  t.equal(read.get('opus'), 'I am opus');
  t.equal(await waitUntilEmpty(parent), 0);
  await sockets.close();
  for (const client of clients) client.destroy();
});

t.test('closing without any connection leaves nothing either', async (t) => {
  const parent = await makeParent();
  const sockets = await openOutputSockets({ ids: ['a', 'b'], onData: () => undefined, parent });
  t.equal((await readdir(parent)).length, 1);
  await sockets.close();
  await sockets.close();
  t.equal((await readdir(parent)).length, 0);
});

t.test('a folder too deep for a socket path is said to be so', async (t) => {
  const parent = join(await makeParent(), 'x'.repeat(90));
  await mkdir(parent);
  await t.rejects(openOutputSockets({ ids: ['a'], onData: () => undefined, parent }), {
    code: 'UNAVAILABLE',
    message: /too deep/,
  });
});

t.test('folders of processes that are gone are swept, those of the living are not', async (t) => {
  const parent = await makeParent();
  const dead = 2 ** 22 + 1;
  await mkdir(join(parent, `barrage-ffmpeg-${dead}-abc`));
  await mkdir(join(parent, `barrage-ffmpeg-${process.pid}-abc`));
  await writeFile(join(parent, 'something-else'), '');
  t.equal(await sweepSocketFolders(parent), 1);
  t.same((await readdir(parent)).toSorted(), [`barrage-ffmpeg-${process.pid}-abc`, 'something-else']);
});
