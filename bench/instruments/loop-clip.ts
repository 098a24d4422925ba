// A short clip encoded once, to be published again and again without an encoder's CPU: H.264 without B-frames,
// a key frame a second, constant bit rate, one slice a picture, noise in it so that no two are alike. No sound.
// MPEG-TS, whose Annex B stream ffmpeg turns into both FLV and RTP without an encoder.
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

export interface LoopClipOptions {
  readonly width: number;
  readonly height: number;
  readonly bitrateKbps: number;
  /** Length of the loop, s. */
  readonly seconds: number;
  readonly signal: AbortSignal;
}

const FPS = 30;

/** Encodes the clip into the folder; returns its path. Throws with what ffmpeg said when it cannot. */
export async function encodeLoopClip(folder: string, options: LoopClipOptions): Promise<string> {
  const file = path.join(folder, 'clip.ts');
  const size = `${options.width}x${options.height}`;
  const rate = `${options.bitrateKbps}k`;
  const run = promisify(execFile);
  await run(
    'ffmpeg',
    [
      ...['-v', 'error', '-nostdin', '-f', 'lavfi'],
      ...['-i', `testsrc2=size=${size}:rate=${FPS},noise=alls=12:allf=t`, '-t', String(options.seconds)],
      ...['-c:v', 'libx264', '-preset', 'superfast', '-tune', 'zerolatency', '-threads', '1'],
      ...[
        '-bf',
        '0',
        '-g',
        String(FPS),
        '-pix_fmt',
        'yuv420p',
        '-b:v',
        rate,
        '-minrate',
        rate,
        '-maxrate',
        rate,
      ],
      // A fifth of a second of buffer: key frames a little larger than the rest, as a live encoder makes them.
      ...['-bufsize', `${Math.round(options.bitrateKbps / 5)}k`, '-f', 'mpegts', file],
    ],
    { signal: options.signal },
  );
  return file;
}
