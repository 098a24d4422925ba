// Renditions over restarts: what is opened, kept, cut and marked. No ffmpeg.
import t from 'tap';
import type { AccessUnit, VideoTrack } from '../../core/access-unit.ts';
import { OutputRenditions } from '../../transcoder/output-renditions.ts';
import { Collector } from '../support/transcoder-rig.ts';

const track: VideoTrack = {
  kind: 'video',
  codec: 'h264',
  config: Buffer.from([1, 2, 3]),
  codecString: 'avc1.64001f',
  width: 640,
  height: 360,
  frameRate: 30,
  bitrateKbps: 600,
};

function unit(ms: number, key = false): AccessUnit {
  return { ptsUs: ms * 1000, dtsUs: ms * 1000, durationUs: 0, key, data: Buffer.alloc(1) };
}

const times = (units: readonly AccessUnit[]): number[] => units.map(({ ptsUs }) => ptsUs / 1000);

t.test('opens a rendition with its track, once', async (t) => {
  const stream = new Collector();
  const outputs = new OutputRenditions(stream.open);
  outputs.setTrack('360p', track);
  outputs.write('360p', unit(0, true));
  outputs.setTrack('360p', { ...track, config: Buffer.from([1, 2, 3]) });
  outputs.write('360p', unit(100, true));
  t.same(outputs.ids, ['360p']);
  t.same(times(stream.unitsOf('360p')), [0, 100]);
  t.ok(
    stream.unitsOf('360p').every(({ discontinuity }) => !discontinuity),
    'time went on: nothing to tell',
  );
  t.equal(outputs.shownUntilUs, 100_000);
});

t.test('a new run begins with a key frame behind what was shown', async (t) => {
  const stream = new Collector();
  const outputs = new OutputRenditions(stream.open);
  outputs.setTrack('360p', track);
  for (const each of [unit(0), unit(33, true), unit(66)]) outputs.write('360p', each);
  outputs.setTrack('360p', track);
  for (const each of [unit(50, true), unit(100), unit(133, true), unit(166)]) outputs.write('360p', each);
  t.same(times(stream.unitsOf('360p')), [33, 66, 133, 166]);
});

t.test('a gap and a changed track are discontinuities', async (t) => {
  const stream = new Collector();
  const outputs = new OutputRenditions(stream.open);
  outputs.setTrack('360p', track);
  outputs.write('360p', unit(0, true));
  outputs.write('360p', unit(1500, true));
  outputs.setTrack('360p', { ...track, config: Buffer.from([9]), width: 480 });
  outputs.write('360p', unit(1533, true));
  outputs.write('360p', unit(1566));
  t.same(
    stream.unitsOf('360p').map(({ discontinuity }) => discontinuity ?? false),
    [false, true, true, false],
  );
  t.match(stream.renditions.get('360p')?.track, { width: 480 });
});

t.test('closes what a plan no longer has, and opens it again later', async (t) => {
  const stream = new Collector();
  const outputs = new OutputRenditions(stream.open);
  outputs.setTrack('360p', track);
  outputs.setTrack('720p', track);
  outputs.retain(['360p'], 'smaller plan');
  t.equal(stream.renditions.get('720p')?.closed, 'smaller plan');
  t.equal(stream.renditions.get('360p')?.closed, undefined);
  outputs.write('720p', unit(0, true));
  t.same(stream.unitsOf('720p'), []);
});
