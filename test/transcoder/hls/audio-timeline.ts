// The audio time line under jitter, drift, holes and overlap.
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import t from 'tap';
import type { AccessUnit, AudioTrack } from '../../../core/access-unit.ts';
import { buildAudioSpecificConfig } from '../../../core/codec/aac.ts';
import { buildDops } from '../../../core/codec/opus.ts';
import { buildFragment, type FragmentUnit } from '../../../transcoder/cmaf/fragment.ts';
import { buildInitSegment } from '../../../transcoder/cmaf/init-segment.ts';
import { AUDIO_TOLERANCE_US, AudioTimeline } from '../../../transcoder/hls/audio-timeline.ts';
import { findSilentFrame } from '../../../transcoder/hls/silence.ts';

const START_US = 1_790_000_000_000_000;

function aacTrack(sampleRate: number, channels = 2): AudioTrack {
  return {
    ...{ kind: 'audio', codec: 'aac', codecString: 'mp4a.40.2', sampleRate, channels, bitrateKbps: 128 },
    config: buildAudioSpecificConfig({ sampleRate, channels }),
  };
}

function opusTrack(channels: number): AudioTrack {
  return {
    ...{ kind: 'audio', codec: 'opus', codecString: 'opus', sampleRate: 48_000, channels, bitrateKbps: 64 },
    config: buildDops({ channels }),
  };
}

function unitAt(ptsUs: number): AccessUnit {
  return { ptsUs, dtsUs: ptsUs, durationUs: 0, key: true, data: Buffer.from('frame') };
}

function runTimeline(track: AudioTrack, times: readonly number[]): FragmentUnit[] {
  const timeline = new AudioTimeline(track, { notBeforeUs: Number.NEGATIVE_INFINITY });
  return times.flatMap((us) => [...timeline.settle(unitAt(us)), ...timeline.take(unitAt(us))]);
}

function assertGapFree(samples: readonly FragmentUnit[]): void {
  for (const [index, sample] of samples.entries()) {
    const before = samples[index - 1];
    if (before && before.dts + before.duration !== sample.dts) {
      throw new Error(
        `sample ${index} at ${sample.dts}, the one before ends at ${before.dts + before.duration}`,
      );
    }
  }
}

t.test('times rounded to milliseconds come out sample-accurate, without one bent duration', async (t) => {
  for (const sampleRate of [44_100, 48_000]) {
    const frameUs = (1024 * 1e6) / sampleRate;
    const times = Array.from({ length: 2000 }, (_, n) => START_US + Math.round((n * frameUs) / 1000) * 1000);
    const samples = runTimeline(aacTrack(sampleRate), times);
    assertGapFree(samples);
    t.ok(
      samples.every((sample) => sample.duration === 1024),
      `${sampleRate} Hz`,
    );
  }
});

t.test('whatever the jitter and the holes, samples never overlap and stay near the clock', async (t) => {
  const steps = fc.array(
    fc.record({
      jitterUs: fc.integer({ min: -3000, max: 3000 }),
      holeUs: fc.oneof(
        { weight: 20, arbitrary: fc.constant(0) },
        { weight: 1, arbitrary: fc.nat(1_900_000) },
      ),
    }),
    { minLength: 1, maxLength: 300 },
  );
  fc.assert(
    fc.property(steps, fc.constantFrom(44_100, 48_000, 22_050), (list, sampleRate) => {
      const frameUs = (1024 * 1e6) / sampleRate;
      let clock = START_US;
      const times = list.map(({ jitterUs, holeUs }) => {
        clock += frameUs + holeUs;
        return Math.round(clock + jitterUs);
      });
      const samples = runTimeline(aacTrack(sampleRate), times);
      assertGapFree(samples);
      const last = samples.at(-1)!;
      const endUs = (last.dts + last.duration) / (sampleRate / 1e6);
      const offUs = Math.abs(endUs - (times.at(-1)! + frameUs));
      if (offUs > AUDIO_TOLERANCE_US + 2 * frameUs) throw new Error(`off by ${offUs} us at the end`);
    }),
    { numRuns: 300 },
  );
  t.pass();
});

