// A server that does next to nothing: it answers whatever arrives with the same bytes. What a load generator gets
// out of it is the generator's own ceiling.
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { serveGenerator } from '../load/generator-host.ts';

const methods = {
  /** Listens on a free port of loopback and answers with bodies of so many bytes. */
  async listen({ bodyBytes }: { readonly bodyBytes: number }): Promise<{ readonly port: number }> {
    const head = `HTTP/1.1 200 OK\r\nContent-Length: ${bodyBytes}\r\n\r\n`;
    const answer = Buffer.concat([Buffer.from(head), Buffer.alloc(bodyBytes, 'x')]);
    const server = createServer({ noDelay: true }, (socket) => {
      // One request at a time, which arrives whole on loopback.
      socket.on('data', () => socket.write(answer));
      socket.on('error', () => socket.destroy());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { port: (server.address() as AddressInfo).port };
  },
};

export type StubMethods = typeof methods;

serveGenerator(methods);
