// Multivariant playlists against the rules of RFC 8216 section 4.3.4.
import t from 'tap';
import {
  type AudioLine,
  buildMultivariantPlaylist,
  type VideoLine,
} from '../../../transcoder/hls/multivariant-playlist.ts';

function video(id: string, height: number, peakBps: number): VideoLine {
  return {
    ...{ id, width: (height * 16) / 9, height, peakBps, averageBps: peakBps * 0.8, frameRate: 30 },
    codecString: 'avc1.42c01f',
  };
}

const AAC: AudioLine = {
  ...{ id: 'aac', codecString: 'mp4a.40.2', channels: 2, peakBps: 130_000, averageBps: 128_000 },
};

t.test('variants are listed cheapest first, with the audio in their bandwidth and codecs', async (t) => {
  const videos = [video('720p', 720, 2_500_000), video('360p', 360, 600_000)];
  t.equal(
    buildMultivariantPlaylist({ videos, audios: [AAC] }),
    [
      '#EXTM3U',
      '#EXT-X-VERSION:6',
      '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio-mp4a",NAME="aac",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="aac/index.m3u8"',
      '#EXT-X-STREAM-INF:BANDWIDTH=730000,AVERAGE-BANDWIDTH=608000,CODECS="avc1.42c01f,mp4a.40.2",RESOLUTION=640x360,FRAME-RATE=30.000,AUDIO="audio-mp4a"',
      '360p/index.m3u8',
      '#EXT-X-STREAM-INF:BANDWIDTH=2630000,AVERAGE-BANDWIDTH=2128000,CODECS="avc1.42c01f,mp4a.40.2",RESOLUTION=1280x720,FRAME-RATE=30.000,AUDIO="audio-mp4a"',
      '720p/index.m3u8',
      '',
    ].join('\n'),
  );
});

t.test('a stream without sound has no audio group', async (t) => {
  const text = buildMultivariantPlaylist({ videos: [video('360p', 360, 600_000)], audios: [] });
  t.notMatch(text, 'EXT-X-MEDIA');
  t.notMatch(text, 'AUDIO=');
  t.match(text, 'CODECS="avc1.42c01f",RESOLUTION');
});

t.test('a stream without picture lists its audio as a variant', async (t) => {
  const text = buildMultivariantPlaylist({ videos: [], audios: [AAC] });
  t.equal(
    text.split('\n').slice(2).join('\n'),
    '#EXT-X-STREAM-INF:BANDWIDTH=130000,AVERAGE-BANDWIDTH=128000,CODECS="mp4a.40.2"\naac/index.m3u8\n',
  );
});

t.test('audio of two codecs makes two groups and each video two variants', async (t) => {
  const opus: AudioLine = { ...AAC, id: 'opus', codecString: 'opus', peakBps: 100_000 };
  const text = buildMultivariantPlaylist({ videos: [video('360p', 360, 600_000)], audios: [AAC, opus] });
  t.equal(text.match(/#EXT-X-STREAM-INF/g)?.length, 2);
  t.match(text, 'CODECS="avc1.42c01f,opus"');
  t.match(text, 'AUDIO="audio-opus"');
  t.equal(text.match(/DEFAULT=YES/g)?.length, 2, 'a default in each group');
});

t.test(
  'in a group of several the dearest counts, and a frame rate that is not known is left out',
  async (t) => {
    const dear: AudioLine = { ...AAC, id: 'aac-hi', peakBps: 260_000 };
    const still = { ...video('360p', 360, 600_000), frameRate: 0 };
    const text = buildMultivariantPlaylist({ videos: [still], audios: [AAC, dear] });
    t.match(text, 'BANDWIDTH=860000');
    t.notMatch(text, 'FRAME-RATE');
    t.equal(text.match(/DEFAULT=YES/g)?.length, 1);
  },
);
