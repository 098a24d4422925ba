// Proves that a mediasoup worker binary works: two of its WebRTC transports complete a DTLS handshake with each other.
// As a program: `node check-dtls.ts BINARY`, exit code 0 when it does, else 1 with the reason on standard error.
import { createWorker } from 'mediasoup';
import type { WebRtcTransport, Worker } from 'mediasoup/types';
import { type RelayEnd, relayDtls } from './dtls-relay.ts';

const DEADLINE_MS = 10_000;

/** Resolves when `workerBin` completed a handshake; rejects with what went wrong, at the latest after `deadlineMs`. */
export async function checkDtls(workerBin: string, deadlineMs = DEADLINE_MS): Promise<void> {
  const worker = await createWorker({ workerBin, logLevel: 'none' }).catch((error: unknown) => {
    throw new Error(`${workerBin} does not start as a mediasoup worker: ${error}`);
  });
  const died = Promise.withResolvers<never>();
  worker.once('died', (error) =>
    died.reject(new Error(`the worker died during the handshake: ${error.message}`)),
  );
  try {
    await Promise.race([handshake(worker, deadlineMs), died.promise]);
  } finally {
    worker.close();
  }
}

async function handshake(worker: Worker, deadlineMs: number): Promise<void> {
  const router = await worker.createRouter();
  const create = (): Promise<WebRtcTransport> =>
    router.createWebRtcTransport({ listenInfos: [{ protocol: 'udp', ip: '127.0.0.1' }] });
  const [client, server] = await Promise.all([create(), create()]);
  await using _relay = await relayDtls(relayEnd(client), relayEnd(server));
  const connected = Promise.all([dtlsConnected(client, deadlineMs), dtlsConnected(server, deadlineMs)]);
  // `role` is that of the other side.
  await Promise.all([
    client.connect({ dtlsParameters: { ...server.dtlsParameters, role: 'server' } }),
    server.connect({ dtlsParameters: { ...client.dtlsParameters, role: 'client' } }),
    connected,
  ]);
}

function relayEnd(transport: WebRtcTransport): RelayEnd {
  const [candidate] = transport.iceCandidates;
  if (!candidate) throw new Error('the worker offers no ICE candidate');
  return { ...transport.iceParameters, port: candidate.port };
}

function dtlsConnected(transport: WebRtcTransport, deadlineMs: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const states = (): string => `ICE ${transport.iceState}, DTLS ${transport.dtlsState}`;
  const timer = setTimeout(
    () => reject(new Error(`no DTLS handshake in ${deadlineMs} ms (${states()})`)),
    deadlineMs,
  );
  transport.on('dtlsstatechange', (state) => {
    if (state === 'connected') resolve();
    if (state === 'failed' || state === 'closed') reject(new Error(`the DTLS handshake ended in: ${state}`));
  });
  return promise.finally(() => clearTimeout(timer));
}

if (import.meta.main) {
  const [binary] = process.argv.slice(2);
  try {
    if (!binary) throw new Error('usage: node check-dtls.ts BINARY');
    await checkDtls(binary);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
