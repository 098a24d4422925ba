// What the probe finds out about a source from its units.
import t from 'tap';
import type { AudioTrack, VideoTrack } from '../../../core/access-unit.ts';
import { Rendition } from '../../../media/stream/rendition.ts';
import { type SourceDescription, SourceProbe } from '../../../media/stream/source-probe.ts';

const video: VideoTrack = {
  kind: 'video',
  codec: 'h264',
  config: Buffer.from([1]),
  codecString: 'avc1.64001f',
  width: 1280,
  height: 720,
  frameRate: 0,
  bitrateKbps: 0,
};
const audio: AudioTrack = {
  kind: 'audio',
  codec: 'aac',
  config: Buffer.from([2]),
  codecString: 'mp4a.40.2',
  sampleRate: 48_000,
  channels: 2,
  bitrateKbps: 0,
};

function setUp(tracks: readonly (VideoTrack | AudioTrack)[]) {
  const probe = new SourceProbe();
  const seen: SourceDescription[] = [];
  probe.on('described', (description) => seen.push(description));
  const renditions = tracks.map(
    (track) => new Rendition({ id: `source-${track.kind}`, origin: 'source', track, gopCacheBytes: 0 }),
  );
  for (const rendition of renditions) probe.watch(rendition);
  const write = (
    rendition: Rendition | undefined,
    ms: number,
    options: { key?: boolean; ctsMs?: number } = {},
  ) =>
    rendition?.write({
      dtsUs: ms * 1000,
      ptsUs: (ms + (options.ctsMs ?? 0)) * 1000,
      durationUs: 0,
      key: options.key ?? false,
      data: Buffer.alloc(4),
    });
  return { probe, seen, renditions, write };
}

t.test('ten frames and both tracks are enough, and B-frames are seen from the units', async (t) => {
  const { seen, renditions, write } = setUp([video, audio]);
  for (let n = 0; n < 10; n++)
    write(renditions[0], Math.round(n * 33.33), { key: n === 0, ctsMs: n % 2 ? 67 : 0 });
  t.equal(seen.length, 1);
  t.equal(seen[0]?.video?.hasBFrames, true);
  t.equal(seen[0]?.video?.frameRate, 30);
  t.equal(seen[0]?.audio?.codec, 'aac');
});

t.test('a source without sound is described when patience ends, one with sound alone too', async (t) => {
  for (const track of [video, audio]) {
    const { seen, renditions, write } = setUp([track]);
    for (let ms = 0; ms <= 700; ms += 33) write(renditions[0], ms, { key: ms === 0 });
    t.equal(seen.length, 1);
    t.equal(seen[0]?.video === undefined, track.kind === 'audio');
  }
});

t.test('a group of pictures longer than two seconds is reported once, when it becomes so', async (t) => {
  const { seen, renditions, write } = setUp([video, audio]);
  for (let ms = 0; ms <= 4000; ms += 40) write(renditions[0], ms, { key: ms === 0 });
  t.equal(seen.length, 2);
  t.ok((seen[1]?.video?.gopMs ?? 0) > 2000);
  t.equal(seen[1]?.video?.frameRate, 25);
});

t.test(
  'a source that stalls for a moment keeps its distance of key frames, one that goes on so does not',
  async (t) => {
    const { seen, renditions, write } = setUp([video, audio]);
    for (let n = 0; n < 100; n++) write(renditions[0], n * 40, { key: n % 25 === 0 });
    for (let n = 0; n < 25; n++) write(renditions[0], 4000 + n * 100, { key: n === 0 });
    write(renditions[0], 6500, { key: true });
    t.equal(seen.length, 1, 'a group of a second took two and a half');
    for (let n = 1; n < 25; n++) write(renditions[0], 6500 + n * 200);
    t.equal(seen.length, 2, 'another takes five');
  },
);

t.test('key frames every two seconds are no change', async (t) => {
  const { seen, renditions, write } = setUp([video, audio]);
  for (let ms = 0; ms <= 10_000; ms += 40) write(renditions[0], ms, { key: ms % 2000 === 0 });
  t.equal(seen.length, 1);
  t.equal(seen[0]?.video?.hasBFrames, false);
});

t.test('a change of resolution is described again with fresh statistics', async (t) => {
  const { seen, renditions, write } = setUp([video, audio]);
  for (let n = 0; n < 12; n++) write(renditions[0], n * 33, { key: n === 0, ctsMs: 40 });
  renditions[0]?.setTrack({ ...video, width: 640, height: 360, config: Buffer.from([9]) });
  for (let n = 0; n < 10; n++) write(renditions[0], 500 + n * 33, { key: n === 0 });
  t.equal(seen.length, 2);
  t.equal(seen[1]?.video?.track.width, 640);
  t.equal(seen[1]?.video?.hasBFrames, false);
});
