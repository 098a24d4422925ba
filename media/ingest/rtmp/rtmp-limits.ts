// The bounds of the RTMP ingest: deadlines, sizes and counts, with their defaults.

/** Every bound of a connection and of the server. Times in ms, sizes in bytes. */
export interface RtmpLimits {
  /** From the accepted connection to the end of the handshake. */
  readonly handshakeTimeoutMs: number;
  /** From the handshake, or from the end of a publication, to a `publish`. */
  readonly publishTimeoutMs: number;
  /** How long admission may take. */
  readonly admitTimeoutMs: number;
  /** Longest silence of a publisher. */
  readonly stallTimeoutMs: number;
  /** How long a last status may take to get out before the socket is destroyed. */
  readonly flushTimeoutMs: number;
  readonly minChunkBytes: number;
  readonly maxChunkBytes: number;
  /** Largest audio, video or aggregate message of a publisher. */
  readonly maxMessageBytes: number;
  /** Largest command or data message, and the largest message of any kind before admission. */
  readonly maxCommandBytes: number;
  /** Chunk streams in use at once on a connection. */
  readonly maxChunkStreams: number;
  /** Memory of a connection's unfinished messages. */
  readonly maxBufferedBytes: number;
  /** What a connection may send before it has asked to publish. */
  readonly maxBytesBeforePublish: number;
  /** Answers waiting for a client that does not read. */
  readonly maxWriteBytes: number;
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
}

/** Defaults: generous to encoders in the field, small beside a server's memory. */
export const RTMP_LIMITS: RtmpLimits = {
  handshakeTimeoutMs: 5_000,
  publishTimeoutMs: 10_000,
  admitTimeoutMs: 10_000,
  stallTimeoutMs: 10_000,
  flushTimeoutMs: 1_000,
  minChunkBytes: 128,
  maxChunkBytes: 0xff_ffff,
  maxMessageBytes: 8 * 1024 * 1024,
  maxCommandBytes: 64 * 1024,
  maxChunkStreams: 32,
  maxBufferedBytes: 12 * 1024 * 1024,
  maxBytesBeforePublish: 256 * 1024,
  maxWriteBytes: 256 * 1024,
  maxConnections: 256,
  maxConnectionsPerAddress: 64,
};
