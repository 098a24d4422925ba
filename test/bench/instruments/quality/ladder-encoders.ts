// The bench's H.264 settings are the transcoder's own; names of encoders are checked.
import t from 'tap';
import { encoderArguments } from '../../../../bench/instruments/quality/ladder-encoders.ts';
import { buildFfmpegArguments } from '../../../../transcoder/ffmpeg/ffmpeg-arguments.ts';
import { planLadder } from '../../../../transcoder/ladder/ladder-plan.ts';
import type { LadderVideo } from '../../../../transcoder/ladder/ladder-source.ts';
import { ROOMY, SMALL_LADDER } from '../../../support/transcoder-rig.ts';

const video: LadderVideo = {
  ...{ codec: 'h264', width: 426, height: 240, frameRate: 30 },
  ...{ hasBFrames: true, gopMs: 0, profile: 'high', bitrateKbps: 0 },
};

t.test('H.264 is encoded as the ladder encodes it', async (t) => {
  for (const preset of ['superfast', 'veryfast', 'medium'] as const) {
    const plan = planLadder({ video, audio: undefined }, ROOMY, { ...SMALL_LADDER, preset });
    const [output] = buildFfmpegArguments({ plan, targetOf: (id) => id }).outputs;
    const options = output?.options ?? [];
    const encoder = options.slice(options.indexOf('-c:v'), options.indexOf('-copyts'));
    t.equal(plan.encoderThreads, 1);
    t.same(encoderArguments(`x264-${preset}`, { kbps: plan.rungs[0]?.videoKbps ?? 0, fps: 30 }), encoder);
  }
});

t.test('AV1 has a key frame each second, and a low-delay form', async (t) => {
  const settings = { kbps: 1200, fps: 30 };
  const usual = encoderArguments('svtav1-10', settings)?.join(' ');
  t.equal(usual, '-c:v libsvtav1 -preset 10 -g 30 -b:v 1200k -svtav1-params rc=1');
  t.match(encoderArguments('svtav1-12-lowdelay', settings)?.at(-1), 'rc=2:pred-struct=1');
});

t.test('other names are none', async (t) => {
  for (const name of ['x264', 'x264-placebo', 'svtav1-5', 'svtav1-14', 'svtav1', 'x265-fast', '']) {
    t.equal(encoderArguments(name, { kbps: 1, fps: 30 }), undefined, name);
  }
});
