// An RTMP server with one known key and a recording target, and what tests of it send.
import { BarrageError } from '../../core/errors.ts';
import type { AdmitPublisher } from '../../media/ingest/ingest-port.ts';
import type { RtmpLimits } from '../../media/ingest/rtmp/rtmp-limits.ts';
import { MESSAGE } from '../../media/ingest/rtmp/rtmp-message.ts';
import { createRtmpServer, type RtmpServer } from '../../media/ingest/rtmp/rtmp-server.ts';
import type { CloseCode } from '../../media/ingest/rtmp/rtmp-stats.ts';
import { aacConfig, aacFrame, avcConfig, avcFrame, IDR } from './flv-payloads.ts';
import { RecordingTarget } from './recording-target.ts';
import type { RtmpTestClient } from './rtmp-client.ts';

/** The key that is admitted. */
export const KEY = 'right';

/** `closedOnce` fails unless exactly one connection ended with that code. */
export interface RtmpBench {
  readonly server: RtmpServer;
  readonly port: number;
  readonly target: RecordingTarget;
  readonly admitted: { readonly app: string; readonly streamKey: string }[];
  closedOnce(code: CloseCode): Promise<void>;
}

type Teardown = { teardown(undo: () => unknown): void };

/** Serves until the test is over; `admit` replaces admission by key. */
export async function serveRtmp(
  t: Teardown,
  limits: Partial<RtmpLimits> = {},
  admit?: AdmitPublisher,
): Promise<RtmpBench> {
  const target = new RecordingTarget();
  const admitted: { app: string; streamKey: string }[] = [];
  const byKey: AdmitPublisher = async ({ app, streamKey }) => {
    admitted.push({ app, streamKey });
    if (streamKey !== KEY) throw new BarrageError('UNAUTHORIZED', 'the stream key is not known');
    return target;
  };
  const options = { host: '127.0.0.1', port: 0, limits: { flushTimeoutMs: 200, ...limits } };
  const server = await createRtmpServer({ ...options, admit: admit ?? byKey });
  t.teardown(() => server.close('test over'));
  const closedOnce = async (code: CloseCode): Promise<void> => {
    const { closed } = server.describe();
    if (closed[code] !== 1) throw new Error(`expected one ${code}, got ${JSON.stringify(closed)}`);
  };
  return { server, port: server.address.port, target, admitted, closedOnce };
}

/** A sequence header and a frame of each kind. */
export function sendMedia(client: RtmpTestClient): void {
  client.send({ type: MESSAGE.video, payload: avcConfig(), streamId: 1, chunkStream: 6 });
  client.send({ type: MESSAGE.video, payload: avcFrame([IDR], 0, 'key'), streamId: 1, chunkStream: 6 });
  client.send({ type: MESSAGE.audio, payload: aacConfig(), streamId: 1, chunkStream: 4 });
  client.send({ type: MESSAGE.audio, payload: aacFrame(), streamId: 1, chunkStream: 4 });
}
