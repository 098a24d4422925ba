// Makes the media plane of a server from its configuration: workers, ffmpeg, RTMP, and the rooms on them.
import { availableParallelism } from 'node:os';
import type { Config } from '../../config/schema.ts';
import type { AudioTrack, VideoTrack } from '../../core/access-unit.ts';
import { BarrageError } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import { createRtmpServer, type RtmpServer } from '../../media/ingest/rtmp/rtmp-server.ts';
import { createWebRtcPlane, type WebRtcPlane } from '../../media/webrtc/webrtc-plane.ts';
import { type FfmpegInfo, probeFfmpeg } from '../../transcoder/ffmpeg/ffmpeg-probe.ts';
import { sweepSocketFolders } from '../../transcoder/ffmpeg/output-sockets.ts';
import { LadderAdmission } from '../../transcoder/ladder/admission.ts';
import type { PublisherDirectory } from '../media-plane.ts';
import { LiveService } from './live-service.ts';

/** Bound of the source's group of pictures in memory: eight seconds of a 12 Mbit/s source. */
const GOP_CACHE_BYTES = 12 * 1024 * 1024;

export interface CreateLiveOptions {
  readonly config: Config;
  readonly directory: PublisherDirectory;
  readonly logger: Logger;
}

/** The running media plane. `close` ends publishers, viewers, ffmpegs and workers. */
export interface Live {
  readonly service: LiveService;
  readonly rtmp: RtmpServer;
  readonly webrtc: WebRtcPlane;
  readonly ffmpeg: FfmpegInfo;
  readonly admission: LadderAdmission;
  /** Stops taking publishers; those there go on until `close`. */
  drain(): void;
  close(reason: string): Promise<void>;
}

/**
 * Starts the media plane; what was started is stopped again when a later part fails.
 * @throws BarrageError `CONFLICT` for a taken port, `UNAVAILABLE` for a missing ffmpeg or worker.
 */
export async function createLive({ config, directory, logger }: CreateLiveOptions): Promise<Live> {
  await using undo = new AsyncDisposableStack();
  const ffmpeg = await probeFfmpeg({ path: config.transcoder.ffmpegPath });
  for (const part of ffmpeg.missing) logger.warn({ ...part }, 'ffmpeg lacks a part');
  await sweepSocketFolders();
  const admission = new LadderAdmission({
    cores: availableParallelism(),
    maxCores: config.ladder.maxCores,
  });
  const webrtc = await createWebRtcPlane(webRtcOptions(config, logger));
  undo.defer(() => webrtc.close('start failed'));
  const service = new LiveService({
    directory,
    logger,
    room: {
      ...roomOptions(config, ffmpeg),
      runner: { ffmpeg, admission, ...ladderSettings(config) },
      plane: webrtc,
    },
  });
  const rtmp = await createRtmpServer({
    host: config.rtmp.host,
    port: config.rtmp.port,
    app: config.rtmp.app,
    limits: rtmpLimits(config),
    admit: (request, session) => service.admit(request, session),
    logger,
  });
  undo.move();
  return { service, rtmp, webrtc, ffmpeg, admission, ...endings({ service, rtmp, webrtc }) };
}

function endings({ service, rtmp, webrtc }: Pick<Live, 'service' | 'rtmp' | 'webrtc'>) {
  return {
    drain(): void {
      service.drain();
      // Resolves with the last publisher, which `close` sees to.
      void rtmp.drain();
    },
    async close(reason: string): Promise<void> {
      await Promise.all([rtmp.close(reason), service.close(reason)]);
      await webrtc.close(reason);
    },
  };
}

function webRtcOptions(config: Config, logger: Logger) {
  const { host, port, announcedAddress, workers, maxSessions } = config.webrtc;
  return {
    host,
    port,
    announcedAddress,
    workers: workers || undefined,
    maxSessions,
    logger,
    roomLimits: {
      maxSessions: config.webrtc.maxSessionsPerRoom,
      connectMs: config.webrtc.connectTimeoutMs,
      interruptedMs: config.webrtc.disconnectTimeoutMs,
      startBitrateBps: config.webrtc.initialBitrateKbps * 1000,
    },
  };
}

function rtmpLimits({ rtmp }: Config) {
  const { handshakeTimeoutMs, publishTimeoutMs, stallTimeoutMs, maxChunkBytes, maxMessageBytes } = rtmp;
  const { maxChunkStreams, maxBufferedBytes, maxConnections, maxConnectionsPerAddress } = rtmp;
  return {
    ...{ handshakeTimeoutMs, publishTimeoutMs, stallTimeoutMs, maxChunkBytes, maxMessageBytes },
    ...{ maxChunkStreams, maxBufferedBytes, maxConnections, maxConnectionsPerAddress },
  };
}

function roomOptions(config: Config, ffmpeg: FfmpegInfo) {
  return {
    stream: {
      graceMs: config.stream.graceMs,
      secondPublisher: config.stream.takeover ? ('takeover' as const) : ('refuse' as const),
      gopCacheBytes: GOP_CACHE_BYTES,
      assertUsable: (track: VideoTrack | AudioTrack) => assertDecodable(track, ffmpeg),
    },
    hls: { ...config.hls, graceMs: config.stream.graceMs },
  };
}

function ladderSettings(config: Config) {
  const { rungs, passthrough, preset, audioKbps, opus } = config.ladder;
  const { stallTimeoutMs, restartMinMs, restartMaxMs } = config.transcoder;
  return {
    ladder: { rungs, passthrough, preset, audioKbps, opus },
    transcoder: { stallTimeoutMs, restartMinMs, restartMaxMs },
  };
}

const DECODERS: Readonly<Record<string, readonly string[]>> = {
  hevc: ['hevc'],
  av1: ['libdav1d', 'libaom-av1', 'av1'],
  vp8: ['vp8', 'libvpx'],
  vp9: ['vp9', 'libvpx-vp9'],
  opus: ['opus', 'libopus'],
};

/** H.264 and AAC play even without a decoder, passed through; everything else must be decoded. */
function assertDecodable(track: VideoTrack | AudioTrack, ffmpeg: FfmpegInfo): void {
  const names = DECODERS[track.codec];
  if (!names || names.some((name) => ffmpeg.decoders.includes(name))) return;
  throw new BarrageError(
    'UNSUPPORTED_MEDIA',
    `${track.codec} cannot be transcoded here: ffmpeg ${ffmpeg.version} has none of ${names.join(', ')}`,
  );
}
