// What the composition root needs of the media plane as a whole: the rooms' port, its state for metrics and
// readiness, and its end. server/wire-media.ts makes the real one; tests hand in a fake.
import type { Config } from '../config/schema.ts';
import type { Logger } from '../core/logger.ts';
import type { LivePort } from './live/live-port.ts';

/** Figures of the media plane that belong to no room. */
export interface MediaFigures {
  readonly rtmp: {
    readonly open: number;
    readonly publishing: number;
    readonly accepted: number;
    readonly bytesIn: number;
    /** Connections closed, by reason. */
    readonly closed: Readonly<Record<string, number>>;
  };
  readonly webrtc: {
    readonly sessions: number;
    readonly bytesSent: number;
    readonly workers: number;
    readonly workersDied: number;
  };
}

/** A running media plane. */
export interface MediaPlane {
  readonly live: LivePort;
  /** Port RTMP listens on. */
  readonly rtmpPort: number;
  figures(): MediaFigures;
  /** What keeps it from taking publishers and viewers; empty when nothing does. */
  notReady(): readonly string[];
  /** Stops taking publishers; those there go on until `close`. */
  drain(): void;
  /** Ends publishers, viewers and child processes. Idempotent. */
  close(reason: string): Promise<void>;
}

/** Which room a stream key opens. */
export interface PublisherDirectory {
  findByStreamKey(streamKey: string): { readonly id: string } | undefined;
}

export interface MediaPlaneOptions {
  readonly config: Config;
  readonly logger: Logger;
  readonly directory: PublisherDirectory;
}

/**
 * Starts a media plane.
 * @throws BarrageError when a port is taken or ffmpeg or the worker is missing.
 */
export type CreateMediaPlane = (options: MediaPlaneOptions) => Promise<MediaPlane>;
