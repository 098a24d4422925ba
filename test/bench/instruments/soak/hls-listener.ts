// A player's buffer on made-up arrivals, and playlists as the server writes them.
import t from 'tap';
import { PlayBuffer } from '../../../../bench/instruments/soak/hls-listener.ts';
import { readSegments, readVariants } from '../../../../bench/instruments/soak/media-playlist.ts';

const MULTIVARIANT = `#EXTM3U
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="sound",DEFAULT=YES,URI="audio/index.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=960000,AUDIO="audio"
source/index.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=500000,AUDIO="audio"
360p/index.m3u8
`;

const MEDIA = `#EXTM3U
#EXT-X-TARGETDURATION:2
#EXT-X-PROGRAM-DATE-TIME:2026-11-23T09:00:00.000Z
#EXTINF:2.000000,
1.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-11-23T09:00:02.000Z
#EXTINF:1.500000,
2.m4s
`;

t.test('the first variant and its sound are followed', async (t) => {
  t.same(readVariants(MULTIVARIANT), ['source/index.m3u8', 'audio/index.m3u8']);
  t.same(readVariants(''), []);
});

t.test('segments have their length and media time', async (t) => {
  const start = Date.UTC(2026, 10, 23, 9);
  t.same(readSegments(MEDIA), [
    { uri: '1.m4s', durationMs: 2000, programDateMs: start },
    { uri: '2.m4s', durationMs: 1500, programDateMs: start + 2000 },
  ]);
});

t.test('segments in time play without a stall; a late one stalls for as long as it is late', async (t) => {
  const counts = { stalls: 0, stalledMs: 0 };
  const buffer = new PlayBuffer(counts);
  for (let index = 0; index < 3; index++) buffer.add(2000, 0);
  for (let index = 1; index < 10; index++) buffer.add(2000, index * 2000);
  t.same(counts, { stalls: 0, stalledMs: 0 });
  // 12 segments of 2 s that began to play at 0 are over at 24 s.
  buffer.add(2000, 24_700);
  t.same(counts, { stalls: 1, stalledMs: 700 });
  buffer.add(2000, 26_000);
  t.same(counts, { stalls: 1, stalledMs: 700 });
});
