// A process that runs one ffmpeg job for ever and prints ffmpeg's pid: for a test that kills it.
import { silentLogger } from '../../core/logger.ts';
import { FfmpegJob } from '../../transcoder/ffmpeg/ffmpeg-job.ts';
import { planLadder } from '../../transcoder/ladder/ladder-plan.ts';
import { toLadderSource } from '../../transcoder/ladder/ladder-source.ts';
import { encodeSource, PLAIN_X264, ROOMY, SMALL_LADDER } from './transcoder-rig.ts';

const { video } = await encodeSource({ seconds: 1, video: PLAIN_X264 });
if (video === undefined) throw new Error('no test source');
const observed = {
  video: { track: video.track, hasBFrames: false, gopMs: 0, frameRate: 30 },
  audio: undefined,
};
const job = new FfmpegJob({
  path: 'ffmpeg',
  plan: planLadder(toLadderSource(observed), ROOMY, { ...SMALL_LADDER, passthrough: 'never' }),
  video: video.track,
  audio: undefined,
  startUs: 0,
  stallTimeoutMs: 60_000,
  logger: silentLogger,
});
job.once('unit', () => process.stdout.write(`${job.pid}\n`));
for (const unit of video.units) job.write('video', unit, 'backlog');
setInterval(() => undefined, 60_000);
