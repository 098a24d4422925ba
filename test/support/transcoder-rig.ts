// What transcoder tests share: encoded sources played into renditions in real time, a machine with room,
// and a stream that collects what is opened. No assertions.
import { spawnSync } from 'node:child_process';
import { EventEmitter } from 'node:events';
import type { AccessUnit, AudioTrack, Track, VideoTrack } from '../../core/access-unit.ts';
import { waitFor } from '../../core/lifecycle.ts';
import type { RenditionWriter } from '../../core/rendition.ts';
import { Rendition } from '../../media/stream/rendition.ts';
import { StdinMuxer } from '../../transcoder/cmaf/stdin-muxer.ts';
import type { LadderMachine, LadderSettings } from '../../transcoder/ladder/ladder-plan.ts';
import { type EncodedMedia, encodeUnits } from './lavfi-units.ts';

/** Small rungs, so that tests on few cores keep pace. */
export const SMALL_LADDER: LadderSettings = {
  rungs: [
    { name: '240p', height: 240, videoKbps: 400 },
    { name: '144p', height: 144, videoKbps: 200 },
  ],
  passthrough: 'auto',
  preset: 'ultrafast',
  audioKbps: 64,
};

/** A machine that carries everything. */
export const ROOMY: LadderMachine = {
  cores: 2,
  budget: 8,
  encoders: ['libx264', 'libopus', 'aac'],
  decoders: ['h264', 'hevc', 'libdav1d', 'aac', 'opus'],
};

/** x264 as OBS drives it: high profile, B-frames, a key frame every 250 frames. */
export const OBS_X264 = [
  '-c:v',
  'libx264',
  '-preset',
  'veryfast',
  '-profile:v',
  'high',
  '-g',
  '250',
  '-bf',
  '2',
];
/** x264 as a WebRTC-minded publisher drives it. */
export const PLAIN_X264 = ['-c:v', 'libx264', '-preset', 'veryfast', '-g', '30', '-bf', '0'];
/** AAC-LC, 48 kHz stereo. */
export const AAC = ['-c:a', 'aac', '-ar', '48000', '-ac', '2', '-b:a', '128k'];

/** A picture and its sound, times in microseconds from 0. */
export interface TestSource {
  readonly video?: EncodedMedia<VideoTrack>;
  readonly audio?: EncodedMedia<AudioTrack>;
}

/** Encodes a moving test picture (`size`, 30 fps) and a tone. */
export async function encodeSource(options: {
  seconds: number;
  size?: string;
  video?: readonly string[];
  audio?: readonly string[];
  /** Lavfi sources to encode instead. */
  picture?: string;
  sound?: string;
}): Promise<TestSource> {
  const { seconds, size = '426x240', video, audio } = options;
  const picture = { source: options.picture ?? `testsrc2=s=${size}:r=30`, seconds };
  const tone = { source: options.sound ?? 'sine=f=440:r=48000', seconds };
  const pixels = ['-pix_fmt', 'yuv420p'];
  return {
    ...(video && { video: await encodeUnits<VideoTrack>({ ...picture, encoder: [...video, ...pixels] }) }),
    ...(audio && { audio: await encodeUnits<AudioTrack>({ ...tone, encoder: audio }) }),
  };
}

interface PlayedUnit {
  readonly kind: 'video' | 'audio';
  readonly unit: AccessUnit;
}

/** Plays a source into two renditions as a live publisher would: in order, at the pace of its clock. */
export class LivePlayer {
  readonly video: Rendition | undefined;
  readonly audio: Rendition | undefined;
  readonly startUs: number;
  readonly #queue: PlayedUnit[];
  #timer: NodeJS.Timeout | undefined;

