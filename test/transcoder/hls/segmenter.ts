// The segmenter on made-up units: where it cuts, what it does about holes, jumps and stalls.
import fc from 'fast-check';
import t from 'tap';
import type { AccessUnit, AudioTrack, VideoTrack } from '../../../core/access-unit.ts';
import { buildAudioSpecificConfig } from '../../../core/codec/aac.ts';
import { silentLogger } from '../../../core/logger.ts';
import { Eras } from '../../../transcoder/hls/eras.ts';
import type { HlsOptions } from '../../../transcoder/hls/hls-options.ts';
import type { HlsSegment, MediaSegment } from '../../../transcoder/hls/segment.ts';
import { SegmentWindow } from '../../../transcoder/hls/segment-window.ts';
import { Segmenter } from '../../../transcoder/hls/segmenter.ts';
import { FakeRendition } from '../../support/fake-rendition.ts';
import { listBoxes, path } from '../../support/lavfi-units.ts';

const HLS: HlsOptions = { segmentMs: 2000, partMs: 200, windowSegments: 6, graceMs: 1000 };
const START_US = 1_790_000_000_000_000;

const VIDEO: VideoTrack = {
  ...{ kind: 'video', codec: 'h264', codecString: 'avc1.42c01e', width: 640, height: 360 },
  ...{ frameRate: 30, bitrateKbps: 600, config: Buffer.from('0142c01effe00000', 'hex') },
};
const AUDIO: AudioTrack = {
  ...{ kind: 'audio', codec: 'aac', codecString: 'mp4a.40.2', sampleRate: 48_000, channels: 2 },
  ...{ bitrateKbps: 128, config: buildAudioSpecificConfig({ sampleRate: 48_000, channels: 2 }) },
};

function setUp(track: VideoTrack | AudioTrack, shared: { eras?: Eras; hls?: Partial<HlsOptions> } = {}) {
  const hls = { ...HLS, windowSegments: 1000, ...shared.hls };
  const rendition = new FakeRendition('r', track);
  const window = new SegmentWindow({
    targetUs: hls.segmentMs * 1000,
    windowSegments: hls.windowSegments,
    firstSequence: () => 0,
  });
  const segments: HlsSegment[] = [];
  window.on('segment', (segment) => segments.push(segment));
  const segmenter = new Segmenter({
    ...{ rendition, window, eras: shared.eras ?? new Eras(), hls, logger: silentLogger },
    onClosed: () => undefined,
    onTrack: () => undefined,
  });
  return { rendition, window, segments, segmenter };
}

function frame(timeUs: number, changes: Partial<AccessUnit> = {}): AccessUnit {
  const at = Math.round(timeUs);
  return { ptsUs: at, dtsUs: at, durationUs: 0, key: false, data: Buffer.alloc(100, 7), ...changes };
}

/** `seconds` of 30 fps with a key frame each second, starting at `fromUs`. */
function pictures(fromUs: number, seconds: number): AccessUnit[] {
  return Array.from({ length: Math.round(seconds * 30) }, (_, n) =>
    frame(fromUs + (n * 1e6) / 30, { key: n % 30 === 0 }),
  );
}

function sound(fromUs: number, seconds: number): AccessUnit[] {
  return Array.from({ length: Math.round(seconds * 46.875) }, (_, n) =>
    frame(fromUs + n * (1024 / 0.048), { key: true }),
  );
}

interface Run {
  start: number;
  end: number;
  firstIsKey: boolean;
}

/** Decode time line of each part, read back from its bytes. */
function readParts(segment: MediaSegment): Run[] {
  return segment.parts.map(({ bytes }) => {
    const traf = path(bytes, 'moof', 'traf');
    const start = Number(path(traf, 'tfdt').readBigUInt64BE(4));
    const trun = path(traf, 'trun');
    const flags = trun.readUInt32BE(0) & 0xffffff;
    const width = 8 + (flags & 0x400 ? 4 : 0) + (flags & 0x800 ? 4 : 0);
    let end = start;
    for (let n = 0, at = 12; n < trun.readUInt32BE(4); n++, at += width) end += trun.readUInt32BE(at);
    const firstIsKey = flags & 0x400 ? (trun.readUInt32BE(20) & 0x10000) === 0 : true;
    return { start, end, firstIsKey };
  });
}

/** Throws when parts overlap, a segment lacks its key frame or numbers do not rise by one. */
function assertSound(segments: readonly HlsSegment[]): void {
  let end = Number.NEGATIVE_INFINITY;
  let previous: HlsSegment | undefined;
  for (const segment of segments) {
    if (previous && segment.sequence !== previous.sequence + 1) throw new Error(`number ${segment.sequence}`);
    if (previous && segment.era !== previous.era + segment.discontinuities) throw new Error('era');
    if (previous && segment.startUs < previous.startUs + previous.durationUs - 40_000) {
      throw new Error(`segment ${segment.sequence} starts before the one before it ends`);
    }
    previous = segment;
    if (segment.kind === 'gap') continue;
    const parts = readParts(segment);
    if (!parts[0]?.firstIsKey) throw new Error(`segment ${segment.sequence} has no key frame in front`);
    for (const part of parts) {
      if (part.start < end) throw new Error(`part at ${part.start} overlaps what ends at ${end}`);
      end = part.end;
    }
  }
}

