// Metrics in Prometheus's format, read at scrape time from a snapshot. The only importer of prom-client; it uses a
// registry of its own, never the global one.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, collectDefaultMetrics, Gauge, type Histogram, Registry } from 'prom-client';
import {
  type MetricDefinition,
  type MetricsSnapshot,
  metricDefinitions,
  type Sample,
} from './metric-definitions.ts';

/** What the owner reads for a scrape; the event loop is measured here. */
export type ReadSnapshot = () => Omit<MetricsSnapshot, 'eventLoop'>;

/** The server's metrics. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #eventLoop = monitorEventLoopDelay({ resolution: 10 });
  readonly #read: ReadSnapshot;
  #snapshot: MetricsSnapshot | undefined;

  constructor(read: ReadSnapshot) {
    this.#read = read;
    this.#eventLoop.enable();
    collectDefaultMetrics({ register: this.#registry });
    for (const definition of metricDefinitions) this.#register(definition);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All metrics as text. */
  async render(): Promise<string> {
    this.#snapshot = { ...this.#read(), eventLoop: this.#readEventLoop() };
    return this.#registry.metrics();
  }

  close(): void {
    this.#eventLoop.disable();
    this.#registry.clear();
  }

  #register(definition: MetricDefinition): void {
    const { name, help, labels = [] } = definition;
    const common = { name, help, labelNames: [...labels], registers: [this.#registry] };
    const samples = () => (this.#snapshot ? definition.read(this.#snapshot) : []);
    if (definition.type === 'counter') {
      new Counter({
        ...common,
        collect() {
          this.reset();
          for (const { labels = {}, value } of samples()) this.inc(labels, value);
        },
      });
      return;
    }
    if (definition.type === 'histogram') {
      this.#registerHistogram(definition, samples);
      return;
    }
    new Gauge({
      ...common,
      collect() {
        this.reset();
        for (const { labels = {}, value } of samples()) this.set(labels, value);
      },
    });
  }

  /** prom-client's own histograms only observe; all the registry asks of a metric is what it holds. */
  #registerHistogram({ name, help, type }: MetricDefinition, samples: () => readonly Sample[]): void {
    const values = () =>
      samples().map(({ suffix = '', labels, value }) => ({ metricName: name + suffix, labels, value }));
    const metric = { name, help, type, get: async () => ({ name, help, type, values: values() }) };
    this.#registry.registerMetric(metric as unknown as Histogram);
  }

  #readEventLoop(): MetricsSnapshot['eventLoop'] {
    const seconds = (nanoseconds: number) => (Number.isFinite(nanoseconds) ? nanoseconds / 1e9 : 0);
    const { max } = this.#eventLoop;
    const [p50, p99] = [this.#eventLoop.percentile(50), this.#eventLoop.percentile(99)];
    this.#eventLoop.reset();
    return { p50S: seconds(p50), p99S: seconds(p99), maxS: seconds(max) };
  }
}
