// The line to write in: sends on Enter, keeps the text when that fails, says why, and counts down after a
// rate limit. Does not know how messages are sent.
import { DANMAKU_MODES, DANMAKU_SIZES } from '../../../../server/protocol/wire.ts';
import { type DanmakuBody, RoomError } from '../../../sdk/index.ts';
import { describeSendError } from '../phrases.ts';
import { loadPreferences, savePreferences } from '../preferences.ts';
import { renderChoice } from './choice.ts';
import { createDisclosure } from './disclosure.ts';
import { requireElement } from './element.ts';

const COLORS = [
  ['#ffffff', 'White'],
  ['#ff5c6c', 'Red'],
  ['#ffa94d', 'Orange'],
  ['#ffe066', 'Yellow'],
  ['#69db7c', 'Green'],
  ['#4dd4e8', 'Cyan'],
  ['#74a9ff', 'Blue'],
  ['#d99bff', 'Violet'],
] as const;

const SHOW_LEFT_BELOW = 20;
const GRAPHEMES = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

export interface ComposerOptions {
  /** Sends a message; rejects with a {@link RoomError}. */
  readonly send: (body: DanmakuBody) => Promise<unknown>;
}

/** The page's one composer. */
export class Composer {
  readonly #options: ComposerOptions;
  readonly #text = requireElement('text', HTMLInputElement);
  readonly #left = requireElement('left', HTMLElement);
  readonly #send = requireElement('send', HTMLButtonElement);
  readonly #error = requireElement('composer-error', HTMLElement);
  #maxGraphemes = 100;
  #waiting = false;
  #countdown: ReturnType<typeof setInterval> | undefined;

  constructor(options: ComposerOptions) {
    this.#options = options;
    const form = requireElement('composer', HTMLFormElement);
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#submit();
    });
    this.#text.addEventListener('input', () => this.#handleInput());
    createDisclosure(requireElement('style-button', HTMLElement), requireElement('style-panel', HTMLElement));
    renderStyleChoices();
    this.#showStyle();
    requireElement('style-panel', HTMLElement).addEventListener('change', () => this.#showStyle());
  }

  /** The server's limit, in characters as people count them. */
  setLimit(maxGraphemes: number): void {
    this.#maxGraphemes = maxGraphemes;
    this.#handleInput();
  }

  focus(): void {
    this.#text.focus();
  }

  async #submit(): Promise<void> {
    const text = this.#text.value.trim();
    if (text === '' || this.#waiting || this.#countdown !== undefined || this.#leftOver < 0) return;
    const { mode, color, size } = loadPreferences();
    this.#waiting = true;
    this.#text.value = '';
    this.#handleInput();
    try {
      await this.#options.send({ text, mode, color, size });
      this.#showError('');
    } catch (error) {
      // What was typed in the meantime is worth more than what could not be sent.
      if (this.#text.value === '') this.#text.value = text;
      this.#handleFailure(error);
    } finally {
      this.#waiting = false;
      this.#handleInput();
    }
  }

  #handleFailure(error: unknown): void {
    if (!(error instanceof RoomError)) this.#showError(String(error));
    else if (error.code === 'RATE_LIMITED') this.#countDown(error.retryAfterMs ?? 1000);
    else this.#showError(describeSendError(error.code, error.message));
  }

  #countDown(waitMs: number): void {
    const untilMs = performance.now() + waitMs;
    const tick = () => {
      const seconds = Math.ceil((untilMs - performance.now()) / 1000);
      if (seconds > 0) {
        this.#showError(`That was too fast. You can send again in ${seconds} s.`);
        return;
      }
      clearInterval(this.#countdown);
      this.#countdown = undefined;
      this.#showError('');
      this.#handleInput();
    };
    clearInterval(this.#countdown);
    this.#countdown = setInterval(tick, 250);
    tick();
  }

  get #leftOver(): number {
    return this.#maxGraphemes - [...GRAPHEMES.segment(this.#text.value.trim())].length;
  }

  #handleInput(): void {
    const left = this.#leftOver;
    this.#left.textContent = left < SHOW_LEFT_BELOW ? String(left) : '';
    this.#left.classList.toggle('over', left < 0);
    this.#text.setAttribute('aria-invalid', String(left < 0));
    this.#send.disabled = left < 0 || this.#countdown !== undefined || this.#text.value.trim() === '';
  }

  #showError(message: string): void {
    if (this.#error.textContent !== message) this.#error.textContent = message;
  }

  #showStyle(): void {
    requireElement('style-button', HTMLElement).style.color = loadPreferences().color;
  }
}

function renderStyleChoices(): void {
  const { mode, size, color } = loadPreferences();
  renderChoice(requireElement('modes', HTMLElement), {
    name: 'mode',
    options: DANMAKU_MODES.map((value) => ({ value, label: capitalize(value) })),
    selected: mode,
    onChange: (value) => savePreferences({ mode: value as DanmakuBody['mode'] }),
  });
  renderChoice(requireElement('sizes', HTMLElement), {
    name: 'size',
    options: DANMAKU_SIZES.map((value) => ({ value, label: capitalize(value) })),
    selected: size,
    onChange: (value) => savePreferences({ size: value as DanmakuBody['size'] }),
  });
  renderChoice(requireElement('colors', HTMLElement), {
    name: 'color',
    options: COLORS.map(([value, label]) => ({ value, label, color: value })),
    selected: color,
    onChange: (value) => savePreferences({ color: value }),
  });
}

function capitalize(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
