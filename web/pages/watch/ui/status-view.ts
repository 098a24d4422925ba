// What the page says about the state of things: badge, viewers, latency, notices over the picture, the line
// about the connection.
import type { Player, RoomClient } from '../../../sdk/index.ts';
import {
  describeBadge,
  describeConnection,
  describeLatency,
  describePicture,
  formatCount,
} from '../phrases.ts';
import { requireElement } from './element.ts';

const TICK_MS = 500;
/** Shorter interruptions are not worth a notice that flashes up. */
const NOTICE_DELAY_MS = 400;

/** Follows room and player from construction. */
export class StatusView {
  readonly #room: RoomClient;
  readonly #player: Player;
  readonly #notice = requireElement('notice', HTMLElement);
  readonly #connection = requireElement('connection', HTMLElement);
  #wasLive = false;
  #everOpen = false;
  #noticeTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(room: RoomClient, player: Player) {
    this.#room = room;
    this.#player = player;
    room.on('state', (state) => {
      this.#everOpen ||= state.status === 'open';
      this.#showConnection();
    });
    room.on('stream', (stream) => {
      this.#wasLive ||= stream.state === 'live';
      this.#showStream();
    });
    room.on('hello', (hello) => this.#showTitle(hello.room.title || hello.room.id));
    room.on('viewers', (count) => {
      requireElement('viewers', HTMLElement).textContent = formatCount(count);
    });
    player.on('state', () => this.#planNotice());
    setInterval(() => this.#tick(), TICK_MS);
    this.#showConnection();
    this.#showStream();
  }

  #tick(): void {
    const latency = describeLatency(this.#player.latencyMs);
    const view = requireElement('latency', HTMLElement);
    setText(view, latency);
    if (view.parentElement) view.parentElement.hidden = latency === '';
    this.#showConnection();
  }

  #showTitle(title: string): void {
    requireElement('title', HTMLElement).textContent = title;
    document.title = `${title} · Barrage`;
  }

  #showStream(): void {
    const badge = requireElement('badge', HTMLElement);
    const { state, text } = describeBadge(this.#room.stream, this.#wasLive);
    badge.dataset['state'] = state;
    setText(badge, text);
    this.#planNotice();
  }

  #showConnection(): void {
    const message = describeConnection(this.#room.state, this.#everOpen, Date.now());
    this.#connection.hidden = message === undefined;
    setText(this.#connection, message ?? '');
  }

  #planNotice(): void {
    clearTimeout(this.#noticeTimer);
    if (this.#describe() === undefined) this.#showNotice();
    else this.#noticeTimer = setTimeout(() => this.#showNotice(), NOTICE_DELAY_MS);
  }

  #showNotice(): void {
    const notice = this.#describe();
    this.#notice.hidden = notice === undefined;
    this.#notice.classList.toggle('busy', notice?.busy === true);
    setText(requireElement('notice-title', HTMLElement), notice?.title ?? '');
    setText(requireElement('notice-detail', HTMLElement), notice?.detail ?? '');
  }

  #describe() {
    // Before the first hello nothing is known about the stream; the connection line speaks then.
    if (!this.#everOpen) return undefined;
    return describePicture(this.#room.stream, this.#player.state, this.#wasLive);
  }
}

/** Live regions speak up on every write, so only changes are written. */
function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
