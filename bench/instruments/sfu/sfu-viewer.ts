// What a viewer of the `sfu` scenario looks at: packets, losses and pictures of one received video stream.
// How it joined is somebody else's: a WHEP viewer or a rival's.
import { monotonicUs } from '../fanout/monotonic.ts';
import { LossCounter, type LossCounts } from '../rtp/loss-counter.ts';
import { PictureArrivals } from '../rtp/picture-arrivals.ts';
import { viewRtp } from '../rtp/rtp-view.ts';

/** A joined connection, of whatever server. */
export interface SfuConnection {
  /** Leaves as the server's protocol asks. */
  close(): Promise<void>;
}

/** What a connection tells while it joins and receives. */
export interface SfuEars {
  /** The first request of the join is being sent. */
  readonly onAsk: () => void;
  /** A decrypted RTP or RTCP packet came. */
  readonly onPacket: (packet: Buffer) => void;
}

/** Totals since the stream began; subtract two for the time between them. */
export interface StreamTotals extends LossCounts {
  readonly packets: number;
  /** Of whole RTP packets, without SRTP's tag and the headers below. */
  readonly bytes: number;
  /** Packets on other SSRCs than the first: retransmissions, were they asked for. */
  readonly otherPackets: number;
}

/** One viewer's stream. */
export class SfuViewer implements SfuEars {
  readonly arrivals = new PictureArrivals();
  readonly #loss = new LossCounter();
  #ssrc: number | undefined;
  #packets = 0;
  #bytes = 0;
  #otherPackets = 0;
  #askedAtUs = 0;
  #firstMediaAtUs: number | undefined;
  #onFirstMedia: (() => void) | undefined;

  readonly onAsk = (): void => {
    this.#askedAtUs = monotonicUs();
  };

  readonly onPacket = (packet: Buffer): void => {
    const view = viewRtp(packet);
    if (!view) return;
    const nowUs = monotonicUs();
    if (this.#ssrc === undefined) {
      this.#ssrc = view.ssrc;
      this.#firstMediaAtUs = nowUs;
      this.#onFirstMedia?.();
    }
    if (view.ssrc !== this.#ssrc) {
      this.#otherPackets++;
      return;
    }
    this.#packets++;
    this.#bytes += packet.length;
    this.#loss.count(view.sequenceNumber);
    this.arrivals.add(view, nowUs);
  };

  /** From the first request to the first media packet, ms; undefined while none came. */
  get joinMs(): number | undefined {
    return this.#firstMediaAtUs === undefined ? undefined : (this.#firstMediaAtUs - this.#askedAtUs) / 1000;
  }

  /** Waits for the first media packet; resolves either way after the deadline. */
  async waitForMedia(timeoutMs: number): Promise<void> {
    if (this.#firstMediaAtUs !== undefined) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#onFirstMedia = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  totals(): StreamTotals {
    return {
      ...this.#loss.counts(),
      packets: this.#packets,
      bytes: this.#bytes,
      otherPackets: this.#otherPackets,
    };
  }
}
