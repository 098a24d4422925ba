// What viewers see when the ffmpeg that encodes their stream is killed: a server of its own whose every picture
// goes through ffmpeg, WHEP viewers, and the longest time without a picture.
import path from 'node:path';
import { figureOf, latencyOf, type MeasurementGroup } from '../../measurement.ts';
import { pause, type ScenarioContext } from '../../scenario.ts';
import { GeneratorProcess } from '../load/generator-process.ts';
import { SteadyPublishers } from '../rtmp/steady-publishers.ts';
import { ServerUnderTest } from '../server-under-test.ts';
import type { MediaMethods } from './media.generator.ts';

const MEDIA_MODULE = path.join(import.meta.dirname, 'media.generator.ts');
const ROOM = 'encoded';
const RUNG = { name: '360p', height: 360, videoKbps: 600, maxFrameRate: 30 };
const JOIN_TIMEOUT_MS = 15_000;
/** Longer than the target, so that one that is missed shows by how much. */
const WATCH_MS = 10_000;
/** Pictures have to flow for so long again before the silence is taken to be over. */
const STEADY_MS = 2_000;
/** Between two pictures at 30 a second, with the clock's coarseness, on a busy machine. */
const USUAL_SILENCE_MS = 300;
const POLL_MS = 100;

/** Kills every ffmpeg of a server and watches. `viewers` is above 0. */
export async function killFfmpeg(context: ScenarioContext, viewers: number): Promise<MeasurementGroup> {
  context.progress('ffmpeg: starting a server that encodes');
  await using stack = new AsyncDisposableStack();
  const env = { BARRAGE_LADDER__RUNGS: JSON.stringify([RUNG]), BARRAGE_LADDER__PASSTHROUGH: 'never' };
  const server = stack.use(await ServerUnderTest.start({ env }));
  const room = await server.createRoom(ROOM);
  // Without sound, so that every packet is of a picture.
  const url = server.publishUrl(room);
  stack.use(await SteadyPublishers.start([url], context.signal, { sound: false }));
  await server.waitUntilLive(room.id);
  const media = stack.use(await GeneratorProcess.start<MediaMethods>(MEDIA_MODULE));
  await media.call('add', { whepUrl: server.whepUrl(room.id), viewers });
  await waitUntilFlowing(media, context);
  await media.call('watchSilence', undefined);
  const victims = server.processes().filter(({ name }) => name === 'ffmpeg');
  context.progress(`ffmpeg: killing ${victims.length}`);
  for (const { pid } of victims) process.kill(pid, 'SIGKILL');
  const silences = await watch(media, context);
  const missing = silences.filter((ms) => ms >= WATCH_MS).length;
  const back = silences.filter((ms) => ms < WATCH_MS);
  return {
    key: 'ffmpeg',
    title: `SIGKILL to ${victims.length} ffmpeg`,
    measurements: [
      ...(back.length > 0 ? [latencyOf('pictureBack', 'longest time without a picture (WHEP)', back)] : []),
      figureOf({
        ...{ key: 'mediaMissing', title: 'WHEP viewers without packets at the end', unit: '' },
        ...{ better: 'lower', value: missing },
      }),
    ],
    notes: [
      'A stream that is not passed through: 360p of x264 is all there is, without sound, so that every packet is of a picture. Measured to 50 ms.',
    ],
  };
}

async function waitUntilFlowing(media: GeneratorProcess<MediaMethods>, context: ScenarioContext) {
  const deadline = performance.now() + JOIN_TIMEOUT_MS;
  while ((await media.call('flowing', undefined)).some(Number.isNaN)) {
    if (performance.now() > deadline) throw new Error('WHEP viewers of the encoded stream got no packets');
    if (context.signal.aborted) throw new Error('interrupted');
    await pause(POLL_MS, context.signal);
  }
}

/** Until pictures have been flowing to everybody for a while again, or for as long as it may take. */
async function watch(media: GeneratorProcess<MediaMethods>, context: ScenarioContext) {
  const startedAt = performance.now();
  let silences: readonly number[] = [];
  while (performance.now() - startedAt < WATCH_MS + STEADY_MS && !context.signal.aborted) {
    await pause(POLL_MS, context.signal);
    silences = await media.call('silences', undefined);
    const over = Math.max(...silences);
    if (over > USUAL_SILENCE_MS && performance.now() - startedAt > over + STEADY_MS) break;
  }
  return silences;
}