t.test('frames that come too thick are dropped rather than run ahead of the clock', async (t) => {
  fc.assert(
    fc.property(fc.array(fc.nat(20_000), { minLength: 1, maxLength: 500 }), (stepsUs) => {
      let at = START_US;
      const times = stepsUs.map((step) => {
        at += step;
        return at;
      });
      const samples = runTimeline(aacTrack(48_000), times);
      assertGapFree(samples);
      const last = samples.at(-1)!;
      const aheadUs = (last.dts + last.duration) / 0.048 - at;
      if (aheadUs > AUDIO_TOLERANCE_US + 25_000) throw new Error(`ahead by ${aheadUs} us`);
    }),
    { numRuns: 200 },
  );
  t.pass();
});

t.test('a clock that runs off by two percent is followed', async (t) => {
  for (const rate of [0.98, 1.02]) {
    const frameUs = ((1024 * 1e6) / 48_000) * rate;
    const times = Array.from({ length: 500 }, (_, n) => Math.round(START_US + n * frameUs));
    const samples = runTimeline(aacTrack(48_000), times);
    t.equal(samples.length, 500, 'nothing dropped, nothing filled');
    assertGapFree(samples);
    t.ok(Math.abs(samples.at(-1)!.dts / 0.048 - times.at(-1)!) < 30_000);
  }
});

t.test('a small hole is filled with silence, a hole in a codec without silence is left open', async (t) => {
  const frameUs = 1024 / 0.048;
  const times = [0, 1, 2, 30, 31].map((n) => Math.round(START_US + n * frameUs));
  t.equal(runTimeline(aacTrack(48_000), times).length, 32);
  const surround = runTimeline(aacTrack(48_000, 6), times);
  t.equal(surround.length, 5);
  t.equal(surround[3]!.dts - surround[2]!.dts, 28 * 1024);
});

t.test('no sample begins before what was published', async (t) => {
  const timeline = new AudioTimeline(aacTrack(48_000), { notBeforeUs: START_US + 5000 });
  t.equal(timeline.take(unitAt(START_US))[0]!.dts, Math.round((START_US + 5000) * 0.048));
});

for (const [name, track] of [
  ['mono AAC', aacTrack(48_000, 1)],
  ['stereo AAC', aacTrack(44_100, 2)],
  ['mono Opus', opusTrack(1)],
  ['stereo Opus', opusTrack(2)],
] as const) {
  t.test(`the silent frame of ${name} decodes to silence`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'silence-'));
    t.teardown(() => rm(folder, { recursive: true }));
    const file = join(folder, 'silence.mp4');
    const { data, durationUs } = findSilentFrame(track)!;
    const duration = Math.round((durationUs * track.sampleRate) / 1e6);
    const units = Array.from({ length: 20 }, (_, n) => {
      return { pts: n * duration, dts: n * duration, duration, key: true, data };
    });
    const init = buildInitSegment([{ trackId: 1, timescale: track.sampleRate, track }]);
    writeFileSync(file, Buffer.concat([init, buildFragment({ sequenceNumber: 1, trackId: 1, units })]));
    const args = ['-v', 'error', '-xerror', '-i', file, '-f', 's16le', 'pipe:1'];
    const { stdout, stderr } = await promisify(execFile)('ffmpeg', args, { encoding: 'buffer' });
    t.equal(stderr.toString(), '');
    t.ok(stdout.length >= 18 * duration * 2 * track.channels, 'about all samples are there');
    const samples = new Int16Array(stdout.buffer, stdout.byteOffset, stdout.length >> 1);
    t.ok(
      samples.every((sample) => Math.abs(sample) <= 1),
      'and silent',
    );
  });
}
