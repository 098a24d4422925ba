// A live HLS output in a real Chromium with hls.js: it plays, and gets over what happens to a live stream.
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { chromium, type Page } from 'playwright-core';
import t from 'tap';
import type { AccessUnit, AudioTrack, Track, VideoTrack } from '../../../core/access-unit.ts';
import { systemClock } from '../../../core/clock.ts';
import { silentLogger } from '../../../core/logger.ts';
import { createHlsOutput, type HlsOutput } from '../../../transcoder/hls/hls-output.ts';
import { FakeRendition } from '../../support/fake-rendition.ts';
import { serveHls } from '../../support/hls-server.ts';
import { encodeUnits } from '../../support/lavfi-units.ts';

const CLIP_S = 20;
const CHROMIUM_ARGS = [
  ...['--no-sandbox', '--disable-gpu', '--autoplay-policy=no-user-gesture-required'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];
const PAGE = `<video id="v" muted></video><script src="/hls.js"></script><script>
  const log = { fatal: [], errors: [], frags: [], levels: [] };
  const video = document.getElementById('v');
  const hls = new Hls({ liveSyncDurationCount: 3 });
  hls.on(Hls.Events.ERROR, (_, data) => (data.fatal ? log.fatal : log.errors).push(data.details));
  hls.on(Hls.Events.FRAG_BUFFERED, (_, { frag }) => log.frags.push(frag.type + frag.cc));
  hls.on(Hls.Events.MANIFEST_PARSED, (_, data) => {
    log.levels = data.levels.map((level) => level.height + ' ' + level.codecs);
    video.play();
  });
  hls.loadSource('/live/index.m3u8');
  hls.attachMedia(video);
  window.look = () => ({
    ...log, time: video.currentTime, date: hls.playingDate?.getTime() ?? 0, height: video.videoHeight,
    frames: video.getVideoPlaybackQuality().totalVideoFrames, audio: video.webkitAudioDecodedByteCount,
  });
</script>`;

interface Look {
  fatal: string[];
  errors: string[];
  frags: string[];
  levels: string[];
  time: number;
  date: number;
  height: number;
  frames: number;
  audio: number;
}

interface Clip {
  id: string;
  track: Track;
  units: readonly AccessUnit[];
}

async function encodeClips(): Promise<Clip[]> {
  const video = (size: string) => {
    const encoder = [
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      '-tune',
      'zerolatency',
      '-bf',
      '0',
      '-g',
      '30',
    ];
    return encodeUnits<VideoTrack>({ source: `testsrc2=size=${size}:rate=30`, encoder, seconds: CLIP_S });
  };
  const source = 'sine=frequency=440:sample_rate=48000';
  const [small, large, sound] = await Promise.all([
    video('320x180'),
    video('640x360'),
    encodeUnits<AudioTrack>({ source, encoder: ['-c:a', 'aac', '-ac', '2'], seconds: CLIP_S }),
  ]);
  return [
    { id: '180p', ...small },
    { id: '360p', ...large },
    { id: 'aac', ...sound },
  ];
}

/** Plays the clips over and over into renditions of an output, at the speed of the clock. */
class LiveFeed {
  readonly #output: HlsOutput;
  readonly #ports: { clip: Clip; port: FakeRendition; next: number; state: 'on' | 'off'; flagged: boolean }[];
  readonly #startUs = systemClock.nowUs() - 5_000_000;
  readonly #timer: NodeJS.Timeout;

  constructor(output: HlsOutput, clips: readonly Clip[]) {
    this.#output = output;
    this.#ports = clips.map((clip) => {
      const port = new FakeRendition(clip.id, clip.track);
      output.addRendition(port);
      return { clip, port, next: 0, state: 'on', flagged: true };
    });
    this.#timer = setInterval(() => this.#pump(), 20);
  }

  /** Publishing stops for all and goes on later, flagged. */
  pause(state: 'on' | 'off'): void {
    for (const each of this.#ports) Object.assign(each, { state, flagged: true });
  }

  /** Renditions vanish as with a transcoder that died, or open again. */
  restart(ids: readonly string[], state: 'on' | 'off'): void {
    for (const each of this.#ports.filter(({ clip }) => ids.includes(clip.id))) {
      if (state === 'off') each.port.close('transcoder died');
      else this.#output.addRendition(each.port);
      Object.assign(each, { state, flagged: true });
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #pump(): void {
    const now = systemClock.nowUs();
    for (const each of this.#ports) {
      for (;;) {
        const unit = this.#unitAt(each.clip, each.next);
        if (unit.dtsUs > now) break;
        each.next++;
        if (each.state === 'off') continue;
        each.port.write(each.flagged ? { ...unit, discontinuity: true } : unit);
        each.flagged = false;
      }
    }
  }

  #unitAt(clip: Clip, n: number): AccessUnit {
    const unit = clip.units[n % clip.units.length]!;
    const stepUs = clip.track.kind === 'video' ? 1e6 / 30 : 1024 / 0.048;
    const atUs = Math.round(this.#startUs + n * stepUs);
    return { ...unit, ptsUs: atUs, dtsUs: atUs, durationUs: 0 };
  }
}

/** Waits until the page's player satisfies `done`; fails with what it saw last. */
async function watch(page: Page, what: string, done: (look: Look) => boolean): Promise<Look> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const look = (await page.evaluate('window.look()')) as Look;
    if (look.fatal.length > 0) throw new Error(`${what}: fatal ${look.fatal}`);
    if (done(look)) return look;
    if (Date.now() > deadline) throw new Error(`${what}: still ${JSON.stringify(look)}`);
    await delay(100);
  }
}

