// Draws danmaku over the picture with the `danmaku` package (canvas engine). When to draw is not its business.
import Danmaku from 'danmaku/dist/esm/danmaku.canvas.js';
import type { DanmakuBody } from '../../sdk/index.ts';

/** Seconds a danmaku takes across the picture, or stands at its top or bottom. */
const CROSSING_S = 8;
const SIZES = { small: 0.75, normal: 1, large: 1.4 } as const;
/** The package keeps every comment it ever drew; see {@link DanmakuOverlay.draw}. */
const MAX_KEPT = 500;

/** Fits itself to its container. */
export class DanmakuOverlay {
  readonly #container: HTMLElement;
  readonly #engine: Danmaku;
  readonly #resizing: ResizeObserver;
  #shown = true;

  constructor(container: HTMLElement) {
    this.#container = container;
    this.#engine = new Danmaku({ container, speed: this.#speed });
    this.#resizing = new ResizeObserver(() => this.#fit());
    this.#resizing.observe(container);
  }

  get shown(): boolean {
    return this.#shown;
  }

  /** Draws one; false when danmaku are off or the page is hidden, where they would only pile up. */
  draw(body: DanmakuBody, own: boolean): boolean {
    if (!this.#shown || document.hidden) return false;
    this.#trim();
    const sizePx = Math.round(this.#baseSizePx * SIZES[body.size]);
    this.#engine.emit({
      text: body.text,
      mode: body.mode === 'scroll' ? 'rtl' : body.mode,
      style: {
        font: `${own ? 800 : 600} ${sizePx}px system-ui, "Noto Sans CJK SC", "PingFang SC", sans-serif`,
        fillStyle: body.color,
        strokeStyle: own ? '#c9184a' : 'rgba(0, 0, 0, 0.75)',
        lineWidth: own ? 4 : 3,
      },
    });
    return true;
  }

  setShown(shown: boolean): void {
    this.#shown = shown;
    if (shown) this.#engine.show();
    else this.#engine.hide();
  }

  setOpacity(opacity: number): void {
    this.#container.style.opacity = String(opacity);
  }

  close(): void {
    this.#resizing.disconnect();
    this.#engine.destroy();
  }

  get #speed(): number {
    return Math.max(60, this.#container.offsetWidth / CROSSING_S);
  }

  get #baseSizePx(): number {
    return Math.min(36, Math.max(14, this.#container.offsetHeight / 19));
  }

  #fit(): void {
    this.#engine.speed = this.#speed;
    this.#engine.resize();
  }

  /** danmaku 2.0.10 in live mode never forgets a comment; those before `position` are not looked at again. */
  #trim(): void {
    const { comments, _: internals } = this.#engine;
    if (comments.length < MAX_KEPT) return;
    comments.splice(0, internals.position);
    internals.position = 0;
  }
}
