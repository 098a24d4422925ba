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
const SETTLE_MS = 2_000;
const JOIN_TIMEOUT_MS = 15_000;
/** Twice the target. */
const WATCH_MS = 10_000;
/** Pictures have to flow for so long again before the silence is taken to be over. */
const STEADY_MS = 1_500;
/** Still silent at the end. */
const GONE_MS = WATCH_MS / 2;
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
  // An encoder that has just begun is ahead of the clock, which would hide its end.
  await pause(SETTLE_MS, context.signal);
  await media.call('watchSilence', undefined);
  const findFfmpeg = () => server.processes().filter(({ name }) => name === 'ffmpeg');
  const victims = findFfmpeg();
  const killed = new Set(victims.map(({ pid }) => pid));
  context.progress(`ffmpeg: killing ${victims.length}`);
  for (const pid of killed) process.kill(pid, 'SIGKILL');
  const hasSuccessor = () => findFfmpeg().some(({ pid }) => !killed.has(pid));
  const silences = await watch(media, context, hasSuccessor);
  const missing = silences.filter((ms) => ms >= GONE_MS).length;
  const back = silences.filter((ms) => ms < GONE_MS);
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
      hasSuccessor() ? 'A new ffmpeg took over.' : 'No new ffmpeg took over.',
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

/** Until a new ffmpeg has been at work for a while and pictures flow, or for as long as it may take. */
async function watch(
  media: GeneratorProcess<MediaMethods>,
  context: ScenarioContext,
  hasSuccessor: () => boolean,
): Promise<readonly number[]> {
  const startedAt = performance.now();
  let silences: readonly number[] = [];
  let succeededAt = Number.POSITIVE_INFINITY;
  while (performance.now() - startedAt < WATCH_MS && !context.signal.aborted) {
    await pause(POLL_MS, context.signal);
    silences = await media.call('silences', undefined);
    if (succeededAt === Number.POSITIVE_INFINITY && hasSuccessor()) succeededAt = performance.now();
    // Whoever is still waiting has been for as long as this: more than the longest silence that is over.
    if (performance.now() - succeededAt > STEADY_MS + Math.max(...silences)) break;
  }
  return silences;
}
