// Playlists as the load player reads them.
import t from 'tap';
import { parseMediaPlaylist, parseVariants } from '../../../../bench/instruments/hls/playlist.ts';

t.test('variants come with the sound of their group', async (t) => {
  const text = [
    '#EXTM3U',
    '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio-mp4a",NAME="aac",URI="aac/index.m3u8"',
    '#EXT-X-STREAM-INF:BANDWIDTH=800000,AVERAGE-BANDWIDTH=700000,CODECS="avc1.4d401f,mp4a.40.2",AUDIO="audio-mp4a"',
    '360p/index.m3u8',
    '#EXT-X-STREAM-INF:AVERAGE-BANDWIDTH=1,BANDWIDTH=90000',
    'sound/index.m3u8',
    '',
  ].join('\n');
  t.strictSame(parseVariants(text), [
    { uri: '360p/index.m3u8', bandwidth: 800_000, audioUri: 'aac/index.m3u8' },
    { uri: 'sound/index.m3u8', bandwidth: 90_000, audioUri: undefined },
  ]);
  t.strictSame(parseVariants('#EXTM3U\n#EXT-X-TARGETDURATION:2\n'), []);
});

t.test('segments are numbered and dated, gaps left out', async (t) => {
  const text = [
    '#EXTM3U',
    '#EXT-X-TARGETDURATION:2',
    '#EXT-X-MEDIA-SEQUENCE:41',
    '#EXT-X-MAP:URI="init-0.mp4"',
    '#EXT-X-PROGRAM-DATE-TIME:2026-11-23T12:00:00.000Z',
    '#EXTINF:2.000000,',
    'a-41.m4s',
    '#EXT-X-GAP',
    '#EXTINF:2.000000,',
    'a-42.m4s',
    '#EXTINF:1.500000,',
    'a-43.m4s',
    '',
  ].join('\r\n');
  const startMs = Date.UTC(2026, 10, 23, 12);
  t.strictSame(parseMediaPlaylist(text), {
    ...{ targetMs: 2000, initUri: 'init-0.mp4', ended: false },
    segments: [
      { sequence: 41, uri: 'a-41.m4s', durationMs: 2000, startMs },
      { sequence: 43, uri: 'a-43.m4s', durationMs: 1500, startMs: undefined },
    ],
  });
  t.equal(parseMediaPlaylist(`${text}#EXT-X-ENDLIST\n`).ended, true);
});
