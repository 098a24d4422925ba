// The viewers of one generator process: joined at a pace, measured over a window, let go again.
import { monotonicUs } from '../fanout/monotonic.ts';
import { type SfuConnection, type SfuEars, SfuViewer, type StreamTotals } from './sfu-viewer.ts';

const FIRST_MEDIA_TIMEOUT_MS = 15_000;
/** Viewers that leave at the same time. */
const LEAVING_AT_ONCE = 16;

export interface JoinPlan {
  /** What the connections are made with, for example WHEP URLs; viewers take them in turn. */
  readonly places: readonly string[];
  readonly count: number;
  readonly perSecond: number;
}

/** How joins went. */
export interface JoinOutcome {
  /** From the first request to the first media packet of each viewer that got one, ms. */
  readonly joinMs: readonly number[];
  /** Why the others did not. */
  readonly errors: readonly string[];
  /** From the first to the last join's start. */
  readonly seconds: number;
}

/** Pictures of one viewer as {@link PictureArrivals.take} hands them over. */
export interface ViewerArrivals {
  /** Index into the plan's places. */
  readonly place: number;
  readonly pictures: Float64Array;
}

/** What the viewers got in a window. */
export interface WindowOutcome {
  readonly seconds: number;
  readonly viewers: number;
  /** Of them those that got no packet at all. */
  readonly silent: number;
  readonly packets: number;
  readonly bytes: number;
  readonly otherPackets: number;
  /** Sequence numbers passed, and those of them that did not come. */
  readonly expected: number;
  readonly lost: number;
  readonly duplicates: number;
  /** The largest share of packets any one viewer lost, 0 to 1. */
  readonly worstLoss: number;
  readonly arrivals: readonly ViewerArrivals[];
}

interface Member {
  readonly viewer: SfuViewer;
  readonly connection: SfuConnection;
  readonly place: number;
  atStart: StreamTotals;
}

/** See the head of this file. */
export class SfuCrowd {
  readonly #connect: (place: string, ears: SfuEars) => Promise<SfuConnection>;
  readonly #members: Member[] = [];
  #joined = 0;
  #windowAtUs = 0;

  constructor(connect: (place: string, ears: SfuEars) => Promise<SfuConnection>) {
    this.#connect = connect;
  }

  get size(): number {
    return this.#members.length;
  }

  /** Starts joins on schedule, whether earlier ones are answered or not; waits until all are settled. */
  async join(plan: JoinPlan): Promise<JoinOutcome> {
    const startedAt = performance.now();
    const joinMs: number[] = [];
    const errors: string[] = [];
    const joins = Array.from({ length: plan.count }, async (_, index) => {
      const dueMs = (index * 1000) / plan.perSecond - (performance.now() - startedAt);
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueMs)));
      try {
        joinMs.push(await this.#joinOne(plan));
      } catch (error) {
        errors.push((error as Error).message);
      }
    });
    await Promise.all(joins);
    return { joinMs, errors, seconds: plan.count / plan.perSecond };
  }

  /** Lets the newest viewers go, down to `size`. */
  async shrink(size: number): Promise<void> {
    const leaving = this.#members.splice(size);
    while (leaving.length > 0) {
      const some = leaving.splice(0, LEAVING_AT_ONCE);
      await Promise.all(some.map(({ connection }) => connection.close()));
    }
  }

  startWindow(): void {
    this.#windowAtUs = monotonicUs();
    for (const member of this.#members) {
      member.atStart = member.viewer.totals();
      member.viewer.arrivals.take();
    }
  }

  endWindow(): WindowOutcome {
    const seconds = (monotonicUs() - this.#windowAtUs) / 1e6;
    const each = this.#members.map(({ viewer, atStart }) => difference(viewer.totals(), atStart));
    const sum = (value: (totals: StreamTotals) => number) => each.reduce((all, one) => all + value(one), 0);
    const lossOf = ({ expected, received }: StreamTotals) => Math.max(0, expected - received);
    return {
      seconds,
      viewers: each.length,
      silent: each.filter(({ packets }) => packets === 0).length,
      packets: sum(({ packets }) => packets),
      bytes: sum(({ bytes }) => bytes),
      otherPackets: sum(({ otherPackets }) => otherPackets),
      expected: sum(({ expected }) => expected),
      lost: sum(lossOf),
      duplicates: sum(({ duplicates }) => duplicates),
      worstLoss: Math.max(0, ...each.map((one) => lossOf(one) / Math.max(1, one.expected))),
      arrivals: this.#members.map(({ viewer, place }) => ({ place, pictures: viewer.arrivals.take() })),
    };
  }

  async #joinOne(plan: JoinPlan): Promise<number> {
    const place = this.#joined++ % plan.places.length;
    const viewer = new SfuViewer();
    const connection = await this.#connect(plan.places[place] ?? '', viewer);
    await viewer.waitForMedia(FIRST_MEDIA_TIMEOUT_MS);
    const { joinMs } = viewer;
    if (joinMs === undefined) {
      await connection.close();
      throw new Error(`no media packet within ${FIRST_MEDIA_TIMEOUT_MS / 1000} s of the join`);
    }
    this.#members.push({ viewer, connection, place, atStart: viewer.totals() });
    return joinMs;
  }
}

function difference(now: StreamTotals, then: StreamTotals): StreamTotals {
  return {
    packets: now.packets - then.packets,
    bytes: now.bytes - then.bytes,
    otherPackets: now.otherPackets - then.otherPackets,
    expected: now.expected - then.expected,
    received: now.received - then.received,
    duplicates: now.duplicates - then.duplicates,
    tooLate: now.tooLate - then.tooLate,
  };
}
