// One real ffmpeg at a time: times, key frames, sound and odd sources. How a job ends has its own file.
import t from 'tap';
import type { AccessUnit, Track } from '../../../core/access-unit.ts';
import { waitFor } from '../../../core/lifecycle.ts';
import type { FfmpegJobOptions } from '../../../transcoder/ffmpeg/ffmpeg-job.ts';
import { planLadder } from '../../../transcoder/ladder/ladder-plan.ts';
import { toLadderSource } from '../../../transcoder/ladder/ladder-source.ts';
import { outputIds } from '../../../transcoder/plan-outputs.ts';
import { type Made, plan, START_US, start, unitsOf } from '../../support/job-rig.ts';
import {
  AAC,
  countDecoded,
  encodeSource,
  inspect,
  OBS_X264,
  PLAIN_X264,
  ROOMY,
  SMALL_LADDER,
  shiftUnit,
  type TestSource,
} from '../../support/transcoder-rig.ts';

/** Writes all of a source at once and waits until every rendition has come to its last second. */
async function run(source: TestSource, options: Partial<FfmpegJobOptions> = {}): Promise<Map<string, Made>> {
  const { job, made } = start(source, options);
  const units = unitsOf(source);
  const endUs = (units.at(-1)?.unit.dtsUs ?? 0) - 600_000;
  for (const { kind, unit } of units) job.write(kind, unit, 'backlog');
  const ids = outputIds(options.plan ?? plan(source));
  const isDone = (): boolean =>
    made.size >= ids.length && [...made.values()].every(({ units }) => (units.at(-1)?.ptsUs ?? 0) > endUs);
  while (!isDone()) await waitFor(job, 'unit', { timeoutMs: 20_000 });
  await job.close('done');
  return made;
}

const secondOf = ({ ptsUs }: AccessUnit): number => Math.round((ptsUs - START_US) / 1000);

t.test('what OBS sends becomes rungs and Opus with the same times, key frames aligned', async (t) => {
  const source = await encodeSource({ seconds: 4, video: OBS_X264, audio: AAC });
  const made = await run(source);
  t.same([...made.keys()].toSorted(), ['144p', '240p', 'opus']);
  const [tall, low] = [made.get('240p')!, made.get('144p')!];
  t.match(tall.track, { codec: 'h264', width: 426, height: 240, frameRate: 30 });
  t.match(low.track, { width: 256, height: 144 });
  const given = unitsOf(source)
    .filter(({ kind }) => kind === 'video')
    .map(({ unit }) => unit.ptsUs)
    .toSorted((a, b) => a - b);
  for (const { track, units } of [tall, low]) {
    t.same(
      units.map(({ ptsUs }) => ptsUs),
      given.slice(0, units.length),
      'not one microsecond off, and none is missing',
    );
    t.equal(countDecoded({ track, units }), units.length);
  }
  const keys = (each: Made): number[] => each.units.filter(({ key }) => key).map(secondOf);
  const count = Math.min(keys(tall).length, keys(low).length);
  t.ok(count >= 3);
  t.same(keys(tall).slice(0, count), keys(low).slice(0, count));
  const opus = made.get('opus')!;
  t.ok(opus.units.every(({ durationUs }) => durationUs === 20_000));
  t.ok(countDecoded(opus) >= opus.units.length - 1);
});

t.test('beside a passed-through source, key frames stand where the source has them', async (t) => {
  const source = await encodeSource({ seconds: 3, video: [...PLAIN_X264, '-g', '20'], size: '568x320' });
  t.equal(plan(source).passthrough.kind, 'source');
  const made = await run(source);
  const given = source
    .video!.units.filter(({ key }) => key)
    .map((unit) => secondOf(shiftUnit(unit, START_US)));
  for (const { units } of made.values()) {
    const keys = units.filter(({ key }) => key).map(secondOf);
    t.ok(keys.length >= 3);
    t.same(keys, given.slice(0, keys.length));
  }
});

t.test('a rung of half the frame rate keeps every key frame of the others', async (t) => {
  const picture = 'testsrc2=s=426x240:r=60';
  const source = await encodeSource({ seconds: 3, video: OBS_X264, picture });
  const rungs = SMALL_LADDER.rungs.map((rung) => ({ ...rung, maxFrameRate: rung.height > 200 ? 60 : 30 }));
  const observed = { track: source.video!.track, hasBFrames: true, gopMs: 0, frameRate: 60 };
  const ladder = planLadder(toLadderSource({ video: observed, audio: undefined }), ROOMY, {
    ...SMALL_LADDER,
    rungs,
  });
  const made = await run(source, { plan: ladder });
  const [full, half] = [made.get('240p')!.units, made.get('144p')!.units];
  const endUs = Math.min(full.at(-1)!.ptsUs, half.at(-1)!.ptsUs);
  const until = (units: AccessUnit[]): AccessUnit[] => units.filter(({ ptsUs }) => ptsUs <= endUs);
  const keys = (units: AccessUnit[]): number[] =>
    until(units)
      .filter(({ key }) => key)
      .map(secondOf);
  t.ok(keys(full).length >= 2);
  t.same(keys(half), keys(full));
  const share = until(half).length / until(full).length;
  t.ok(share > 0.48 && share < 0.53, `${share} of the frames`);
});

