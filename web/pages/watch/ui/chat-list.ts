// The list of recent messages: sticks to the newest unless the viewer scrolled up to read.
import { createElement } from './element.ts';

export interface ChatListOptions {
  readonly list: HTMLElement;
  /** Shown while newer messages are out of sight. */
  readonly newest: HTMLElement;
}

export interface ChatLine {
  readonly name: string;
  readonly text: string;
  /** `#rrggbb` of the message. */
  readonly color: string;
  readonly own: boolean;
  readonly role: string;
}

const MAX_LINES = 200;
/** Closer to the end than this counts as reading the newest. */
const STICKY_PX = 48;

/** Keeps the newest 200 lines. */
export class ChatList {
  readonly #list: HTMLElement;
  readonly #newest: HTMLElement;

  constructor(options: ChatListOptions) {
    this.#list = options.list;
    this.#newest = options.newest;
    this.#list.addEventListener('scroll', () => {
      if (this.#atEnd) this.#newest.hidden = true;
    });
    this.#newest.addEventListener('click', () => this.#scrollToEnd());
  }

  add(line: ChatLine): void {
    const item = createElement('li', line.own ? 'message own' : 'message');
    const name = createElement('span', 'author', line.name);
    name.style.color = authorColor(line.name);
    if (line.role !== 'viewer') item.append(createElement('span', 'role', line.role));
    const text = createElement('span', 'text', line.text);
    if (line.color !== '#ffffff') text.style.color = line.color;
    item.append(name, text);
    this.#append(item);
  }

  /** A line of the page's own, such as a gap. */
  note(text: string): void {
    this.#append(createElement('li', 'note', text));
  }

  get #atEnd(): boolean {
    const { scrollHeight, scrollTop, clientHeight } = this.#list;
    return scrollHeight - scrollTop - clientHeight < STICKY_PX;
  }

  #append(item: HTMLElement): void {
    const sticky = this.#atEnd;
    this.#list.append(item);
    while (this.#list.childElementCount > MAX_LINES) this.#list.firstElementChild?.remove();
    if (sticky) this.#scrollToEnd();
    else this.#newest.hidden = false;
  }

  #scrollToEnd(): void {
    this.#list.scrollTop = this.#list.scrollHeight;
    this.#newest.hidden = true;
  }
}

/** A colour for a name, the same every time, light enough for the dark page. */
function authorColor(name: string): string {
  let hash = 0;
  for (const character of name) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 360;
  return `hsl(${hash} 75% 72%)`;
}
