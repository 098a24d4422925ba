// Reading real tracks for the planner.
import t from 'tap';
import { toLadderSource } from '../../../transcoder/ladder/ladder-source.ts';
import { AAC, encodeSource, OBS_X264, PLAIN_X264 } from '../../support/transcoder-rig.ts';

const AAC_44100 = ['-c:a', 'aac', '-ar', '44100', '-ac', '2'];

t.test('reads B-frames and profile from the SPS before any frame was seen', async (t) => {
  const obs = await encodeSource({ seconds: 0.2, video: OBS_X264, audio: AAC });
  const seen = { hasBFrames: false, gopMs: 0, frameRate: 30 };
  const source = toLadderSource({
    video: obs.video && { track: obs.video.track, ...seen },
    audio: obs.audio?.track,
  });
  t.match(source.video, { codec: 'h264', profile: 'high', hasBFrames: true, width: 426, height: 240 });
  t.same(source.audio, { codec: 'aac', sampleRate: 48_000, channels: 2 });
});

t.test('a source made for WebRTC has none', async (t) => {
  const plain = await encodeSource({
    seconds: 0.2,
    video: [...PLAIN_X264, '-profile:v', 'baseline'],
    audio: AAC_44100,
  });
  const track = plain.video!.track;
  const source = toLadderSource({
    video: { track, hasBFrames: false, gopMs: 1000, frameRate: 30 },
    audio: plain.audio?.track,
  });
  t.match(source.video, { profile: 'baseline', hasBFrames: false, gopMs: 1000 });
  t.match(source.audio, { codec: 'aac', sampleRate: 44_100, channels: 2 });
});

t.test('what cannot be parsed is re-encoded', async (t) => {
  const { video, audio } = await encodeSource({ seconds: 0.2, video: PLAIN_X264, audio: AAC });
  const source = toLadderSource({
    video: {
      track: { ...video!.track, config: Buffer.alloc(3) },
      hasBFrames: false,
      gopMs: 0,
      frameRate: 30,
    },
    audio: { ...audio!.track, config: Buffer.alloc(1) },
  });
  t.equal(source.video?.profile, 'other');
  t.equal(source.audio?.codec, 'aac-other');
});
