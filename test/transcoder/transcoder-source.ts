// What a run that starts late is given, from real renditions.
import t from 'tap';
import type { AudioTrack, VideoTrack } from '../../core/access-unit.ts';
import { Rendition } from '../../media/stream/rendition.ts';
import { collectBacklog, currentTracks } from '../../transcoder/transcoder-source.ts';

const videoTrack: VideoTrack = {
  kind: 'video',
  codec: 'h264',
  config: Buffer.alloc(4),
  codecString: 'avc1.64001f',
  width: 640,
  height: 360,
  frameRate: 30,
  bitrateKbps: 0,
};
const audioTrack: AudioTrack = {
  kind: 'audio',
  codec: 'aac',
  config: Buffer.alloc(2),
  codecString: 'mp4a.40.2',
  sampleRate: 48_000,
  channels: 2,
  bitrateKbps: 0,
};
const START_MS = 1_000_000;

function makeSource(videoMs: number, audioMs: number) {
  const video = new Rendition({
    id: 'source-video',
    origin: 'source',
    track: videoTrack,
    gopCacheBytes: 1e6,
  });
  const audio = new Rendition({
    id: 'source-audio',
    origin: 'source',
    track: audioTrack,
    gopCacheBytes: 1e6,
  });
  const unit = (ms: number, key: boolean) => {
    const timeUs = (START_MS + ms) * 1000;
    return { ptsUs: timeUs, dtsUs: timeUs, durationUs: 0, key, data: Buffer.alloc(1) };
  };
  for (let ms = 0; ms < videoMs; ms += 40) video.write(unit(ms, ms === 0));
  for (let ms = 0; ms < audioMs; ms += 20) audio.write(unit(ms, true));
  return { video, audio };
}

t.test('a first run takes what there is, in decode order', async (t) => {
  const { units, skipBeforeUs } = collectBacklog(makeSource(400, 400), undefined);
  t.equal(units.length, 30);
  t.equal(skipBeforeUs, undefined);
  const times = units.map(({ unit }) => unit.dtsUs);
  t.same(
    times,
    times.toSorted((a, b) => a - b),
  );
});

t.test('a first run in the middle of a long GOP decodes it and encodes the end of it', async (t) => {
  const { units, skipBeforeUs } = collectBacklog(makeSource(8000, 8000), undefined);
  t.equal(units.filter(({ kind }) => kind === 'video').length, 200);
  t.equal(skipBeforeUs, (START_MS + 7980 - 1500) * 1000);
});

t.test('a later run encodes nothing old: viewers are at the live edge', async (t) => {
  const { units, skipBeforeUs } = collectBacklog(makeSource(8000, 8000), (START_MS + 6000) * 1000);
  t.equal(units[0]?.unit.key, true);
  t.equal(skipBeforeUs, (START_MS + 7980) * 1000);
  t.ok(units.filter(({ kind }) => kind === 'audio').length <= 1);
});

t.test('what was shown is not encoded again', async (t) => {
  const shownUntilUs = (START_MS + 9000) * 1000;
  t.equal(collectBacklog(makeSource(8000, 0), shownUntilUs).skipBeforeUs, shownUntilUs + 1);
});

t.test('sound alone has no pictures to skip', async (t) => {
  const { audio } = makeSource(0, 4000);
  const { units, skipBeforeUs } = collectBacklog({ audio }, undefined);
  t.ok(units.length > 0);
  t.equal(skipBeforeUs, undefined);
  t.same(currentTracks({ audio }), { video: undefined, audio: audioTrack });
});
