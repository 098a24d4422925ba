// nginx-rtmp as the ingest benchmark drives it: takes a stream, offers a playlist, leaves nothing behind.
import { existsSync } from 'node:fs';
import t from 'tap';
import { waitForPlaylist } from '../../../bench/instruments/ingest/hls-progress.ts';
import { IngestLoad } from '../../../bench/instruments/ingest/ingest-load.ts';
import { findOrMakeClip } from '../../../bench/instruments/rtmp/source-clips.ts';
import { NginxRtmp, nginxRtmpConfig } from '../../../bench/rivals/nginx-rtmp.ts';
import { RIVALS } from '../../../bench/rivals/rivals.ts';

const TINY = { width: 160, height: 90, videoKbps: 100, sound: true } as const;
const missing = RIVALS.find(({ name }) => name === 'nginx-rtmp')?.findMissing();
const { signal } = new AbortController();

t.test('its configuration has one worker and our segment length', async (t) => {
  const place = { folder: '/a', hlsFolder: '/b', rtmpPort: 1, httpPort: 2 };
  const config = nginxRtmpConfig(place, false);
  t.match(config, /worker_processes 1;[\s\S]*hls_fragment 2s;[\s\S]*hls_playlist_length 16s;/);
  t.notMatch(config, /user root/);
  t.match(nginxRtmpConfig(place, true), /^user root;$/m);
});

t.test('a published stream gets a playlist', { skip: missing ?? false }, async (t) => {
  const clip = await findOrMakeClip({ kind: 'passthrough', ...TINY });
  const nginx = await NginxRtmp.start();
  {
    await using _ = nginx;
    await using load = await IngestLoad.start(nginx, clip, signal);
    const starts = await load.bringTo(1);
    t.same(starts.failures, []);
    t.equal(starts.toPlaylistMs.length, 1);
    t.equal(await nginx.findLive(), undefined);
    t.ok(nginx.pid > 0 && load.serverRssBytes() > 0);
    const [idle] = await nginx.open(1);
    t.equal(await waitForPlaylist(idle?.playlistUrl ?? '', { timeoutMs: 1, signal }), undefined);
  }
  t.throws(() => process.kill(nginx.pid, 0), { code: 'ESRCH' });
  t.notOk(nginx.folders.some((folder) => existsSync(folder)));
});