t.test('picture and sound keep their distance', async (t) => {
  const flash = "color=black:s=426x240:r=30,drawbox=c=white:t=fill:enable='lt(mod(t,1),0.2)'";
  const beep = "aevalsrc='if(lt(mod(t,1),0.2),sin(2000*PI*t),0)':s=48000:c=stereo";
  const source = await encodeSource({ seconds: 4, video: OBS_X264, audio: AAC, picture: flash, sound: beep });
  const made = await run(source);
  const detectors = [
    '-vf',
    'blackdetect=d=0.1:pix_th=0.5',
    '-af',
    'silencedetect=n=-30dB:d=0.2',
    '-f',
    'null',
    '-',
  ];
  const distances = (tracks: readonly { track: Track; units: readonly AccessUnit[] }[]): number[] => {
    const { stderr } = inspect(tracks, detectors);
    const flashes = [...stderr.matchAll(/black_end:([\d.]+)/g)].map((match) => Number(match[1]));
    const beeps = [...stderr.matchAll(/silence_end: ([\d.]+)/g)].map((match) => Number(match[1]));
    return flashes.slice(0, 2).map((time) => {
      const nearest = beeps.toSorted((a, b) => Math.abs(a - time) - Math.abs(b - time))[0] ?? Number.NaN;
      return (nearest - time) * 1000;
    });
  };
  const before = distances([source.video!, source.audio!]);
  const after = distances([made.get('240p')!, made.get('opus')!]);
  t.equal(before.length, 2);
  for (const [index, ms] of after.entries()) {
    const moved = Math.abs(ms - (before[index] ?? Number.NaN));
    t.ok(moved < 3, `moved by ${moved.toFixed(2)} ms`);
  }
});

t.test('millisecond time stamps of RTMP become Opus packets without overlap', async (t) => {
  const source = await encodeSource({ seconds: 4, audio: ['-c:a', 'aac', '-ar', '44100', '-ac', '2'] });
  const jittered = source.audio!.units.map((unit, index) => {
    const timeUs = Math.floor((index * 1024 * 1000) / 44_100) * 1000 + (index % 3 === 0 ? 1000 : 0);
    return { ...unit, ptsUs: timeUs, dtsUs: timeUs };
  });
  const made = await run({ audio: { ...source.audio!, units: jittered } });
  const units = made.get('opus')!.units;
  t.ok(units.length > 100);
  const steps = units.slice(1).map((unit, index) => unit.ptsUs - (units[index]?.ptsUs ?? 0));
  t.ok(
    Math.max(...steps) <= 20_050 && Math.min(...steps) >= 19_950,
    `${Math.min(...steps)} ${Math.max(...steps)}`,
  );
});

t.test('HEVC is decoded and re-encoded', async (t) => {
  const x265 = [
    '-c:v',
    'libx265',
    '-preset',
    'ultrafast',
    '-x265-params',
    'log-level=error:keyint=60',
    '-tag:v',
    'hvc1',
  ];
  const source = await encodeSource({ seconds: 2, video: x265 });
  t.equal(source.video?.track.codec, 'hevc');
  const made = await run(source);
  t.match(made.get('240p')?.track, { codec: 'h264', width: 426, height: 240 });
  t.equal(countDecoded(made.get('240p')!), made.get('240p')!.units.length);
});

t.test('sound alone becomes Opus, a picture alone its rungs', async (t) => {
  const sound = await run(await encodeSource({ seconds: 2, audio: AAC }));
  t.same([...sound.keys()], ['opus']);
  const picture = await run(await encodeSource({ seconds: 2, video: OBS_X264 }));
  t.same([...picture.keys()].toSorted(), ['144p', '240p']);
});

t.test('an announced sound that never comes does not hold up the picture', async (t) => {
  const source = await encodeSource({ seconds: 2, video: OBS_X264, audio: AAC });
  const { job, made } = start(source);
  for (const { kind, unit } of unitsOf(source)) if (kind === 'video') job.write(kind, unit, 'backlog');
  while ((made.get('144p')?.units.length ?? 0) < 30) await waitFor(job, 'unit', { timeoutMs: 20_000 });
  t.notOk(made.has('opus'));
  await job.close('done');
});

t.test(
  'pictures before the given time are decoded, not encoded, and the first one is a key frame',
  async (t) => {
    const source = await encodeSource({ seconds: 3, video: OBS_X264 });
    const skipBeforeUs = START_US + 1_500_000;
    const made = await run(source, { skipBeforeUs });
    for (const { track, units } of made.values()) {
      t.ok(units[0]?.key);
      t.ok((units[0]?.ptsUs ?? 0) >= skipBeforeUs && (units[0]?.ptsUs ?? 0) < skipBeforeUs + 40_000);
      t.equal(countDecoded({ track, units }), units.length);
    }
  },
);