t.test('video is cut on the grid, in parts of 200 ms, gap-free', async (t) => {
  const { rendition, segments } = setUp(VIDEO);
  // The first frames come in the middle of a group of pictures and are of no use.
  for (const unit of pictures(START_US - 500_000, 0.5)) rendition.write({ ...unit, key: false });
  for (const unit of pictures(START_US, 9)) rendition.write(unit);
  t.strictSame(
    segments.map((each) => each.startUs),
    [0, 2, 4, 6].map((s) => START_US + s * 1e6),
  );
  t.ok(segments.every((each) => Math.abs(each.durationUs - 2e6) < 20));
  assertSound(segments);
  const parts = segments.flatMap((each) => (each.kind === 'media' ? readParts(each) : []));
  t.equal(parts.length, 40);
  for (const [n, part] of parts.entries()) if (n > 0) t.equal(part.start, parts[n - 1]!.end);
  t.strictSame(
    (segments[0] as MediaSegment).parts.map((part) => part.independent),
    [true, false, false, false, false, true, false, false, false, false],
  );
});

t.test('a part and a segment are there as soon as the key frame behind them is', async (t) => {
  const { rendition, window, segments } = setUp(VIDEO);
  const units = pictures(START_US, 2.1);
  for (const unit of units.slice(0, 60)) rendition.write(unit);
  t.equal(segments.length, 0);
  t.equal(window.open?.parts.length, 9);
  rendition.write(units[60]!);
  t.equal(segments.length, 1);
  t.equal((segments[0] as MediaSegment).parts.length, 10);
});

t.test('audio is cut on the same grid, the bytes of a segment being those of its parts', async (t) => {
  const { rendition, window, segments } = setUp(AUDIO);
  for (const unit of sound(START_US + 300_000, 7)) rendition.write(unit);
  t.equal(segments.length, 3);
  for (const [n, each] of segments.entries()) {
    const grid = n === 0 ? START_US + 300_000 : START_US + n * 2e6;
    t.ok(each.startUs >= grid - 1 && each.startUs < grid + 22_000, 'within a frame of the line');
    const file = window.find(each.name);
    const whole = file?.kind === 'segment' ? file.body : Buffer.alloc(0);
    const parts = (each as MediaSegment).parts.map((part) => {
      const found = window.find(each.name.replace('.m4s', `.${part.index}.m4s`));
      return found?.kind === 'part' ? found.body : Buffer.alloc(0);
    });
    t.ok(whole.equals(Buffer.concat(parts)));
    t.strictSame([...new Set(listBoxes(whole).map((box) => box.type))], ['moof', 'mdat']);
  }
  assertSound(segments);
});

t.test('a hole in one rendition is listed as gaps on the same time line', async (t) => {
  const { rendition, segments } = setUp(VIDEO);
  for (const unit of pictures(START_US, 4)) rendition.write(unit);
  for (const unit of pictures(START_US + 9e6, 3.1)) rendition.write(unit);
  t.strictSame(
    segments.map((each) => each.kind),
    ['media', 'media', 'gap', 'gap', 'gap', 'media', 'media'],
  );
  t.ok(segments.every((each) => each.era === 0));
  assertSound(segments);
  const gaps = segments.filter((each) => each.kind === 'gap');
  t.ok(Math.abs(gaps.reduce((sum, each) => sum + each.durationUs, 0) - 5e6) < 1000);
});

t.test(
  'a jump of the source and a new track each begin an era, the second one with its own header',
  async (t) => {
    const { rendition, window, segments } = setUp(VIDEO);
    for (const unit of pictures(START_US, 3)) rendition.write(unit);
    for (const [n, unit] of pictures(START_US + 3.4e6, 2).entries()) {
      rendition.write(n === 0 ? { ...unit, discontinuity: true } : unit);
    }
    rendition.setTrack({ ...VIDEO, width: 1280, height: 720 });
    for (const unit of pictures(START_US + 5.4e6, 3)) rendition.write(unit);
    t.strictSame(
      segments.map((each) => each.era),
      [0, 0, 1, 1, 2],
    );
    t.equal(new Set(segments.slice(0, 4).map((each) => each.initName)).size, 1, 'same header, same name');
    t.not(segments[4]!.initName, segments[3]!.initName);
    const init = window.find(segments[4]!.initName)!;
    const tkhd = path(init.body as Buffer, 'moov', 'trak', 'tkhd');
    t.equal(tkhd.readUInt32BE(tkhd.length - 8) >> 16, 1280);
    assertSound(segments);
  },
);

