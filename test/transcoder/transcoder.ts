// The transcoder on live sources with a real ffmpeg that dies, stalls, falls behind or has to change.
import t from 'tap';
import type { AccessUnit } from '../../core/access-unit.ts';
import { waitFor } from '../../core/lifecycle.ts';
import { silentLogger } from '../../core/logger.ts';
import { type LadderPlan, type LadderSettings, planLadder } from '../../transcoder/ladder/ladder-plan.ts';
import { toLadderSource } from '../../transcoder/ladder/ladder-source.ts';
import { createTranscoder, type Transcoder, type TranscoderState } from '../../transcoder/transcoder.ts';
import {
  AAC,
  Collector,
  countDecoded,
  encodeSource,
  LivePlayer,
  OBS_X264,
  PLAIN_X264,
  ROOMY,
  SMALL_LADDER,
  shiftUnit,
  type TestSource,
} from '../support/transcoder-rig.ts';

const SECOND_US = 1_000_000;
const settings = { stallTimeoutMs: 800, restartMinMs: 20, restartMaxMs: 200 };

function plan(source: TestSource, ladder: Partial<LadderSettings> = {}): LadderPlan {
  const video = source.video && { track: source.video.track, hasBFrames: false, gopMs: 0, frameRate: 30 };
  const machine = { ...ROOMY };
  return planLadder(toLadderSource({ video, audio: source.audio?.track }), machine, {
    ...SMALL_LADDER,
    ...ladder,
  });
}

/** A live source and a transcoder on it; the first half second is there already, as after a probe. */
function go(
  test: { teardown(handler: () => Promise<void>): void },
  source: TestSource,
  ladder: LadderPlan = plan(source),
) {
  const player = new LivePlayer(source);
  player.writeUntil(player.startUs + SECOND_US / 2);
  const stream = new Collector();
  const transcoder = createTranscoder({
    video: player.video,
    audio: player.audio,
    plan: ladder,
    open: stream.open,
    ffmpeg: { path: 'ffmpeg' },
    settings,
    logger: silentLogger,
  });
  player.play();
  test.teardown(async () => {
    await transcoder.close('test over');
    player.close();
  });
  return { player, stream, transcoder };
}

async function waitForState<K extends TranscoderState['kind']>(
  transcoder: Transcoder,
  kind: K,
): Promise<TranscoderState & { kind: K }> {
  while (transcoder.state.kind !== kind) await waitFor(transcoder, 'state', { timeoutMs: 10_000 });
  return transcoder.state as TranscoderState & { kind: K };
}

const isRising = (units: readonly AccessUnit[]): boolean =>
  units.every((unit, index) => index === 0 || unit.ptsUs > (units[index - 1]?.ptsUs ?? 0));

const obs = await encodeSource({ seconds: 20, video: OBS_X264, audio: AAC });

t.test('opens the renditions of its plan and writes them from the first unit on', async (t) => {
  const { player, stream, transcoder } = go(t, obs);
  await stream.waitForTime('144p', player.startUs + 2 * SECOND_US);
  await stream.waitForTime('opus', player.startUs + SECOND_US);
  t.same([...stream.renditions.keys()].toSorted(), ['144p', '240p', 'opus']);
  const firstUs = Math.min(...obs.video!.units.map(({ ptsUs }) => ptsUs)) + player.startUs;
  for (const id of ['240p', '144p']) {
    const { track, units } = stream.renditions.get(id)!;
    t.equal(units[0]?.ptsUs, firstUs, `${id} begins with the first picture`);
    t.ok(isRising(units) && units.every(({ discontinuity }) => !discontinuity));
    t.equal(countDecoded({ track, units }), units.length);
  }
  t.match(transcoder.describe(), {
    state: { kind: 'running', pid: Number },
    rungs: ['240p', '144p'],
    speed: Number,
    restarts: 0,
    droppedUnits: 0,
  });
});

