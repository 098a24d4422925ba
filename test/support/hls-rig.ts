// An HLS output fed with real encoded media, for tests.
import type { AccessUnit, AudioTrack, VideoTrack } from '../../core/access-unit.ts';
import { silentLogger } from '../../core/logger.ts';
import { createHlsOutput } from '../../transcoder/hls/hls-output.ts';
import { FakeRendition } from './fake-rendition.ts';
import { encodeUnits } from './lavfi-units.ts';

/** Settings, start and length of the encoded media below. */
export const HLS = { segmentMs: 2000, partMs: 200, windowSegments: 30, graceMs: 60_000 };
export const START_US = 1_790_000_000_370_000;
export const SECONDS = 9;

async function encodeVideo(size: string, kbps: number, seconds = SECONDS) {
  const { track, units } = await encodeUnits<VideoTrack>({
    source: `testsrc2=size=${size}:rate=30`,
    encoder: [
      ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-bf', '0', '-g', '30'],
      ...['-b:v', `${kbps}k`],
    ],
    seconds,
    startUs: START_US,
  });
  return { track: { ...track, bitrateKbps: kbps }, units };
}

/** AAC of 44.1 kHz with times as RTMP gives them: whole milliseconds. */
async function encodeAudio(seconds = SECONDS) {
  const { track, units } = await encodeUnits<AudioTrack>({
    source: 'sine=frequency=440:sample_rate=44100',
    encoder: ['-c:a', 'aac', '-ac', '2', '-b:a', '96k'],
    seconds,
    startUs: START_US,
  });
  const rounded = units.map((unit) => {
    const ptsUs = Math.round(unit.ptsUs / 1000) * 1000;
    return { ...unit, ptsUs, dtsUs: ptsUs, durationUs: 0 };
  });
  return { track, units: rounded };
}

/** Two pictures and a sound, encoded once for every test of the file. */
export const [small, large, sound] = await Promise.all([
  encodeVideo('320x180', 300),
  encodeVideo('640x360', 700),
  encodeAudio(),
]);

/** An output with the renditions asked for; ends with the test. */
export function setUp(
  t: { teardown(handler: () => void): void },
  parts: { video?: boolean; audio?: boolean; hls?: Partial<typeof HLS> } = {},
) {
  const { video = true, audio = true, hls = {} } = parts;
  const output = createHlsOutput({ options: { ...HLS, ...hls }, logger: silentLogger });
  t.teardown(() => output.close('test over'));
  const ports = {
    ...(video
      ? { '180p': new FakeRendition('180p', small.track), '360p': new FakeRendition('360p', large.track) }
      : {}),
    ...(audio ? { aac: new FakeRendition('aac', sound.track) } : {}),
  } as Record<'180p' | '360p' | 'aac', FakeRendition>;
  for (const port of Object.values(ports)) output.addRendition(port);
  return { output, ports };
}

/** Writes media in time order, as a stream would. */
export function feed(ports: Record<string, FakeRendition>, fromS = 0, untilS = SECONDS + 1): void {
  const sources: Record<string, readonly AccessUnit[]> = {
    '180p': small.units,
    '360p': large.units,
    aac: sound.units,
  };
  const all = Object.entries(ports).flatMap(([id, port]) =>
    (sources[id] ?? []).map((unit) => ({ port, unit })),
  );
  const from = START_US + fromS * 1e6;
  const until = START_US + untilS * 1e6;
  for (const { port, unit } of all.sort((a, b) => a.unit.dtsUs - b.unit.dtsUs)) {
    if (unit.dtsUs >= from && unit.dtsUs < until) port.write(unit);
  }
}

/** The body of a resource as text; empty when there is none. */
export function text(resource: { readonly body: Buffer } | undefined): string {
  return resource?.body.toString() ?? '';
}
