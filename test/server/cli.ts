// The server as a process: banner, signals, exit codes. Real processes, with a media plane that is a fake.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { withDeadline } from '../../core/lifecycle.ts';
import { WsClient } from '../support/ws-client.ts';

const MAIN = join(import.meta.dirname, '../fakes/main-with-fake-media.ts');

class Process {
  readonly child: ChildProcess;
  out = '';
  err = '';
  readonly ended: Promise<number | null>;

  constructor(t: Test, args: readonly string[], env: Record<string, string> = {}) {
    const { BARRAGE_HTTP__PORT: _, ...rest } = process.env;
    const dir = t.testdir();
    this.child = spawn(process.execPath, [MAIN, ...args], {
      env: { ...rest, BARRAGE_DATA__DIR: join(dir, 'data'), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout!.on('data', (chunk) => {
      this.out += chunk;
    });
    this.child.stderr!.on('data', (chunk) => {
      this.err += chunk;
    });
    this.ended = once(this.child, 'close').then(([code]) => code as number | null);
    t.teardown(() => this.child.kill('SIGKILL'));
  }

  /** Waits for the banner and returns the address on it. */
  async ready(): Promise<string> {
    const seen = async () => {
      while (!/Admin token/.test(this.out)) await once(this.child.stdout!, 'data');
    };
    await withDeadline(Promise.race([seen(), this.ended]), 20_000, 'starting');
    return /Watch page +(http:\/\/[^/]+)/.exec(this.out)?.[1] ?? '';
  }

  async end(): Promise<number | null> {
    return withDeadline(this.ended, 20_000, 'ending');
  }
}

t.test('the banner says where to watch, what to publish with, and the admin token', async (t) => {
  const server = new Process(t, ['--http.port=0']);
  const origin = await server.ready();
  t.match(server.out, /Watch page +http:\/\/127\.0\.0\.1:\d+\/watch\/demo$/m);
  t.match(server.out, /RTMP server +rtmp:\/\/127\.0\.0\.1:1935\/live$/m);
  t.match(server.out, /Stream key +[\w-]{32}$/m);
  t.match(server.out, /WHEP URL +http:.*\/live\/demo\/whep$/m);
  t.match(server.out, /HLS URL +http:.*\/live\/demo\/index\.m3u8$/m);
  const token = /Admin token +(\S+)$/m.exec(server.out)![1]!;
  const response = await fetch(`${origin}/api/v1/rooms/demo`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const { streamKey } = (await response.json()) as { streamKey: string };
  t.match(server.out, streamKey);
  for (const secret of [token, streamKey]) t.notMatch(server.err, secret, 'no secret is in the log');
  for (const line of server.err.trim().split('\n')) t.ok(JSON.parse(line), 'the log is JSON');
});

t.test('SIGTERM sends viewers away and ends with 0', async (t) => {
  const server = new Process(t, ['--http.port=0', '--shutdown.drainMs=50']);
  const { client } = await WsClient.join(await server.ready(), 'demo');
  server.child.kill('SIGTERM');
  t.match(await client.closed, { code: 4009 });
  t.equal(await server.end(), 0);
});

t.test('a second signal ends it at once', async (t) => {
  const server = new Process(t, ['--http.port=0', '--shutdown.drainMs=9000']);
  const { client } = await WsClient.join(await server.ready(), 'demo');
  server.child.kill('SIGTERM');
  while (!/again to force/.test(server.err)) await once(server.child.stderr!, 'data');
  server.child.kill('SIGINT');
  t.equal(await server.end(), 1);
  t.match(await client.closed, { code: 1006 });
});

t.test('a shutdown that takes too long is forced', async (t) => {
  const server = new Process(t, ['--http.port=0', '--shutdown.drainMs=500', '--shutdown.deadlineMs=500']);
  await WsClient.join(await server.ready(), 'demo');
  server.child.kill('SIGTERM');
  const code = await server.end();
  t.ok(code === 0 || code === 1);
});

t.test('a taken port is named, with what to do', async (t) => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  t.teardown(() => void other.close());
  const { port } = other.address() as AddressInfo;
  const server = new Process(t, [`--http.port=${port}`]);
  t.equal(await server.end(), 1);
  t.match(server.err, new RegExp(`barrage: port ${port} on 127.0.0.1 is taken: .*--http.port=${port + 1}`));
});

t.test('a wrong setting ends it with 2 and the reason', async (t) => {
  const server = new Process(t, ['--http.prot=1']);
  t.equal(await server.end(), 2);
  t.match(server.err, /barrage: flag --http\.prot is not a setting; did you mean --http\.port\?/);
});

t.test('--help and --version say so and end with 0', async (t) => {
  const help = new Process(t, ['--help']);
  t.equal(await help.end(), 0);
  t.match(help.out, /--insecure-public/);
  const version = new Process(t, ['--version']);
  t.equal(await version.end(), 0);
  t.equal(version.out, '0.0.0\n');
});