t.test('an ffmpeg that is killed is replaced at once, in the middle of a long GOP', async (t) => {
  const { player, stream, transcoder } = go(t, obs);
  await stream.waitForTime('144p', player.startUs + SECOND_US);
  const { pid } = await waitForState(transcoder, 'running');
  const opened = [...stream.renditions.values()];
  process.kill(pid, 'SIGKILL');
  await waitForState(transcoder, 'restarting');
  const before = stream.unitsOf('144p').length;
  const next = await waitForState(transcoder, 'running');
  t.not(next.pid, pid);
  await stream.waitForTime('144p', player.startUs + 4 * SECOND_US);
  await stream.waitForTime('opus', player.startUs + 4 * SECOND_US);
  t.same([...stream.renditions.values()], opened, 'no rendition was opened anew');
  for (const id of ['240p', '144p', 'opus']) t.ok(isRising(stream.unitsOf(id)));
  const { track, units } = stream.renditions.get('144p')!;
  const after = units.slice(before);
  t.ok(after[0]?.key, 'goes on with a key frame');
  t.ok(after.length > 30, 'long before the next key frame of the source, 8 s apart');
  t.equal(countDecoded({ track, units: after }), after.length);
  t.equal(transcoder.describe().restarts, 1);
});

t.test('an ffmpeg that stands still is noticed and replaced', async (t) => {
  const { player, stream, transcoder } = go(t, obs);
  await stream.waitForTime('144p', player.startUs + SECOND_US);
  const { pid } = await waitForState(transcoder, 'running');
  process.kill(pid, 'SIGSTOP');
  const { reason } = await waitForState(transcoder, 'restarting');
  t.match(reason, /stalled: no (video|audio) came out/);
  t.throws(() => process.kill(pid, 0), { code: 'ESRCH' }, 'the stopped one is gone');
  await stream.waitForTime('144p', player.startUs + 4 * SECOND_US);
  t.equal(stream.unitsOf('144p').filter(({ discontinuity }) => discontinuity).length <= 1, true);
});

t.test('a source that changes size in mid-stream goes on in the same renditions', async (t) => {
  const source = await encodeSource({ seconds: 20, video: PLAIN_X264 });
  const { player, stream } = go(t, source, plan(source, { passthrough: 'never' }));
  await stream.waitForTime('144p', player.startUs + SECOND_US);
  player.stop();
  const portrait = await encodeSource({ seconds: 5, video: PLAIN_X264, size: '240x426' });
  const opened = stream.renditions.get('144p');
  const newPlan = plan(portrait, { passthrough: 'never' });
  const fromUs = (stream.unitsOf('144p').at(-1)?.ptsUs ?? 0) + 4 * SECOND_US;
  player.video?.setTrack(portrait.video!.track);
  for (const unit of portrait.video!.units.slice(0, 15)) player.video?.write(shiftUnit(unit, fromUs));
  t.equal(newPlan.rungs.at(-1)?.width, 144);
  await stream.waitForTime('144p', fromUs);
  t.equal(stream.renditions.get('144p'), opened);
  const units = stream.unitsOf('144p');
  const first = units.find(({ ptsUs }) => ptsUs >= fromUs);
  t.ok(first?.key);
  t.ok(first?.discontinuity);
});

t.test('another plan keeps what both have, opens and closes the rest', async (t) => {
  const { player, stream, transcoder } = go(t, obs);
  await stream.waitForTime('144p', player.startUs + SECOND_US);
  const kept = stream.renditions.get('144p');
  const first = plan(obs);
  transcoder.setPlan({ ...first, rungs: first.rungs.slice(1) });
  t.match(stream.renditions.get('240p')?.closed, /not in the plan/);
  await stream.waitForTime('144p', player.startUs + 3 * SECOND_US);
  t.equal(stream.renditions.get('144p'), kept);
  t.equal(kept?.closed, undefined);
  const { state } = transcoder;
  transcoder.setPlan({ ...first, rungs: first.rungs.slice(1), cost: 0 });
  t.equal(transcoder.state, state, 'the same work is not started anew');
});

