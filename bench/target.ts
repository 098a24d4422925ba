// A server elsewhere, given with `--target`: whether it is there, is ours, and stays there. What is measured on
// it is the scenarios' business.
import { OptionError } from './option-values.ts';
import type { OptionValues } from './scenario.ts';

const ANSWER_TIMEOUT_MS = 5_000;
const WATCH_EVERY_MS = 1_000;
/** A server under full load answers late; one that refuses this often in a row is gone. */
const REFUSALS_UNTIL_GONE = 3;
const SILENCE_UNTIL_GONE_MS = 20_000;

/** The origin given with `--target`, without a slash at its end; undefined without one. Throws an OptionError. */
export function readTarget(options: OptionValues): string | undefined {
  const { target } = options;
  if (typeof target !== 'string') return undefined;
  const url = URL.canParse(target) ? new URL(target) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol))
    throw new OptionError(
      `--target takes the base URL of a server, for example http://127.0.0.1:8080, not "${target}"`,
    );
  return target.replace(/\/+$/, '');
}

/** Throws within seconds, with what was found instead, unless a Barrage that wants viewers answers. */
export async function requireTarget(origin: string): Promise<void> {
  const ready = await request(`${origin}/readyz`);
  if (ready instanceof Error) throw new Error(`no server is ready at ${origin}: ${ready.message}`);
  const description = await request(`${origin}/openapi.json`);
  if (description instanceof Error || !isOurs(description.text))
    throw new Error(`what answers at ${origin} is no Barrage: its /openapi.json is not ours`);
  if (ready.status !== 200)
    throw new Error(`no server is ready at ${origin}: /readyz answered ${ready.status}`);
}

/** Asks a target again and again until it is disposed of; `onGone` is called once, with what is wrong. */
export class TargetWatch {
  readonly #origin: string;
  readonly #timer: NodeJS.Timeout;
  #refusals = 0;
  #asking = false;
  #answeredAt = performance.now();
  #over = false;

  constructor(
    origin: string,
    onGone: (why: string) => void,
    { everyMs = WATCH_EVERY_MS }: { readonly everyMs?: number } = {},
  ) {
    this.#origin = origin;
    this.#timer = setInterval(() => void this.#ask(onGone), everyMs);
  }

  [Symbol.dispose](): void {
    this.#over = true;
    clearInterval(this.#timer);
  }

  async #ask(onGone: (why: string) => void): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    const answer = await request(`${this.#origin}/healthz`);
    this.#asking = false;
    if (this.#over) return;
    if (!(answer instanceof Error)) {
      this.#answeredAt = performance.now();
      this.#refusals = 0;
      return;
    }
    if (!(answer instanceof NoAnswerError)) this.#refusals++;
    const silentMs = performance.now() - this.#answeredAt;
    if (this.#refusals < REFUSALS_UNTIL_GONE && silentMs < SILENCE_UNTIL_GONE_MS) return;
    this[Symbol.dispose]();
    onGone(`the target ${this.#origin} is gone: ${answer.message}`);
  }
}

/** Not refused, only no answer in time. */
class NoAnswerError extends Error {}

async function request(url: string): Promise<{ status: number; text: string } | Error> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    const { name, message, cause } = error as Error & { cause?: { code?: string; message?: string } };
    if (name === 'TimeoutError') return new NoAnswerError(`no answer within ${ANSWER_TIMEOUT_MS / 1000} s`);
    return new Error(cause?.code ?? cause?.message ?? message);
  }
}

function isOurs(openApi: string): boolean {
  try {
    return (JSON.parse(openApi) as { info?: { title?: string } }).info?.title === 'Barrage API';
  } catch {
    return false;
  }
}
