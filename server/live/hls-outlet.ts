// The HLS side of a room: one output for each time the stream goes live, kept for a while after it ended
// so that players can finish, then gone.

import type { Logger } from '../../core/logger.ts';
import type { RenditionPort } from '../../core/rendition.ts';
import type { HlsOptions } from '../../transcoder/hls/hls-options.ts';
import { createHlsOutput, type HlsOutput } from '../../transcoder/hls/hls-output.ts';
import type { MediaResource } from './live-port.ts';

/** How long an ended output can still be fetched: a window's worth of slow players. */
const LINGER_MS = 60_000;
/** How long a request for the first playlist may wait for the first segments. */
const READY_WAIT_MS = 10_000;

/** See the head of the file. */
export class HlsOutlet {
  readonly #options: HlsOptions;
  readonly #logger: Logger;
  #output: HlsOutput | undefined;
  #linger: NodeJS.Timeout | undefined;

  constructor(options: HlsOptions, logger: Logger) {
    this.#options = options;
    this.#logger = logger;
  }

  /** Takes a rendition of the live stream; the first one after an end begins a new output. */
  add(rendition: RenditionPort): void {
    if (!this.#output || this.#output.state === 'ended') this.#begin();
    this.#output?.addRendition(rendition);
  }

  /** The stream is over: playlists get their end, and go some time later. */
  end(reason: string): void {
    const output = this.#output;
    if (!output || output.state === 'ended') return;
    output.end(reason);
    this.#linger = setTimeout(() => this.close('ended a while ago'), LINGER_MS);
    this.#linger.unref();
  }

  /** The file at `path` as it is now. */
  find(path: string): MediaResource | undefined {
    return this.#output?.resolve(path);
  }

  /** The file at `path`; a first playlist that is about to exist is waited for. */
  async resolve(path: string, signal: AbortSignal): Promise<MediaResource | undefined> {
    const output = this.#output;
    if (output?.state === 'starting' && path.endsWith('.m3u8')) {
      const patience = AbortSignal.any([signal, AbortSignal.timeout(READY_WAIT_MS)]);
      // Not ready in time is answered like not there: the player asks again.
      await output.waitUntilReady(patience).catch(() => undefined);
    }
    return output?.resolve(path);
  }

  describe(): Record<string, unknown> | undefined {
    return this.#output?.describe();
  }

  close(reason: string): void {
    clearTimeout(this.#linger);
    this.#output?.close(reason);
    this.#output = undefined;
  }

  #begin(): void {
    this.close('a new stream begins');
    this.#output = createHlsOutput({ options: this.#options, logger: this.#logger });
  }
}
