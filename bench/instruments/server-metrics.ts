// A server's own figures from /metrics: the text format of Prometheus, read as far as one number a line.

/** One scrape. */
export class ServerMetrics {
  readonly #values: ReadonlyMap<string, number>;

  private constructor(values: ReadonlyMap<string, number>) {
    this.#values = values;
  }

  /** Asks the server at `origin`; throws when it does not answer within `timeoutMs`. */
  static async scrape(origin: string, timeoutMs = 5_000): Promise<ServerMetrics> {
    const response = await fetch(`${origin}/metrics`, { signal: AbortSignal.timeout(timeoutMs) });
    if (!response.ok) throw new Error(`${origin}/metrics answered ${response.status}`);
    return ServerMetrics.parse(await response.text());
  }

  static parse(text: string): ServerMetrics {
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new ServerMetrics(
      new Map(
        lines.map((line) => {
          const end = line.lastIndexOf(' ');
          return [line.slice(0, end), Number(line.slice(end + 1))];
        }),
      ),
    );
  }

  /** The value of a name, with its labels as the server writes them: `barrage_viewers{transport="hls"}`. */
  find(name: string): number | undefined {
    return this.#values.get(name);
  }

  /** The sum over all labels of a name; 0 when there is none. */
  sum(name: string): number {
    return this.labelled(name).reduce((sum, { value }) => sum + value, 0);
  }

  /** Every value of a name, with its labels as text. */
  labelled(name: string): readonly { readonly labels: string; readonly value: number }[] {
    return [...this.#values].flatMap(([key, value]) => {
      if (key === name) return [{ labels: '', value }];
      return key.startsWith(`${name}{`) ? [{ labels: key.slice(name.length + 1, -1), value }] : [];
    });
  }

  /** Longest delay of the event loop since the scrape before, ms. */
  get eventLoopMaxMs(): number {
    return (this.find('barrage_event_loop_delay_seconds{quantile="1"}') ?? Number.NaN) * 1000;
  }
}
