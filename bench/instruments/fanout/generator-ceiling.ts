// The generators against a stub: how much they take and send a second per core of their own. A server that is
// measured at less than that was the limit, not they.
import path from 'node:path';
import { figureOf, type MeasurementGroup } from '../../measurement.ts';
import { GeneratorProcess } from '../load/generator-process.ts';
import { FanoutLoad } from './fanout-load.ts';
import type { FanoutServer } from './fanout-server.ts';
import type { StubMethods } from './stub.generator.ts';

const SENDERS = 50;
const WINDOW = 8;
/** As many as a tick of an ordinary busy room has. */
const EVENTS_PER_FRAME = 25;
const TEXT_CHARS = 40;

/** Measures viewers and senders, `seconds` each. */
export async function measureGeneratorCeiling(options: {
  readonly viewers: number;
  readonly seconds: number;
}): Promise<MeasurementGroup> {
  const { viewers, seconds } = options;
  const module = path.join(import.meta.dirname, 'stub.generator.ts');
  await using stub = await GeneratorProcess.start<StubMethods>(module);
  const { port } = await stub.call('listen', {});
  await using load = await FanoutLoad.start(asServer(stub.pid, port), 'websocket');
  await load.joinViewers(viewers);
  const taken = await load.measure(() => stub.call('blast', { seconds, events: EVENTS_PER_FRAME }));
  await load.joinSenders(SENDERS);
  const sent = await load.saturate({ window: WINDOW, seconds, textChars: TEXT_CHARS });
  const perCore = (key: string, title: string, value: number) =>
    figureOf({ key, title, unit: '1/s', better: 'neither', value });
  const { frames, missing, doubled } = taken.received;
  return {
    key: 'generator',
    title: `Ceiling of the load generator, against a stub: ${viewers} viewers, ${SENDERS} senders`,
    measurements: [
      perCore('frames', 'frames taken a second per core of the viewers', frames / taken.viewersCpuSeconds),
      perCore(
        'commands',
        'commands sent a second per core of the senders',
        sent.sent.accepted / sent.sendersCpuSeconds,
      ),
    ],
    cpu: taken.cpu,
    notes: [
      `The stub sends pre-built frames of ${EVENTS_PER_FRAME} events; every viewer checks every byte of each. Of ${frames} frames ${missing} events were missing, ${doubled} came twice.`,
    ],
  };
}

function asServer(pid: number, port: number): FanoutServer {
  return {
    target: { dialect: 'barrage', url: `ws://127.0.0.1:${port}/` },
    pid,
    batches: true,
    confirms: true,
    configuration: '',
    [Symbol.asyncDispose]: async () => undefined,
  };
}
