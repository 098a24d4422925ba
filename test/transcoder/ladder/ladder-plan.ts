// The ladder by table: sizes, sounds, budgets, and what holds for any source.
import fc from 'fast-check';
import t from 'tap';
import { BarrageError } from '../../../core/errors.ts';
import {
  type LadderMachine,
  type LadderSettings,
  planLadder,
} from '../../../transcoder/ladder/ladder-plan.ts';
import type { LadderAudio, LadderVideo } from '../../../transcoder/ladder/ladder-source.ts';

const settings: LadderSettings = {
  rungs: [
    { name: '1080p', height: 1080, videoKbps: 4500 },
    { name: '720p', height: 720, videoKbps: 2500 },
    { name: '480p', height: 480, videoKbps: 1200, maxFrameRate: 30 },
    { name: '360p', height: 360, videoKbps: 600, maxFrameRate: 30 },
  ],
  passthrough: 'auto',
  preset: 'veryfast',
  audioKbps: 128,
};
const roomy: LadderMachine = {
  cores: 8,
  budget: 100,
  encoders: ['libx264', 'libopus', 'aac'],
  decoders: ['h264', 'hevc', 'libdav1d', 'aac', 'opus'],
};
const obs: LadderVideo = {
  codec: 'h264',
  width: 1280,
  height: 720,
  frameRate: 30,
  hasBFrames: true,
  gopMs: 8333,
  profile: 'high',
  bitrateKbps: 2500,
};
const plain: LadderVideo = { ...obs, hasBFrames: false, gopMs: 1000 };
const aac: LadderAudio = { codec: 'aac', sampleRate: 48_000, channels: 2 };

const sizes: readonly (readonly [
  name: string,
  video: LadderVideo,
  passed: boolean,
  rungs: readonly string[],
])[] = [
  ['OBS at 720p', obs, false, ['720p 1280x720', '480p 854x480', '360p 640x360']],
  ['720p without B-frames', plain, true, ['480p 854x480', '360p 640x360']],
  [
    '1080p with B-frames',
    { ...obs, width: 1920, height: 1080 },
    false,
    ['1080p 1920x1080', '720p 1280x720', '480p 854x480', '360p 640x360'],
  ],
  [
    '1080p passed',
    { ...plain, width: 1920, height: 1080 },
    true,
    ['720p 1280x720', '480p 854x480', '360p 640x360'],
  ],
  [
    '4K is cut to the tallest rung',
    { ...obs, width: 3840, height: 2160 },
    false,
    ['1080p 1920x1080', '720p 1280x720', '480p 854x480', '360p 640x360'],
  ],
  [
    'a phone held upright',
    { ...obs, width: 1080, height: 1920 },
    false,
    ['1080p 1080x1920', '720p 720x1280', '480p 480x854', '360p 360x640'],
  ],
  ['a small source', { ...obs, width: 426, height: 240 }, false, ['240p 426x240']],
  ['a small source passed', { ...plain, width: 426, height: 240 }, true, []],
  [
    'a size between rungs',
    { ...obs, width: 1366, height: 768 },
    false,
    ['768p 1366x768', '480p 854x480', '360p 640x360'],
  ],
  [
    'odd sizes',
    { ...obs, width: 1279, height: 719 },
    false,
    ['719p 1278x718', '480p 854x480', '360p 640x360'],
  ],
  ['square', { ...obs, width: 720, height: 720 }, false, ['720p 720x720', '480p 480x480', '360p 360x360']],
  [
    'ultra-wide',
    { ...plain, width: 2560, height: 1080 },
    true,
    ['720p 1706x720', '480p 1138x480', '360p 854x360'],
  ],
  [
    '4:2:2 or interlaced',
    { ...plain, profile: 'other' },
    false,
    ['720p 1280x720', '480p 854x480', '360p 640x360'],
  ],
  ['a GOP of 4 s', { ...plain, gopMs: 4000 }, false, ['720p 1280x720', '480p 854x480', '360p 640x360']],
  ['a GOP not seen yet', { ...plain, gopMs: undefined }, true, ['480p 854x480', '360p 640x360']],
  ['HEVC', { ...plain, codec: 'hevc' }, false, ['720p 1280x720', '480p 854x480', '360p 640x360']],
];

for (const [name, video, passed, rungs] of sizes) {
  t.test(`plans ${name}`, async (t) => {
    const plan = planLadder({ video, audio: aac }, roomy, settings);
    t.same(
      plan.rungs.map(({ id, width, height }) => `${id} ${width}x${height}`),
      rungs,
    );
    t.equal(plan.passthrough.kind, passed ? 'source' : 'none');
    t.equal(plan.keyFrames, passed ? 'source' : 'second', 'rungs are aligned with what they stand beside');
  });
}

const sounds: readonly (readonly [
  name: string,
  audio: LadderAudio | undefined,
  opus: string,
  aac: string,
])[] = [
  ['AAC-LC', aac, 'encode', 'source'],
  ['AAC-LC at 44.1 kHz', { ...aac, sampleRate: 44_100 }, 'encode', 'source'],
  ['AAC at 96 kHz', { ...aac, sampleRate: 96_000 }, 'encode', 'encode'],
  ['5.1 AAC', { ...aac, channels: 6 }, 'encode', 'encode'],
  ['HE-AAC', { ...aac, codec: 'aac-other' }, 'encode', 'encode'],
  ['stereo Opus', { codec: 'opus', sampleRate: 48_000, channels: 2 }, 'source', 'encode'],
  ['mono Opus', { codec: 'opus', sampleRate: 48_000, channels: 1 }, 'encode', 'encode'],
  ['no sound', undefined, 'none', 'none'],
];