t.test('a discontinuity of one rendition is one of all, at their next segment', async (t) => {
  const eras = new Eras();
  const one = setUp(VIDEO, { eras });
  const other = setUp(VIDEO, { eras });
  const all = pictures(START_US, 9);
  for (const [n, unit] of all.entries()) {
    other.rendition.write(unit);
    if (n < 90 || n >= 120) one.rendition.write(n === 120 ? { ...unit, discontinuity: true } : unit);
  }
  t.strictSame(
    one.segments.map((each) => each.era),
    [0, 0, 1, 1],
  );
  t.strictSame(
    other.segments.map((each) => each.era),
    [0, 0, 1, 1],
  );
  t.equal(one.segments[2]!.startUs, other.segments[2]!.startUs);
});

t.test('a restart that repeats what was published already goes on where it ended', async (t) => {
  const { rendition, segments } = setUp(VIDEO);
  for (const unit of pictures(START_US, 5)) rendition.write(unit);
  for (const [n, unit] of pictures(START_US + 3.5e6, 6).entries()) {
    rendition.write(n === 0 ? { ...unit, discontinuity: true } : unit);
  }
  assertSound(segments);
  t.equal(segments.find((each) => each.era === 1)?.startUs, START_US + 5.5e6);
});

t.test('a rendition that is told the others went on lists gaps and comes back behind them', async (t) => {
  const { rendition, segments, segmenter } = setUp(AUDIO);
  for (const unit of sound(START_US, 3)) rendition.write(unit);
  segmenter.skipTo(START_US + 9e6);
  t.strictSame(
    segments.map((each) => each.kind),
    ['media', 'media', 'gap', 'gap', 'gap'],
  );
  for (const unit of sound(START_US + 8e6, 5)) rendition.write(unit);
  t.ok(segmenter.droppedUnits > 40, 'what came too late for its place is dropped');
  assertSound(segments);
  t.equal(segments.at(-1)?.kind, 'media');
});

t.test('a picture without key frames cannot grow without a bound', async (t) => {
  const { rendition, segments } = setUp(VIDEO);
  for (const [n, unit] of pictures(START_US, 40).entries()) rendition.write({ ...unit, key: n === 0 });
  t.ok(segments.length >= 3);
  t.ok(segments.every((each) => each.durationUs < 11e6));
  t.strictSame(
    segments.map((each) => each.kind === 'media' && each.independent),
    [true, false, false],
  );
});

t.test('memory holds the window and as much again', async (t) => {
  const { rendition, window } = setUp(VIDEO, { hls: { windowSegments: 3 } });
  for (const unit of pictures(START_US, 60)) rendition.write(unit);
  t.equal(window.listed.length, 3);
  t.ok(window.bufferedBytes < 9 * 60 * 120);
  const oldest = window.listed[0]!.sequence;
  const name = (sequence: number): string => `${window.epoch}-${sequence}.m4s`;
  t.ok(window.find(name(oldest - 4)), 'a player with an older playlist still gets its segment');
  t.notOk(window.find(name(oldest - 5)));
  t.notOk(window.find(name(oldest + 100)));
  t.notOk(window.find('../secrets'));
});

t.test(
  'whatever comes in, what goes out never overlaps and each segment begins with a key frame',
  async (t) => {
    const step = fc.record({
      gapUs: fc.oneof(
        { weight: 30, arbitrary: fc.constant(33_333) },
        { weight: 6, arbitrary: fc.integer({ min: 1, max: 90_000 }) },
        { weight: 1, arbitrary: fc.integer({ min: -2_500_000, max: 9_000_000 }) },
      ),
      key: fc.oneof(
        { weight: 10, arbitrary: fc.constant(false) },
        { weight: 1, arbitrary: fc.constant(true) },
      ),
      event: fc.oneof(
        { weight: 60, arbitrary: fc.constant('none' as const) },
        {
          weight: 1,
          arbitrary: fc.constantFrom('discontinuity' as const, 'track' as const, 'skip' as const),
        },
      ),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 600 }), fc.boolean(), (steps, isAudio) => {
        const { rendition, segments, segmenter } = setUp(isAudio ? AUDIO : VIDEO);
        let at = START_US;
        for (const { gapUs, key, event } of steps) {
          at += gapUs;
          if (event === 'track') rendition.setTrack({ ...rendition.track });
          if (event === 'skip') segmenter.skipTo(at);
          const discontinuity = event === 'discontinuity' ? { discontinuity: true } : {};
          rendition.write(frame(at, { key: key || isAudio, ...discontinuity }));
        }
        segmenter.close();
        assertSound(segments.filter((each) => each.kind === 'gap' || each.independent));
      }),
      { numRuns: 400 },
    );
    t.pass();
  },
);
