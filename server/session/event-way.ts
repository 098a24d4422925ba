// The way a session's events travel: on its own link, or on the lanes of its WebRTC session. Moves between the
// two without a hole: events may come twice around a move (their offsets tell), but none is left out.
import type { Logger } from '../../core/logger.ts';
import type { Room, RoomMember } from '../rooms/room.ts';
import type { SessionLink } from './session-link.ts';
import type { DataChannelLink } from './session-webrtc.ts';

/** Moves a room member's events between its own link and the lanes. */
export class EventWay {
  readonly #room: Room;
  readonly #member: RoomMember;
  readonly #logger: Logger;
  #own: SessionLink;
  /** Where the events should be; the lanes get there only once they flow. */
  #wanted: SessionLink;

  /** Events start on `own` with the room's next frame. */
  constructor(options: {
    readonly room: Room;
    readonly member: RoomMember;
    readonly own: SessionLink;
    readonly logger: Logger;
  }) {
    this.#room = options.room;
    this.#member = options.member;
    this.#logger = options.logger;
    this.#own = options.own;
    this.#wanted = options.own;
    this.#room.setRoute(this.#member, 'own');
  }

  /** The link frames for this viewer alone are sent on. */
  get own(): SessionLink {
    return this.#own;
  }

  /** Brings the events to a link that delivers frame by frame, at once. */
  moveToOwn(link: SessionLink): void {
    const before = this.#wanted;
    this.#own = link;
    this.#wanted = link;
    this.#room.setRoute(this.#member, 'own');
    if (isLanes(before) && before !== link) void this.#pause(before);
  }

  /** Brings the events to the lanes: until they flow, the own link carries on, so that nothing falls between. */
  async moveToLanes(link: DataChannelLink): Promise<void> {
    this.#wanted = link;
    try {
      await link.webrtc.resumeLanes();
    } catch (error) {
      this.#logger.warn({ error }, 'data channels could not take over the events');
      return;
    }
    if (this.#wanted === link) this.#room.setRoute(this.#member, 'lanes');
    // Somebody said hello on the WebSocket meanwhile.
    else await this.#pause(link);
  }

  /** Data channels are gone or full: what they carried comes on the own link again. False when it did not. */
  lose(link: SessionLink): boolean {
    if (this.#wanted !== link || this.#own === link) return false;
    this.moveToOwn(this.#own);
    return true;
  }

  async #pause(link: DataChannelLink): Promise<void> {
    try {
      await link.webrtc.pauseLanes();
    } catch (error) {
      this.#logger.debug({ error }, 'lanes could not be paused');
    }
  }
}

function isLanes(link: SessionLink): link is DataChannelLink {
  return link.kind === 'datachannel';
}