for (const [name, audio, opus, wantedAac] of sounds) {
  t.test(`plans the sound of ${name}`, async (t) => {
    const plan = planLadder({ video: plain, audio }, roomy, settings);
    t.equal(plan.audio.opus.kind, opus);
    t.equal(plan.audio.aac.kind, wantedAac);
  });
}

t.test('switched off, passthrough is not planned', async (t) => {
  const plan = planLadder({ video: plain, audio: aac }, roomy, { ...settings, passthrough: 'never' });
  t.match(plan.passthrough, { kind: 'none', reason: /switched off/ });
  t.equal(plan.rungs[0]?.id, '720p');
});

t.test('audio alone needs no rungs', async (t) => {
  const plan = planLadder({ video: undefined, audio: aac }, roomy, settings);
  t.same(plan.rungs, []);
  t.equal(plan.audio.opus.kind, 'encode');
});

t.test('rungs are thinned to their frame rate, others keep the source rate', async (t) => {
  const plan = planLadder({ video: { ...obs, frameRate: 60 }, audio: aac }, roomy, settings);
  t.same(
    plan.rungs.map(({ id, frameRate, isThinned }) => [id, frameRate, isThinned]),
    [
      ['720p', 60, false],
      ['480p', 30, true],
      ['360p', 30, true],
    ],
  );
});

t.test('layers beyond the limit go from the middle', async (t) => {
  const video = { ...obs, width: 1920, height: 1080 };
  const plan = planLadder({ video, audio: aac }, roomy, { ...settings, maxLayers: 3 });
  t.same(
    plan.rungs.map(({ id }) => id),
    ['1080p', '720p', '360p'],
  );
  t.match(plan.dropped, [{ rung: '480p', reason: /layers/ }]);
});

t.test('a tight budget keeps the ends of the ladder and says what it lost', async (t) => {
  const video = { ...obs, width: 1920, height: 1080 };
  const full = planLadder({ video, audio: aac }, roomy, settings);
  const plan = planLadder({ video, audio: aac }, { ...roomy, budget: full.cost - 0.01 }, settings);
  t.same(
    plan.rungs.map(({ id }) => id),
    ['1080p', '720p', '360p'],
  );
  t.match(plan.dropped, [{ rung: '480p', reason: /needs [\d.]+ cores, [\d.]+ are left/ }]);
  t.ok(plan.cost <= full.cost - 0.01);
});

t.test('nothing fits: refused, unless the source can be passed through', async (t) => {
  const broke = { ...roomy, budget: 0.05 };
  t.throws(() => planLadder({ video: obs, audio: aac }, broke, settings), { code: 'OVERLOADED' });
  const plan = planLadder({ video: plain, audio: aac }, broke, settings);
  t.equal(plan.passthrough.kind, 'source');
  t.same(plan.rungs, []);
  t.equal(plan.dropped.filter(({ reason }) => /cores/.test(reason)).length, 2);
});

t.test('a codec this ffmpeg cannot decode is refused, a missing encoder is told', async (t) => {
  const noAv1 = { ...roomy, decoders: ['h264'] };
  t.throws(() => planLadder({ video: { ...obs, codec: 'av1' }, audio: aac }, noAv1, settings), {
    code: 'UNSUPPORTED_MEDIA',
  });
  const noOpus = planLadder({ video: plain, audio: aac }, { ...roomy, encoders: ['libx264'] }, settings);
  t.match(noOpus.dropped.at(-1), { rung: 'opus', reason: /libopus/ });
});

t.test('without WebRTC no Opus is encoded: a source passed through needs no ffmpeg at all', async (t) => {
  const hlsOnly = { ...settings, rungs: [], opus: 'never' } as const;
  const plan = planLadder({ video: plain, audio: aac }, roomy, hlsOnly);
  t.match(plan.audio, { opus: { kind: 'none' }, aac: { kind: 'source' }, cost: 0 });
  t.match(plan, { passthrough: { kind: 'source' }, rungs: [], cost: 0 });
  t.match(plan.dropped.at(-1), { rung: 'opus', reason: /switched off/ });
  const opusSource = { codec: 'opus', sampleRate: 48_000, channels: 2 } as const;
  t.equal(planLadder({ video: plain, audio: opusSource }, roomy, hlsOnly).audio.opus.kind, 'source');
});

t.test(
  'no source is scaled up, no side is odd, no aspect ratio is lost, no budget is overdrawn',
  async (t) => {
    const video = fc.record({
      width: fc.integer({ min: 16, max: 4096 }),
      height: fc.integer({ min: 16, max: 4096 }),
      frameRate: fc.constantFrom(0, 15, 25, 30, 50, 60),
      hasBFrames: fc.boolean(),
    });
    fc.assert(
      fc.property(video, fc.double({ min: 0, max: 4, noNaN: true }), (shape, budget) => {
        const source = { ...obs, gopMs: 1000, ...shape };
        try {
          const plan = planLadder({ video: source, audio: aac }, { ...roomy, budget }, settings);
          if (plan.rungs.length > 0) t.ok(plan.cost <= budget);
          for (const rung of plan.rungs) {
            if (rung.width % 2 || rung.height % 2) throw new Error('odd');
            if (rung.width > source.width || rung.height > source.height) throw new Error('scaled up');
            // Rounding to even sides is worth one pixel each way.
            const wanted = (rung.height * source.width) / source.height;
            const slack = 2 + (2 * source.width) / source.height;
            if (Math.abs(rung.width - wanted) > slack) throw new Error('aspect ratio');
          }
          return plan.rungs.length <= 4;
        } catch (error) {
          return error instanceof BarrageError && error.code === 'OVERLOADED';
        }
      }),
    );
  },
);
