// From the room's events to the screen: holds each danmaku for its moment, then has it drawn and listed, and
// records when. Neither draws nor lists itself.
import {
  EventScheduler,
  type NumberedEvent,
  type Playhead,
  type Release,
  type ReleaseCause,
  type RoomClient,
} from '../../sdk/index.ts';

export type DanmakuEvent = Extract<NumberedEvent, { type: 'danmaku' }>;

/** A record of one danmaku put on the screen, for tests and debugging. Times in ms. */
export interface DrawnRecord {
  readonly id: string;
  readonly offset: number;
  readonly text: string;
  readonly mediaTimeMs: number;
  /** Server time at which the server accepted it. */
  readonly at: number;
  /** Server time at which it was drawn. */
  readonly drawnAtMs: number;
  /** Where the playhead was then; undefined when it was not known. */
  readonly playheadMs: number | undefined;
  readonly cause: ReleaseCause;
}

export interface EventFeedOptions {
  readonly room: RoomClient;
  readonly playhead: Playhead;
  /** Draws over the picture; false when it did not. */
  readonly draw: (event: DanmakuEvent) => boolean;
  readonly list: (event: DanmakuEvent) => void;
}

const MAX_RECORDS = 500;
/** Keeps the list going while the page is hidden and gets no animation frames. */
const HIDDEN_TICK_MS = 500;

/** Runs from construction until {@link close}. */
export class EventFeed {
  /** The newest danmaku drawn, oldest first; at most 500. */
  readonly drawn: DrawnRecord[] = [];
  readonly #options: EventFeedOptions;
  readonly #scheduler = new EventScheduler<DanmakuEvent>();
  readonly #unsubscribe: () => void;
  readonly #timer: ReturnType<typeof setInterval>;
  #frame = 0;

  constructor(options: EventFeedOptions) {
    this.#options = options;
    this.#unsubscribe = options.room.on('event', (event) => {
      if (event.type === 'danmaku') this.#show(this.#scheduler.add(event, this.#time()));
    });
    this.#timer = setInterval(() => this.#advance(), HIDDEN_TICK_MS);
    this.#requestFrame();
  }

  /** How many wait for their moment. */
  get held(): number {
    return this.#scheduler.held;
  }

  close(): void {
    this.#unsubscribe();
    clearInterval(this.#timer);
    cancelAnimationFrame(this.#frame);
  }

  #requestFrame(): void {
    this.#frame = requestAnimationFrame(() => {
      this.#advance();
      this.#requestFrame();
    });
  }

  #advance(): void {
    if (this.#scheduler.held > 0) this.#show(this.#scheduler.advance(this.#time()));
  }

  #time() {
    const { room, playhead } = this.#options;
    return { playhead: playhead.read(), serverMs: room.clock.nowMs() };
  }

  #show(releases: readonly Release<DanmakuEvent>[]): void {
    for (const { event, cause, draw } of releases) {
      this.#options.list(event);
      if (draw && this.#options.draw(event)) this.#record(event, cause);
    }
  }

  #record(event: DanmakuEvent, cause: ReleaseCause): void {
    const { playhead, serverMs } = this.#time();
    const { id, offset, text, mediaTimeMs, at } = event;
    const playheadMs = playhead.state === 'known' ? playhead.mediaMs : undefined;
    this.drawn.push({ id, offset, text, mediaTimeMs, at, drawnAtMs: serverMs, playheadMs, cause });
    if (this.drawn.length > MAX_RECORDS) this.drawn.shift();
  }
}
