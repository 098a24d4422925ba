// Unread bytes of real connections, and of a table written by hand.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import t from 'tap';
import { parseTcpBacklogs, tcpBacklogs } from '../../../../bench/instruments/ingest/tcp-backlog.ts';

t.test('what a server has not read is found, and gone once it has', async (t) => {
  const server = createServer({ pauseOnConnect: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const client = connect(port, '127.0.0.1');
  const [socket] = await accepted;
  t.teardown(() => {
    client.destroy();
    socket.destroy();
    server.close();
  });
  t.same(tcpBacklogs(port), [0]);
  await new Promise((resolve) => client.write(Buffer.alloc(100_000), resolve));
  // What was sent just now counts at both ends until it is acknowledged.
  const [unread = 0] = tcpBacklogs(port);
  t.ok(unread >= 100_000 && unread <= 200_000, String(unread));
  let read = 0;
  socket.on('data', (data: Buffer) => {
    read += data.length;
  });
  socket.resume();
  while (read < 100_000) await once(socket, 'data');
  while (tcpBacklogs(port)[0] !== 0) await new Promise((resolve) => setImmediate(resolve));
});

t.test('both ends of a connection count once, listeners and other ports do not', async (t) => {
  const row = (local: string, remote: string, [state, queues]: readonly [string, string]) =>
    `   0: ${local} ${remote} ${state} ${queues} 00:00000000 00000000 0 0 1 1`;
  const table = [
    '  sl  local_address rem_address   st tx_queue rx_queue',
    row('0100007F:078F', '00000000:0000', ['0A', '00000000:00000005']),
    row('0100007F:078F', '0100007F:D431', ['01', '00000000:00000100']),
    row('0100007F:D431', '0100007F:078F', ['01', '00000010:00000000']),
    row('0100007F:D433', '0100007F:1F90', ['01', '00000010:00000000']),
  ].join('\n');
  t.same(parseTcpBacklogs(table, 1935), [0x110]);
  t.same(parseTcpBacklogs(table, 80), []);
});