  constructor(source: TestSource, startUs = Date.now() * 1000) {
    this.startUs = startUs;
    const open = (id: string, track?: Track): Rendition | undefined =>
      track && new Rendition({ id, origin: 'source', track, gopCacheBytes: 1 << 25 });
    this.video = open('source-video', source.video?.track);
    this.audio = open('source-audio', source.audio?.track);
    const tag = (kind: 'video' | 'audio', units: readonly AccessUnit[] = []): PlayedUnit[] =>
      units.map((unit) => ({ kind, unit: shiftUnit(unit, startUs) }));
    this.#queue = [...tag('video', source.video?.units), ...tag('audio', source.audio?.units)].sort(
      (a, b) => a.unit.dtsUs - b.unit.dtsUs,
    );
  }

  /** Starts; what was not played yet goes on from here. */
  play(): this {
    const startedMs = performance.now();
    const firstUs = this.#queue[0]?.unit.dtsUs ?? 0;
    this.#timer = setInterval(() => this.writeUntil(firstUs + (performance.now() - startedMs) * 1000), 5);
    return this;
  }

  /** Writes all units up to a media time at once. */
  writeUntil(timeUs: number): void {
    while (this.#queue[0] && this.#queue[0].unit.dtsUs <= timeUs) {
      const next = this.#queue.shift();
      if (next) this[next.kind]?.write(next.unit);
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  close(): void {
    this.stop();
    this.video?.close('test over');
    this.audio?.close('test over');
  }
}

/** A unit moved in time. */
export function shiftUnit(unit: AccessUnit, byUs: number): AccessUnit {
  return { ...unit, ptsUs: unit.ptsUs + byUs, dtsUs: unit.dtsUs + byUs };
}

/** One opened rendition as a stream would see it. */
export interface Collected {
  track: Track;
  readonly units: AccessUnit[];
  closed: string | undefined;
}

/** A stream that keeps everything; `unit` is emitted with the rendition's id for waits. */
export class Collector extends EventEmitter {
  readonly renditions = new Map<string, Collected>();

  readonly open = (id: string, track: Track): RenditionWriter => {
    const collected: Collected = { track, units: [], closed: undefined };
    this.renditions.set(id, collected);
    this.emit('opened', id);
    return {
      setTrack: (next) => {
        collected.track = next;
      },
      write: (unit) => {
        collected.units.push(unit);
        this.emit('unit', id, unit);
      },
      close: (reason) => {
        collected.closed = reason;
      },
    };
  };

  unitsOf(id: string): AccessUnit[] {
    return this.renditions.get(id)?.units ?? [];
  }

  /** Waits until `id` has a unit at or after a media time. */
  async waitForTime(id: string, timeUs: number, timeoutMs = 15_000): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    while ((this.unitsOf(id).at(-1)?.ptsUs ?? Number.NEGATIVE_INFINITY) < timeUs) {
      await waitFor(this, 'unit', { timeoutMs: Math.max(1, Math.ceil(deadline - performance.now())) });
    }
  }
}

/** Media as ffmpeg is given it for checks: a track and its units. */
interface Checked {
  readonly track: Track;
  readonly units: readonly AccessUnit[];
}

/** Runs ffmpeg over tracks muxed together and returns what it says; `args` follow the input. */
export function inspect(
  tracks: readonly Checked[],
  args: readonly string[],
): { stdout: Buffer; stderr: string } {
  const find = <T extends Track>(kind: T['kind']): T | undefined =>
    tracks.find(({ track }) => track.kind === kind)?.track as T | undefined;
  const [video, audio] = [find<VideoTrack>('video'), find<AudioTrack>('audio')];
  const originUs = Math.min(...tracks.map(({ units }) => units[0]?.dtsUs ?? Number.POSITIVE_INFINITY));
  const muxer = new StdinMuxer({ ...(video && { video }), ...(audio && { audio }), originUs });
  const ordered = tracks
    .flatMap(({ track, units }) => units.map((unit) => ({ kind: track.kind, unit })))
    .sort((a, b) => a.unit.dtsUs - b.unit.dtsUs);
  const parts = ordered.map(({ kind, unit }) => muxer.write(kind, unit)).filter((part) => part !== undefined);
  const input = Buffer.concat([muxer.init(), ...parts]);
  const command = ['-hide_banner', '-nostats', '-copyts', '-f', 'mp4', '-i', 'pipe:0', ...args];
  const result = spawnSync('ffmpeg', command, { input, maxBuffer: 1 << 30 });
  return { stdout: result.stdout, stderr: result.stderr.toString() };
}

/** Decodes a track and counts its frames (audio: packets' frames); throws what the decoder complains of. */
export function countDecoded(checked: Checked): number {
  const { stdout, stderr } = inspect(
    [checked],
    ['-loglevel', 'error', '-f', 'framecrc', '-fps_mode', 'passthrough', '-'],
  );
  if (stderr.trim() !== '') throw new Error(stderr);
  return stdout
    .toString()
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#')).length;
}