t.test('a jump of the time line begins a new run instead of being filled', async (t) => {
  const source = await encodeSource({ seconds: 6, audio: AAC });
  const { player, stream, transcoder } = go(t, source);
  await stream.waitForTime('opus', player.startUs + SECOND_US);
  player.stop();
  const { pid } = await waitForState(transcoder, 'running');
  const jumpUs = player.startUs + 60 * SECOND_US;
  for (const [index, unit] of source.audio!.units.slice(0, 60).entries())
    player.audio?.write({ ...shiftUnit(unit, jumpUs), ...(index === 0 && { discontinuity: true }) });
  await stream.waitForTime('opus', jumpUs + SECOND_US / 2);
  const units = stream.unitsOf('opus');
  t.ok(units.length < 300, `${units.length} packets: the minute in between is not filled with silence`);
  t.equal(units.filter(({ discontinuity }) => discontinuity).length, 1);
  t.not((await waitForState(transcoder, 'running')).pid, pid);
});

t.test('an ffmpeg that falls behind is given a smaller ladder', async (t) => {
  const first = plan(obs);
  // Frames this large at this rate are beyond any machine the tests run on.
  const huge = first.rungs.map((rung, index) =>
    index === 0 ? { ...rung, width: 3840, height: 2160 } : rung,
  );
  const { player, stream, transcoder } = go(t, obs, { ...first, preset: 'medium', rungs: huge });
  const [smaller] = (await waitFor(transcoder, 'shrunk', { timeoutMs: 40_000 })) as [LadderPlan];
  t.same(
    smaller.rungs.map(({ id }) => id),
    ['144p'],
  );
  t.match(smaller.dropped.at(-1), { rung: '240p', reason: /did not keep up/ });
  const nowUs = (player.video?.gop().at(-1)?.dtsUs ?? 0) + SECOND_US;
  await stream.waitForTime('144p', nowUs);
  t.ok(isRising(stream.unitsOf('144p')));
});

t.test('nothing to encode needs no ffmpeg', async (t) => {
  const source = await encodeSource({ seconds: 1, video: PLAIN_X264 });
  const { transcoder } = go(t, source, { ...plan(source), rungs: [] });
  t.equal(transcoder.state.kind, 'idle');
});

t.test('a source that loses its sound goes on without; one that ends ends the transcoder', async (t) => {
  const { player, stream, transcoder } = go(t, obs);
  await stream.waitForTime('opus', player.startUs + SECOND_US);
  player.audio?.close('no more sound');
  t.ok(stream.renditions.get('opus')?.closed);
  await stream.waitForTime('144p', player.startUs + 3 * SECOND_US);
  const { pid } = await waitForState(transcoder, 'running');
  player.video?.close('over');
  t.equal(transcoder.state.kind, 'closed');
  await transcoder.close('again');
  t.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
  t.ok(stream.renditions.get('144p')?.closed);
});

t.test('a missing ffmpeg is tried again with growing waits, and closing ends that', async (t) => {
  const source = await encodeSource({ seconds: 2, audio: AAC });
  const player = new LivePlayer(source);
  player.writeUntil(player.startUs + SECOND_US);
  const stream = new Collector();
  const transcoder = createTranscoder({
    audio: player.audio,
    plan: plan(source),
    open: stream.open,
    ffmpeg: { path: '/nowhere/ffmpeg' },
    settings,
    logger: silentLogger,
  });
  const delays: number[] = [];
  while (delays.length < 4) {
    const [state] = (await waitFor(transcoder, 'state', { timeoutMs: 10_000 })) as [TranscoderState];
    if (state.kind === 'restarting') delays.push(state.delayMs);
  }
  t.same(delays, [20, 40, 80, 160]);
  await transcoder.close('enough');
  t.equal(transcoder.state.kind, 'closed');
  player.close();
});
