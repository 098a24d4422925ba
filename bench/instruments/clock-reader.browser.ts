// Runs inside the page: reads the burned-in clock from every picture a <video> shows, with the time it was
// shown. Bundled into one script by browser.ts; knows nothing of how the video got there.
import { readBarcode } from './barcode.ts';

/** One picture: what its clock says, and when it was on the screen. All times Unix ms. */
export interface ClockSample {
  readonly clockMs: number;
  /** The browser's expected display time of the picture. */
  readonly shownAtMs: number;
  readonly width: number;
  readonly height: number;
  /** The element's own time line at this picture, ms. */
  readonly mediaTimeMs: number;
  /** Capture time by RTCP sender reports (WebRTC only). */
  readonly captureTimeMs?: number;
  /** When the picture's last packet arrived (WebRTC only). */
  readonly receiveTimeMs?: number;
}

/** Counts of pictures seen since the start: `rejected` had a wrong checksum, `dropped` were never shown to us. */
export interface ReaderCounts {
  readonly read: number;
  readonly rejected: number;
  readonly dropped: number;
}

/** Size the picture is scaled to before it is read: the barcode's blocks are 24 pixels wide at it. */
const READ_WIDTH = 320;
const READ_HEIGHT = 180;
const MAX_SAMPLES = 20_000;

/** Reads one video element until stopped. */
export class ClockReader {
  readonly #video: HTMLVideoElement;
  readonly #context: CanvasRenderingContext2D;
  #samples: ClockSample[] = [];
  #read = 0;
  #rejected = 0;
  #dropped = 0;
  #lastPresented: number | undefined;
  #handle = 0;

  constructor(video: HTMLVideoElement) {
    this.#video = video;
    const canvas = document.createElement('canvas');
    canvas.width = READ_WIDTH;
    canvas.height = READ_HEIGHT;
    const context = canvas.getContext('2d', { willReadFrequently: true, alpha: false });
    if (!context) throw new Error('the browser gives no 2d canvas');
    this.#context = context;
    this.#arm();
  }

  get counts(): ReaderCounts {
    return { read: this.#read, rejected: this.#rejected, dropped: this.#dropped };
  }

  /** Hands over the samples since the last call. */
  drain(): ClockSample[] {
    const samples = this.#samples;
    this.#samples = [];
    return samples;
  }

  /** The clock of the picture the element shows right now; undefined when it cannot be read. */
  readNow(): number | undefined {
    this.#context.drawImage(this.#video, 0, 0, READ_WIDTH, READ_HEIGHT);
    const { data } = this.#context.getImageData(0, 0, READ_WIDTH, READ_HEIGHT);
    return readBarcode({ data, width: READ_WIDTH, height: READ_HEIGHT, pixelBytes: 4 }, Date.now());
  }

  stop(): void {
    this.#video.cancelVideoFrameCallback(this.#handle);
  }

  #arm(): void {
    this.#handle = this.#video.requestVideoFrameCallback((now, metadata) => this.#onPicture(now, metadata));
  }

  #onPicture(now: number, metadata: VideoFrameCallbackMetadata): void {
    this.#arm();
    this.#countDropped(metadata.presentedFrames);
    // The page's monotonic time may be off the wall clock after long uptimes: relate them afresh each time.
    const epochOffsetMs = Date.now() - performance.now();
    const clockMs = this.readNow();
    if (clockMs === undefined) {
      this.#rejected++;
      return;
    }
    this.#read++;
    if (this.#samples.length >= MAX_SAMPLES) this.#samples.shift();
    this.#samples.push({
      clockMs,
      shownAtMs: Math.max(metadata.expectedDisplayTime, now) + epochOffsetMs,
      width: metadata.width,
      height: metadata.height,
      mediaTimeMs: metadata.mediaTime * 1000,
      ...(metadata.captureTime === undefined ? {} : { captureTimeMs: metadata.captureTime + epochOffsetMs }),
      ...(metadata.receiveTime === undefined ? {} : { receiveTimeMs: metadata.receiveTime + epochOffsetMs }),
    });
  }

  #countDropped(presented: number): void {
    if (this.#lastPresented !== undefined) this.#dropped += Math.max(0, presented - this.#lastPresented - 1);
    this.#lastPresented = presented;
  }
}
