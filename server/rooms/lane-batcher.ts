// Gathers a room's events between two ticks and turns them into as few frames as the lanes allow.
// Pulse events are totals: of each type only the newest is kept.
import type { Lane, NumberedEvent, UnnumberedEvent } from '../protocol/wire.ts';
import { buildFrame, type EncodedEvent, type SharedFrame } from './shared-frame.ts';
import { thinEvenly } from './thin-chat.ts';

/** Longest frame in characters: nearly free on a WebSocket, and still few packets on a data channel. */
const MAX_FRAME_CHARS = 8192;

/** Bounds of a {@link LaneBatcher}. */
export interface LaneBatcherOptions {
  readonly epoch: string;
  readonly maxChatPerTick: number;
  readonly onThinned: (events: number) => void;
}

interface QueuedEvent extends EncodedEvent {
  readonly lane: Lane;
}

/** Events of one room waiting for the next tick. */
export class LaneBatcher {
  readonly #options: LaneBatcherOptions;
  #numbered: QueuedEvent[] = [];
  readonly #pulse = new Map<string, UnnumberedEvent>();
  readonly #latestPulse = new Map<string, UnnumberedEvent>();

  constructor(options: LaneBatcherOptions) {
    this.#options = options;
  }

  add(lane: 'value' | 'chat', event: NumberedEvent): void {
    this.#numbered.push({ lane, offset: event.offset, json: JSON.stringify(event) });
  }

  addPulse(event: UnnumberedEvent): void {
    // Encoded when it goes out: of many likes only the last total does.
    this.#pulse.set(event.type, event);
    this.#latestPulse.set(event.type, event);
  }

  /**
   * Takes what waits of value and chat as frames in the order of offsets. Neighbours of one lane share a frame.
   */
  takeNumbered(): SharedFrame[] {
    const taken = this.#thin(this.#numbered);
    this.#numbered = [];
    const frames: SharedFrame[] = [];
    let run: QueuedEvent[] = [];
    let chars = 0;
    const finish = () => {
      const lane = run[0]?.lane;
      if (lane) frames.push(buildFrame(this.#options.epoch, lane, run));
      run = [];
      chars = 0;
    };
    for (const event of taken) {
      const isFull = chars + event.json.length > MAX_FRAME_CHARS;
      if (run.length > 0 && (isFull || run[0]?.lane !== event.lane)) finish();
      run.push(event);
      chars += event.json.length;
    }
    finish();
    return frames;
  }

  /** Takes the totals that changed as one frame; undefined when none did. */
  takePulse(): SharedFrame | undefined {
    const frame = this.#pulseFrame(this.#pulse);
    this.#pulse.clear();
    return frame;
  }

  /** All newest totals, changed or not, for a viewer who missed some; undefined when there never was one. */
  latestPulse(): SharedFrame | undefined {
    return this.#pulseFrame(this.#latestPulse);
  }

  #pulseFrame(events: ReadonlyMap<string, UnnumberedEvent>): SharedFrame | undefined {
    if (events.size === 0) return undefined;
    const encoded = Array.from(events.values(), (event) => ({ json: JSON.stringify(event), offset: 0 }));
    return buildFrame(this.#options.epoch, 'pulse', encoded);
  }

  /** Thins the chat of one tick to its bound; a gap event at the end stands for what was left out. */
  #thin(events: readonly QueuedEvent[]): readonly QueuedEvent[] {
    const { maxChatPerTick, onThinned } = this.#options;
    if (events.length <= maxChatPerTick) return events;
    const chat = events.filter((event) => event.lane === 'chat');
    const { dropped } = thinEvenly(chat, maxChatPerTick);
    if (dropped.length === 0) return events;
    const gone = new Set(dropped);
    onThinned(dropped.length);
    return [
      ...events.filter((event) => !gone.has(event)),
      {
        lane: 'chat',
        offset: 0,
        json: encodeGap(dropped[0]?.offset ?? 0, dropped.at(-1)?.offset ?? 0, dropped.length),
      },
    ];
  }
}

/** The event that says: between these offsets, both included, `dropped` chat events were left out. */
export function encodeGap(from: number, to: number, dropped: number): string {
  return JSON.stringify({ type: 'gap', from, to, dropped } satisfies UnnumberedEvent);
}
