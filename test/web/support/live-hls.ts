// A live HLS stream as a player meets it: real ffmpeg, two variants with sound apart, 1 s segments, PROGRAM-DATE-TIME.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from './eventually.ts';

const LADDER = '[0:v]split[a][b];[b]scale=160:90[small]';
const VIDEO = '-c:v libx264 -preset ultrafast -tune zerolatency -pix_fmt yuv420p -g 15';
const HLS =
  '-f hls -hls_time 1 -hls_list_size 8 -hls_segment_type fmp4 -hls_flags program_date_time+delete_segments';

/** Encodes into `folder` (`index.m3u8`) until {@link LiveHls.stop}. */
export class LiveHls {
  readonly #ffmpeg: ChildProcess;

  private constructor(ffmpeg: ChildProcess) {
    this.#ffmpeg = ffmpeg;
  }

  /** Resolves once there is something to play. */
  static async start(folder: string): Promise<LiveHls> {
    const input = '-re -f lavfi -i testsrc2=size=320x180:rate=15 -re -f lavfi -i sine=frequency=300';
    const maps = '-map [a] -map [small] -map 1:a';
    const audio = '-c:a aac -b:a 64k';
    const names = ['-master_pl_name', 'index.m3u8', '-hls_segment_filename', join(folder, '%v-%d.m4s')];
    const args = [
      ...`-loglevel error ${input} -filter_complex ${LADDER} ${maps} ${VIDEO} -b:v:0 300k -b:v:1 100k ${audio}`.split(
        ' ',
      ),
      ...HLS.split(' '),
      ...names,
      '-hls_fmp4_init_filename',
      'init-%v.mp4',
      '-var_stream_map',
      'v:0,agroup:sound v:1,agroup:sound a:0,agroup:sound,default:yes',
      join(folder, '%v.m3u8'),
    ];
    const ffmpeg = spawn('ffmpeg', args, { stdio: ['ignore', 'ignore', 'inherit'] });
    const live = new LiveHls(ffmpeg);
    const exists = (name: string) =>
      access(join(folder, name)).then(
        () => true,
        () => false,
      );
    await eventually(async () => (await exists('index.m3u8')) && (await exists('0-2.m4s')), {
      what: 'the first segments of ffmpeg',
      timeoutMs: 30_000,
    });
    return live;
  }

  async stop(): Promise<void> {
    if (this.#ffmpeg.exitCode !== null) return;
    this.#ffmpeg.kill('SIGKILL');
    await once(this.#ffmpeg, 'exit');
  }
}
