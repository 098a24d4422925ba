// The live room people talk in: who is there, and the three lanes with their numbering, batching and history.
// It knows no feature; danmaku, likes and the rest publish through it.
import { EventEmitter } from 'node:events';
import { createShortId, createUlid } from '../../core/ids.ts';
import type { Closable } from '../../core/lifecycle.ts';
import type { LiveRoomPort } from '../live/live-port.ts';
import type { Meter } from '../meter.ts';
import type { Numbered, NumberedEvent, UnnumberedEvent } from '../protocol/wire.ts';
import { type History, MemoryHistory } from './history.ts';
import { LaneBatcher } from './lane-batcher.ts';
import { PacedDelivery } from './paced-delivery.ts';
import { Presence } from './presence.ts';
import type { SharedFrame } from './shared-frame.ts';

/** Shares of the time that may go into delivering: totals lose least by coming less often. */
const TICK_SHARE = 2 / 3;
const PULSE_SHARE = 1 / 4;

/** Settings of a room, from the configuration's `room` and `interaction` sections. */
export interface RoomTiming {
  readonly tickMs: number;
  readonly pulseMs: number;
  readonly maxChatPerTick: number;
  readonly historyEvents: number;
  readonly historyMs: number;
  readonly maxResumeEvents: number;
}

export interface RoomOptions {
  readonly id: string;
  readonly live: LiveRoomPort;
  readonly timing: RoomTiming;
  readonly meter: Meter;
  /** Server time, ms since the Unix epoch. */
  readonly nowMs: () => number;
}

/** Somebody events are delivered to, one frame at a time. */
export interface RoomMember {
  deliver(frame: SharedFrame): void;
  /** The room is gone; the member has been removed already. */
  roomClosed(reason: string): void;
}

/** How a member gets its events: each frame handed to it, or through the broadcast to all data channels. */
export type MemberRoute = 'own' | 'lanes';

export interface RoomEvents {
  /** The number of viewers may have changed. */
  presence: [];
  closed: [reason: string];
}

/** An event as a feature gives it: the room adds offset, id and time. */
export type NewEvent<E extends NumberedEvent = NumberedEvent> = E extends NumberedEvent
  ? Omit<E, keyof Numbered>
  : never;

/** What a viewer who comes (back) is told. */
export interface Resumption {
  readonly recovered: boolean;
  readonly missed: readonly NumberedEvent[];
  /** Offset up to which `missed` goes; what comes later is delivered. */
  readonly offset: number;
}

/** A live room. The owner closes it; members leave on their own. */
export class Room extends EventEmitter<RoomEvents> implements Closable {
  readonly id: string;
  /** Names this numbering of offsets; another one after a restart. */
  readonly epoch = createShortId();
  readonly live: LiveRoomPort;
  readonly presence: Presence;
  readonly history: History;
  readonly #options: RoomOptions;
  readonly #batcher: LaneBatcher;
  readonly #members = new Map<RoomMember, MemberRoute>();
  /** Of the numbered events, and of the totals. */
  readonly #tick: PacedDelivery;
  readonly #pulse: PacedDelivery;
  #lanesCount = 0;
  #nextOffset = 1;
  #deliveredOffset = 0;
  #closed = false;

