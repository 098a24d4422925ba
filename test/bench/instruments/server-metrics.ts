// Figures read from the text format of Prometheus.
import t from 'tap';
import { ServerMetrics } from '../../../bench/instruments/server-metrics.ts';

const TEXT = `# HELP barrage_viewers Viewers by transport.
# TYPE barrage_viewers gauge
barrage_viewers{transport="webrtc"} 3
barrage_viewers{transport="hls"} 4
barrage_viewers_more 100
barrage_event_loop_delay_seconds{quantile="1"} 0.0125
process_resident_memory_bytes 1.5e8
`;

t.test('values are found by name and labels, and added up over labels', async (t) => {
  const metrics = ServerMetrics.parse(TEXT);
  t.equal(metrics.find('barrage_viewers{transport="hls"}'), 4);
  t.equal(metrics.find('process_resident_memory_bytes'), 150_000_000);
  t.equal(metrics.find('barrage_viewers'), undefined);
  t.equal(metrics.sum('barrage_viewers'), 7);
  t.equal(metrics.eventLoopMaxMs, 12.5);
});
