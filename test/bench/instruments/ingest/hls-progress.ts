// Reading what playlists say of progress.
import t from 'tap';
import {
  firstVariant,
  nextSequence,
  parseNextSequence,
  waitForPlaylist,
} from '../../../../bench/instruments/ingest/hls-progress.ts';

const MEDIA =
  '#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:7\n#EXTINF:2.000,\na.ts\n#EXT-X-DISCONTINUITY\n#EXTINF:2.0,\nb.ts\n';

t.test('the next segment is counted from the first one listed', async (t) => {
  t.equal(parseNextSequence(MEDIA), 9);
  t.equal(parseNextSequence('#EXTM3U\n#EXTINF:2,\na.ts\n'), 1);
});

t.test('a multivariant playlist leads to its first rendition', async (t) => {
  const text =
    '#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,URI="aac/i.m3u8"\n#EXT-X-STREAM-INF:BANDWIDTH=1\n720p/i.m3u8\n';
  t.equal(firstVariant(text), '720p/i.m3u8');
  t.equal(firstVariant(MEDIA), undefined);
});

t.test('a server that is not there has no playlist, and waiting for one ends', async (t) => {
  const url = 'http://127.0.0.1:9/x.m3u8';
  t.equal(await nextSequence(url), undefined);
  const { signal } = new AbortController();
  t.equal(await waitForPlaylist(url, { timeoutMs: 1, signal }), undefined);
  t.equal(await waitForPlaylist(url, { timeoutMs: 60_000, signal: AbortSignal.abort() }), undefined);
});
