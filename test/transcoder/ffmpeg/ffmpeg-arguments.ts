// The command line of a ladder, without running it.
import t from 'tap';
import { buildFfmpegArguments } from '../../../transcoder/ffmpeg/ffmpeg-arguments.ts';
import { planLadder } from '../../../transcoder/ladder/ladder-plan.ts';
import type { LadderVideo } from '../../../transcoder/ladder/ladder-source.ts';
import { ROOMY, SMALL_LADDER } from '../../support/transcoder-rig.ts';

const video: LadderVideo = {
  codec: 'h264',
  width: 426,
  height: 240,
  frameRate: 30,
  hasBFrames: true,
  gopMs: 0,
  profile: 'high',
  bitrateKbps: 0,
};
const audio = { codec: 'aac', sampleRate: 48_000, channels: 2 } as const;
const targetOf = (id: string): string => `unix:/run/x/${id}`;
const optionOf = (options: readonly string[], name: string): string | undefined =>
  options[options.indexOf(name) + 1];

t.test('one output a rendition, each a NUT with untouched times, written at once', async (t) => {
  const plan = planLadder({ video, audio }, ROOMY, SMALL_LADDER);
  const { outputs, complexFilter } = buildFfmpegArguments({ plan, targetOf });
  t.same(
    outputs.map(({ id, kind, target }) => [id, kind, target]),
    [
      ['240p', 'video', 'unix:/run/x/240p'],
      ['144p', 'video', 'unix:/run/x/144p'],
      ['opus', 'audio', 'unix:/run/x/opus'],
    ],
  );
  for (const { options } of outputs) {
    t.equal(optionOf(options, '-f'), 'nut');
    t.equal(optionOf(options, '-flush_packets'), '1');
    t.equal(optionOf(options, '-avoid_negative_ts'), 'disabled');
    t.ok(options.includes('-copyts'));
  }
  t.match(
    complexFilter,
    /^\[0:v\]split=2\[s0\]\[s1\];\[s0\]scale=426:240.*\[v0\];\[s1\]scale=256:144.*\[v1\]$/,
  );
});

t.test('pictures have no B-frames, a bounded rate and key frames by time only', async (t) => {
  const plan = planLadder({ video, audio }, ROOMY, SMALL_LADDER);
  const options = buildFfmpegArguments({ plan, targetOf }).outputs[0]?.options ?? [];
  t.equal(optionOf(options, '-bf'), '0');
  t.equal(optionOf(options, '-sc_threshold'), '0');
  t.equal(optionOf(options, '-maxrate'), '400k');
  t.equal(optionOf(options, '-bufsize'), '400k');
  t.match(optionOf(options, '-force_key_frames'), /^expr:.*floor\(t\)/);
});

t.test('beside a passed-through source, key frames go where the source has them', async (t) => {
  const plain = { ...video, width: 1280, height: 720, hasBFrames: false, gopMs: 1000 };
  const plan = planLadder({ video: plain, audio }, ROOMY, SMALL_LADDER);
  const options = buildFfmpegArguments({ plan, targetOf }).outputs[0]?.options ?? [];
  t.equal(optionOf(options, '-force_key_frames'), 'source');
});

t.test('old pictures are cut off before the ladder is split', async (t) => {
  const plan = planLadder({ video, audio }, ROOMY, SMALL_LADDER);
  const { complexFilter } = buildFfmpegArguments({ plan, targetOf, skipBeforeUs: 12_345_678 });
  t.match(complexFilter, /^\[0:v\]trim=start=12\.345678,split=2/);
});

t.test('thinned rungs keep the frames that others make key frames of', async (t) => {
  const rungs = SMALL_LADDER.rungs.map((rung) => ({ ...rung, maxFrameRate: rung.height > 200 ? 60 : 30 }));
  const plan = planLadder({ video: { ...video, frameRate: 60 }, audio }, ROOMY, { ...SMALL_LADDER, rungs });
  const filter = buildFfmpegArguments({ plan, targetOf }).complexFilter ?? '';
  t.notMatch(filter, /\[s0\]select/);
  t.match(filter, /\[s1\]select='[^']*\+key\+gt\(floor\(t\),floor\(prev_selected_t\)\)/);
});

t.test('sound alone has no filter graph and no picture outputs', async (t) => {
  const plan = planLadder({ video: undefined, audio }, ROOMY, SMALL_LADDER);
  const { outputs, complexFilter } = buildFfmpegArguments({ plan, targetOf });
  t.equal(complexFilter, undefined);
  t.same(
    outputs.map(({ id }) => id),
    ['opus'],
  );
});