t.test(
  'hls.js plays the live stream through a publisher that returns and a transcoder that restarts',
  async (t) => {
    const clips = await encodeClips();
    const hls = { segmentMs: 1000, partMs: 200, windowSegments: 8, graceMs: 20_000 };
    const output = createHlsOutput({ options: hls, logger: silentLogger });
    t.teardown(() => output.close('test over'));
    const feed = new LiveFeed(output, clips);
    t.teardown(() => feed.stop());
    const server = await serveHls((path) => output.resolve(path.replace(/^live\//, '')), {
      '': { type: 'text/html', body: PAGE },
      'hls.js': { type: 'text/javascript', body: await readFile('node_modules/hls.js/dist/hls.min.js') },
    });
    t.teardown(() => server.close());
    await output.waitUntilReady(AbortSignal.timeout(20_000));
    const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: CHROMIUM_ARGS });
    t.teardown(() => browser.close());
    const page = await browser.newPage();
    await page.goto(server.url);

    const playing = await watch(page, 'start', (look) => look.time > 0 && look.frames > 60 && look.audio > 0);
    t.equal(playing.levels.length, 2);
    t.match(playing.levels[0], /^180 avc1\.[0-9a-f]{6},mp4a\.40\.2$/);
    const behindMs = Date.now() - playing.date;
    t.ok(behindMs > 0 && behindMs < 10_000, `the playhead has a date, ${behindMs} ms ago`);

    feed.pause('off');
    await delay(3000);
    feed.pause('on');
    const back = await watch(page, 'publisher returns', (look) => look.frags.includes('main1'));
    const dateBack = systemClock.nowUs() / 1000;
    await watch(
      page,
      'plays what came after',
      (look) => look.date > dateBack && look.frames > back.frames + 60,
    );

    feed.restart(['180p', 'aac'], 'off');
    await delay(2000);
    feed.restart(['180p', 'aac'], 'on');
    const again = await watch(page, 'transcoder restarts', (look) => look.frags.includes('audio2'));
    const dateAgain = systemClock.nowUs() / 1000;
    const last = await watch(
      page,
      'plays on',
      (look) => look.date > dateAgain && look.frames > again.frames + 60,
    );
    t.ok(last.audio > again.audio, 'sound too');
    t.comment(`errors hls.js got over: ${[...new Set(last.errors)].join(', ') || 'none'}`);
    t.strictSame(last.fatal, []);
  },
);
