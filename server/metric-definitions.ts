// Every metric of the server's own: name, meaning and where its values are read. metrics.ts serves them and
// docs/METRICS.md lists them, both from this table.
import type { DurationCounts } from './durations.ts';
import type { LiveRoomDescription } from './live/live-port.ts';
import type { MediaFigures } from './media-plane.ts';
import type { PresenceCounts } from './rooms/presence.ts';
import type { LabelledCounts, Tally } from './tally.ts';

/** What a scrape reads. */
export interface MetricsSnapshot {
  readonly streams: readonly LiveRoomDescription[];
  readonly media: MediaFigures;
  readonly presence: readonly PresenceCounts[];
  readonly rooms: { readonly known: number; readonly open: number };
  readonly websocket: { readonly connections: number; readonly bufferedBytes: number };
  readonly eventLoop: { readonly p50S: number; readonly p99S: number; readonly maxS: number };
  readonly tally: Tally;
}

/** One value under its labels; of a histogram, `suffix` says which of its values. */
export interface Sample {
  readonly suffix?: '_bucket' | '_sum' | '_count';
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface MetricDefinition {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels?: readonly string[];
  read(snapshot: MetricsSnapshot): readonly Sample[];
}

export const metricDefinitions: readonly MetricDefinition[] = [
  {
    name: 'barrage_streams',
    type: 'gauge',
    help: 'Streams by state: live, or interrupted and waiting for the publisher to come back.',
    labels: ['state'],
    read: ({ streams }) =>
      ['live', 'interrupted'].map((state) => ({
        labels: { state },
        value: streams.filter((stream) => stream.state === state).length,
      })),
  },
  {
    name: 'barrage_rendition_bitrate_bps',
    type: 'gauge',
    help: 'Bit rate of each rendition as written over the last seconds.',
    labels: ['room', 'rendition', 'kind', 'origin'],
    read: ({ streams }) =>
      streams.flatMap(({ room, renditions }) =>
        renditions.map(({ id, kind, origin, bitrateBps }) => ({
          labels: { room, rendition: id, kind, origin },
          value: bitrateBps,
        })),
      ),
  },
  {
    name: 'barrage_transcoder_speed',
    type: 'gauge',
    help: 'Speed of the ffmpeg of a stream; 1 is real time, less means that it falls behind.',
    labels: ['room'],
    read: ({ streams }) => readTranscoder(streams, 'speed'),
  },
  {
    name: 'barrage_transcoder_restarts',
    type: 'gauge',
    help: 'Times the ffmpeg of a stream was restarted since the stream began.',
    labels: ['room'],
    read: ({ streams }) => readTranscoder(streams, 'restarts'),
  },
  {
    name: 'barrage_viewers',
    type: 'gauge',
    help: 'Viewers by transport. A viewer with two transports counts under both.',
    labels: ['transport'],
    read: ({ presence, media }) => [
      { labels: { transport: 'webrtc' }, value: media.webrtc.sessions },
      { labels: { transport: 'websocket' }, value: sum(presence, (counts) => counts.websocket) },
      { labels: { transport: 'hls' }, value: sum(presence, (counts) => counts.hls) },
    ],
  },
  {
    name: 'barrage_bytes_sent_total',
    type: 'counter',
    help: 'Bytes sent to viewers: webrtc, websocket, hls.',
    labels: ['kind'],
    read: ({ tally, media }) => [
      { labels: { kind: 'webrtc' }, value: media.webrtc.bytesSent },
      ...readCounts(tally.bytesOut, 'kind'),
    ],
  },
  {
    name: 'barrage_room_events_total',
    type: 'counter',
    help: 'Events published in rooms, by type and lane.',
    labels: ['type', 'lane'],
    read: ({ tally }) => readCounts(tally.events, 'type', 'lane'),
  },
  {
    name: 'barrage_chat_thinned_total',
    type: 'counter',
    help: 'Chat events left out, with a gap event: by the room under overload, or for one slow connection.',
    labels: ['scope'],
    read: ({ tally }) => readCounts(tally.thinned, 'scope'),
  },
  {
    name: 'barrage_command_seconds',
    type: 'histogram',
    help: 'Time from the frame of a command to its reply, of those answered with a result, by method.',
    labels: ['method'],
    read: ({ tally }) => tally.commands.entries().flatMap(readDurations),
  },
  {
    name: 'barrage_refusals_total',
    type: 'counter',
    help: 'Requests (http) and commands (session) refused, by error code.',
    labels: ['surface', 'code'],
    read: ({ tally }) => readCounts(tally.refusals, 'surface', 'code'),
  },
  {
    name: 'barrage_websocket_closes_total',
    type: 'counter',
    help: 'WebSockets closed by the server, by close code.',
    labels: ['code'],
    read: ({ tally }) => readCounts(tally.closes, 'code'),
  },
  {
    name: 'barrage_websocket_connections',
    type: 'gauge',
    help: 'Open WebSockets.',
    read: ({ websocket }) => [{ value: websocket.connections }],
  },
  {
    name: 'barrage_websocket_buffered_bytes',
    type: 'gauge',
    help: 'Bytes waiting to be sent on all WebSockets together.',
    read: ({ websocket }) => [{ value: websocket.bufferedBytes }],
  },
  {
    name: 'barrage_rooms',
    type: 'gauge',
    help: 'Rooms: known to the server, and open because somebody is or was there lately.',
    labels: ['state'],
    read: ({ rooms }) => [
      { labels: { state: 'known' }, value: rooms.known },
      { labels: { state: 'open' }, value: rooms.open },
    ],
  },
  {
    name: 'barrage_rtmp_connections',
    type: 'gauge',
    help: 'Open RTMP connections, and how many of them publish.',
    labels: ['state'],
    read: ({ media }) => [
      { labels: { state: 'open' }, value: media.rtmp.open },
      { labels: { state: 'publishing' }, value: media.rtmp.publishing },
    ],
  },
  {
    name: 'barrage_rtmp_accepted_total',
    type: 'counter',
    help: 'RTMP connections accepted.',
    read: ({ media }) => [{ value: media.rtmp.accepted }],
  },
  {
    name: 'barrage_rtmp_closed_total',
    type: 'counter',
    help: 'RTMP connections closed, by reason.',
    labels: ['reason'],
    read: ({ media }) =>
      Object.entries(media.rtmp.closed).map(([reason, value]) => ({ labels: { reason }, value })),
  },
  {
    name: 'barrage_rtmp_bytes_received_total',
    type: 'counter',
    help: 'Bytes received over RTMP.',
    read: ({ media }) => [{ value: media.rtmp.bytesIn }],
  },
  {
    name: 'barrage_webrtc_workers',
    type: 'gauge',
    help: 'Running mediasoup workers.',
    read: ({ media }) => [{ value: media.webrtc.workers }],
  },
  {
    name: 'barrage_webrtc_workers_died_total',
    type: 'counter',
    help: 'mediasoup workers that died and were replaced.',
    read: ({ media }) => [{ value: media.webrtc.workersDied }],
  },
  {
    name: 'barrage_event_loop_delay_seconds',
    type: 'gauge',
    help: 'Delay of the event loop since the last scrape: median, 99th percentile, longest.',
    labels: ['quantile'],
    read: ({ eventLoop }) => [
      { labels: { quantile: '0.5' }, value: eventLoop.p50S },
      { labels: { quantile: '0.99' }, value: eventLoop.p99S },
      { labels: { quantile: '1' }, value: eventLoop.maxS },
    ],
  },
];

function readTranscoder(streams: readonly LiveRoomDescription[], field: 'speed' | 'restarts'): Sample[] {
  return streams.flatMap(({ room, transcoder }) => {
    const value = transcoder?.[field];
    return typeof value === 'number' ? [{ labels: { room }, value }] : [];
  });
}

/** `le` is the bucket's upper bound, as Prometheus wants it. */
function readDurations({ label, buckets, count, sumS }: DurationCounts): Sample[] {
  const method = label;
  return [
    ...buckets.map(({ upToS, count }) => ({
      ...{ suffix: '_bucket' as const, labels: { method, le: String(upToS) } },
      value: count,
    })),
    { suffix: '_bucket', labels: { method, le: '+Inf' }, value: count },
    { suffix: '_sum', labels: { method }, value: sumS },
    { suffix: '_count', labels: { method }, value: count },
  ];
}

function readCounts(counts: LabelledCounts, first: string, second?: string): Sample[] {
  return counts.entries().map(({ labels, value }) => ({
    labels: second === undefined ? { [first]: labels[0] } : { [first]: labels[0], [second]: labels[1] },
    value,
  }));
}

function sum<T>(items: readonly T[], read: (item: T) => number): number {
  return items.reduce((total, item) => total + read(item), 0);
}

/** `docs/METRICS.md`. */
export function renderMetricsReference(): string {
  const rows = metricDefinitions.map(({ name, type, labels, help }) => {
    const cells = [`\`${name}\``, type, (labels ?? []).map((label) => `\`${label}\``).join(', '), help];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    '# Metrics',
    '',
    'Generated from `server/metric-definitions.ts` by `scripts/generate-docs.ts`; a test fails when they differ.',
    '',
    '`GET /metrics` answers in the text format of Prometheus. Beside those below there are the usual `process_*`',
    'and `nodejs_*` metrics of the Node process.',
    '',
    '| metric | type | labels | meaning |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}
