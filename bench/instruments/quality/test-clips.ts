// Pictures to be encoded, made by ffmpeg's own sources from fixed seeds: the same on every machine and free of
// anybody's rights. They are no camera's: absolute qualities say little, the comparison of encoders is the use.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

export const CLIP_FPS = 30;
const WIDTH = 1280;
const HEIGHT = 720;

/** `figure`: a textured shape before a background that pans, as a person does. `graphics`: sharp edges, a zoom. */
export const CLIP_NAMES = ['figure', 'graphics'] as const;
export type ClipName = (typeof CLIP_NAMES)[number];

export interface ClipRequest {
  readonly name: ClipName;
  readonly seconds: number;
  /** Of the result, even; 16:9. Made at 720 lines and scaled as the ladder scales. */
  readonly height: number;
  /** Where the raw pictures go (YUV4MPEG2). */
  readonly file: string;
  readonly signal: AbortSignal;
}

/** Makes a clip: raw pictures, 41 MB a second at 720 lines. */
export async function makeTestClip({ name, seconds, height, file, signal }: ClipRequest): Promise<void> {
  const width = 2 * Math.round((height * WIDTH) / HEIGHT / 2);
  const graph = `${GRAPHS[name]},scale=${width}:${height}:flags=bilinear,format=yuv420p[out]`;
  const args = ['-v', 'error', '-y', '-filter_complex', graph, '-map', '[out]', '-t', String(seconds), file];
  await run('ffmpeg', args, { signal });
}

/** One picture of a colour with grain, enlarged so that the grain becomes texture, and repeated. */
function texture(texture: {
  readonly color: string;
  readonly size: string;
  readonly grain: number;
  readonly seed: number;
  readonly scaleTo: string;
}): string {
  const { color, size, grain, seed, scaleTo } = texture;
  const picture = `color=c=${color}:s=${size}:r=${CLIP_FPS}:d=0.04,format=yuv420p`;
  return `${picture},noise=c0s=${grain}:c0_seed=${seed},scale=${scaleTo}:flags=bicubic`;
}

/** Three sizes of texture together have detail at every scale, as pictures of the world do. */
const BACKGROUND = [
  { color: '0x707a80', size: '1600x900', grain: 18, seed: 11 },
  { color: '0x907868', size: '320x180', grain: 55, seed: 12 },
  { color: '0x586880', size: '40x24', grain: 90, seed: 13 },
].map((layer, index) => `${texture({ ...layer, scaleTo: '1600:900' })},loop=-1:1[b${index}]`);
const PAN = `crop=${WIDTH}:${HEIGHT}:x='160+150*sin(0.9*t)':y='90+80*sin(0.7*t)'`;
const SKIN = texture({ color: '0xb08868', size: '90x108', grain: 45, seed: 21, scaleTo: '400:480' });
const OVAL = "a='255*lte(pow((X-200)/190,2)+pow((Y-240)/230,2),1)'";

const GRAPHS: Readonly<Record<ClipName, string>> = {
  figure: [
    ...BACKGROUND,
    `[b0][b1][b2]mix=inputs=3:weights='1 2 4':scale=0.143,${PAN}[background]`,
    `${SKIN},format=yuva420p,geq=lum='lum(X,Y)':cb='cb(X,Y)':cr='cr(X,Y)':${OVAL},loop=-1:1[figure]`,
    "[background][figure]overlay=x='440+70*sin(2.1*t)':y='150+25*sin(5*t)'",
  ].join(';'),
  graphics: [
    `testsrc2=s=${WIDTH}x${HEIGHT}:r=${CLIP_FPS}[plane]`,
    `mandelbrot=s=480x360:r=${CLIP_FPS}:start_scale=1.2:end_scale=0.1:maxiter=200[zoom]`,
    "[plane][zoom]overlay=x='400+mod(n*4,400)':y='180+60*sin(1.5*t)'",
  ].join(';'),
};