  constructor(options: RoomOptions) {
    super();
    const { timing, nowMs } = options;
    this.id = options.id;
    this.live = options.live;
    this.#options = options;
    this.presence = new Presence(() => this.emit('presence'));
    this.history = new MemoryHistory({
      maxEvents: timing.historyEvents,
      maxAgeMs: timing.historyMs,
      nowMs,
    });
    this.#batcher = new LaneBatcher({
      epoch: this.epoch,
      maxChatPerTick: timing.maxChatPerTick,
      onThinned: (events) => options.meter.countThinned('room', events),
    });
    const { tickMs, pulseMs } = timing;
    this.#tick = new PacedDelivery({
      ...{ intervalMs: tickMs, maxShare: TICK_SHARE, nowMs },
      deliver: () => this.#flush(),
    });
    this.#pulse = new PacedDelivery({
      ...{ intervalMs: pulseMs, maxShare: PULSE_SHARE, nowMs },
      deliver: () => this.#flushPulse(),
    });
  }

  get memberCount(): number {
    return this.#members.size;
  }

  nowMs(): number {
    return this.#options.nowMs();
  }

  /** Numbers an event, remembers it and sends it with the next tick. Returns it as everyone will see it. */
  publish(lane: 'value' | 'chat', body: NewEvent): NumberedEvent {
    this.#tick.catchUp();
    const at = this.nowMs();
    const { type } = body;
    const numbered = { type, offset: this.#nextOffset++, id: createUlid(at), at };
    const event = Object.assign(numbered, body) as NumberedEvent;
    this.history.append(event);
    this.#batcher.add(lane, event);
    this.#options.meter.countEvent(type, lane);
    this.#tick.arm();
    return event;
  }

  /** Sends a total with one of the next ticks; a newer one of the same type replaces it until then. */
  pulse(event: UnnumberedEvent): void {
    this.#pulse.catchUp();
    this.#batcher.addPulse(event);
    this.#options.meter.countEvent(event.type, 'pulse');
    this.#pulse.arm();
  }

  /** The newest totals as one frame, for a member who was too slow for some of them. */
  latestPulse(): SharedFrame | undefined {
    return this.#batcher.latestPulse();
  }

  /** The newest events that were delivered, at most `max`, oldest first. */
  newest(max: number): readonly NumberedEvent[] {
    const upTo = this.#deliveredOffset;
    const oldest = Math.max(0, upTo - Math.min(max, this.history.length));
    return this.history.range(oldest, upTo) ?? [];
  }

  /**
   * What to tell a viewer who saw everything up to `from`, or a new one. Covers what was delivered to others so
   * far: join in the same turn, and nothing is missed or doubled.
   */
  resume(from?: { readonly epoch: string; readonly offset: number }): Resumption {
    const offset = this.#deliveredOffset;
    const none = { recovered: false, missed: [], offset };
    if (!from || from.epoch !== this.epoch || from.offset >= this.#nextOffset) return none;
    if (offset - from.offset > this.#options.timing.maxResumeEvents) return none;
    const missed = this.history.range(from.offset, offset);
    return missed ? { recovered: true, missed, offset } : none;
  }

  /** Adds a member, or changes the way it gets its events from the next frame on. */
  setRoute(member: RoomMember, route: MemberRoute): void {
    if (this.#closed) return;
    this.#countLanes(member, -1);
    this.#members.set(member, route);
    this.#countLanes(member, 1);
  }

  leave(member: RoomMember): void {
    this.#countLanes(member, -1);
    this.#members.delete(member);
  }

  close(reason: string): void {
    if (this.#closed) return;
    this.#tick.stop();
    this.#pulse.stop();
    this.#closed = true;
    const members = [...this.#members.keys()];
    this.#members.clear();
    for (const member of members) member.roomClosed(reason);
    this.emit('closed', reason);
    this.removeAllListeners();
  }

  #countLanes(member: RoomMember, by: 1 | -1): void {
    if (this.#members.get(member) === 'lanes') this.#lanesCount += by;
  }

  #flush(): void {
    this.#deliveredOffset = this.#nextOffset - 1;
    for (const frame of this.#batcher.takeNumbered()) this.#deliver(frame);
  }

  #flushPulse(): void {
    const frame = this.#batcher.takePulse();
    if (frame) this.#deliver(frame);
  }

  #deliver(frame: SharedFrame): void {
    if (this.#lanesCount > 0) this.live.broadcast(frame.lane, frame.text);
    for (const [member, route] of this.#members) if (route === 'own') member.deliver(frame);
  }
}
