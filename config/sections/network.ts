// Settings of the listeners: HTTP, WebSocket, RTMP and WebRTC addresses and their limits. No defaults elsewhere.
import { z } from 'zod';

const host = z.string().min(1).max(255);
const port = z.int().min(0).max(65_535);

export const httpSection = z
  .strictObject({
    host: host.default('127.0.0.1').describe('Address to listen on; 0.0.0.0 or :: for every interface.'),
    port: port.default(8080).describe('TCP port; 0 takes a free one.'),
    publicUrl: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe('Address viewers use when it differs from the one listened on, for example behind a proxy.'),
    tls: z
      .strictObject({
        cert: z
          .string()
          .min(1)
          .optional()
          .describe('PEM file with the certificate chain; turns on TLS and HTTP/2.'),
        key: z.string().min(1).optional().describe('PEM file with the private key.'),
      })
      .prefault({})
      .describe('TLS of the HTTP listener; both files or none.'),
    trustedProxies: z
      .int()
      .min(0)
      .max(10)
      .default(0)
      .describe(
        'How many reverse proxies stand in front and append to X-Forwarded-For; 0 ignores the header.',
      ),
    maxBodyBytes: z.int().min(1024).max(16_777_216).default(131_072).describe('Largest request body, bytes.'),
    maxConnections: z.int().min(1).max(1_000_000).default(20_000).describe('Open TCP connections at once.'),
    requestTimeoutMs: z
      .int()
      .min(1000)
      .max(600_000)
      .default(30_000)
      .describe('Time a client has to send its whole request, ms.'),
    sendTimeoutMs: z
      .int()
      .min(1000)
      .max(3_600_000)
      .default(60_000)
      .describe(
        'Time a client has to take one HLS file, ms; then its connection is cut: the file is held for it meanwhile.',
      ),
  })
  .prefault({})
  .describe('HTTP: pages, API, WHEP, HLS and the WebSocket upgrade.');

export const wsSection = z
  .strictObject({
    maxConnections: z.int().min(1).max(1_000_000).default(10_000).describe('Open WebSockets at once.'),
    maxConnectionsPerAddress: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(1000)
      .describe('Open WebSockets from one address at once.'),
    maxFrameBytes: z
      .int()
      .min(1024)
      .max(1_048_576)
      .default(98_304)
      .describe('Largest message a client may send, bytes; an SDP offer must fit.'),
    helloTimeoutMs: z
      .int()
      .min(10)
      .max(120_000)
      .default(10_000)
      .describe('Time a new connection has to say hello, ms.'),
    heartbeatMs: z
      .int()
      .min(10)
      .max(600_000)
      .default(25_000)
      .describe('Interval of pings, ms; a connection that misses one whole interval is ended.'),
    pulseBufferedBytes: z
      .int()
      .min(0)
      .max(67_108_864)
      .default(65_536)
      .describe('Unsent bytes of one connection above which its pulse frames (totals) are skipped.'),
    chatBufferedBytes: z
      .int()
      .min(0)
      .max(67_108_864)
      .default(262_144)
      .describe('Unsent bytes of one connection above which its chat is thinned, with a gap event.'),
    maxBufferedBytes: z
      .int()
      .min(1024)
      .max(67_108_864)
      .default(1_048_576)
      .describe('Unsent bytes of one connection above which it is closed with 4008.'),
    maxCommandsPerSecond: z
      .int()
      .min(1)
      .max(10_000)
      .default(50)
      .describe('Commands of any kind one connection may send per second, as a sustained rate.'),
  })
  .prefault({})
  .describe('WebSocket connections of the interaction protocol.');

export const rtmpSection = z
  .strictObject({
    host: host.default('127.0.0.1').describe('Address to listen on.'),
    port: port.default(1935).describe('TCP port; 0 takes a free one.'),
    app: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,64}$/)
      .default('live')
      .describe('Application name in the URL: rtmp://HOST/APP.'),
    maxConnections: z.int().min(1).max(100_000).default(256).describe('Open connections at once.'),
    maxConnectionsPerAddress: z
      .int()
      .min(1)
      .max(100_000)
      .default(64)
      .describe('Open connections from one address at once.'),
    handshakeTimeoutMs: z
      .int()
      .min(100)
      .max(120_000)
      .default(5000)
      .describe('Time from connecting to a finished handshake, ms.'),
    publishTimeoutMs: z
      .int()
      .min(100)
      .max(120_000)
      .default(10_000)
      .describe('Time from the handshake to a publish command, ms.'),
    stallTimeoutMs: z
      .int()
      .min(100)
      .max(600_000)
      .default(10_000)
      .describe('Time without media after which a publisher is ended, ms.'),
    maxChunkBytes: z
      .int()
      .min(128)
      .max(16_777_215)
      .default(16_777_215)
      .describe('Largest chunk size a client may set, bytes.'),
    maxMessageBytes: z
      .int()
      .min(4096)
      .max(16_777_215)
      .default(8_388_608)
      .describe('Largest message, bytes; a key frame must fit.'),
    maxChunkStreams: z.int().min(4).max(65_599).default(32).describe('Chunk streams of one connection.'),
    maxBufferedBytes: z
      .int()
      .min(65_536)
      .max(268_435_456)
      .default(12_582_912)
      .describe('Bytes of unfinished messages one connection may hold.'),
  })
  .prefault({})
  .describe('RTMP and Enhanced RTMP ingest.');

export const webrtcSection = z
  .strictObject({
    host: host.default('127.0.0.1').describe('Address to listen on, UDP and TCP.'),
    port: port
      .default(44_444)
      .describe('Port of the first worker, UDP and TCP; worker n listens on port + n. 0 takes free ones.'),
    announcedAddress: z
      .string()
      .min(1)
      .max(255)
      .optional()
      .describe('Address or host name put into ICE candidates when viewers see another one than host.'),
    workers: z.int().min(0).max(128).default(0).describe('mediasoup worker processes; 0 takes one per core.'),
    maxSessions: z.int().min(1).max(100_000).default(2000).describe('Viewers over WebRTC at once.'),
    maxSessionsPerRoom: z
      .int()
      .min(1)
      .max(100_000)
      .default(1000)
      .describe('Viewers over WebRTC of one room.'),
    connectTimeoutMs: z
      .int()
      .min(100)
      .max(300_000)
      .default(30_000)
      .describe('Time a session has to become connected, ms.'),
    disconnectTimeoutMs: z
      .int()
      .min(1000)
      .max(300_000)
      .default(15_000)
      .describe('Time a session may stay without ICE consent before it is closed, ms.'),
    initialBitrateKbps: z
      .int()
      .min(100)
      .max(100_000)
      .default(1500)
      .describe('Bandwidth assumed for a viewer before the first estimate, kbit/s.'),
  })
  .prefault({})
  .describe('WebRTC playback (WHEP and the SDK).');
