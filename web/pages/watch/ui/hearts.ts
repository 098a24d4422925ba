// Hearts rising over the picture, a few at a time whatever the number of likes.
import { createElement } from './element.ts';

const MAX_FLOATING = 40;
const MAX_BURST = 6;
const COLORS = ['#ff4d6d', '#ff758f', '#ffb3c1', '#ff9e00', '#c77dff'];

/** Adds hearts to a container over the picture. */
export class Hearts {
  readonly #container: HTMLElement;

  constructor(container: HTMLElement) {
    this.#container = container;
  }

  /** Lets up to six hearts rise for `count` likes. */
  burst(count: number): void {
    if (document.hidden || matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    const room = MAX_FLOATING - this.#container.childElementCount;
    for (let heart = 0; heart < Math.min(count, MAX_BURST, room); heart++) this.#float(heart);
  }

  #float(index: number): void {
    const heart = createElement('span', 'heart', '\u2665');
    heart.style.color = COLORS[Math.floor(Math.random() * COLORS.length)] ?? '#ff4d6d';
    heart.style.setProperty('--sway', `${Math.round((Math.random() - 0.5) * 80)}px`);
    heart.style.setProperty('--size', `${(0.9 + Math.random() * 0.9).toFixed(2)}rem`);
    heart.style.animationDelay = `${index * 70}ms`;
    heart.addEventListener('animationend', () => heart.remove(), { once: true });
    this.#container.append(heart);
  }
}
