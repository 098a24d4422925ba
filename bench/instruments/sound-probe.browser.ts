// Runs inside the page: how loud a media element's sound is, and when each beep of the test tone was heard.
// An AudioWorklet finds the beeps to the sample; a page busy with video does not blur them.

/** A beep's beginning as it left for the loudspeaker, Unix ms. */
export interface BeepOnset {
  readonly heardAtMs: number;
}

const WORKLET_SOURCE = `
const LOUD = 0.2;
const REARM_S = 0.5;
registerProcessor('beep-finder', class extends AudioWorkletProcessor {
  constructor() { super(); this.lastOnset = -1; this.peak = 0; this.blocks = 0; }
  process([input]) {
    const samples = input && input[0];
    if (samples) {
      for (let i = 0; i < samples.length; i++) {
        const level = Math.abs(samples[i]);
        if (level > this.peak) this.peak = level;
        const at = currentTime + i / sampleRate;
        if (level < LOUD || at - this.lastOnset < REARM_S) continue;
        this.lastOnset = at;
        this.port.postMessage({ onset: at });
      }
    }
    if (++this.blocks % 38 === 0) { this.port.postMessage({ peak: this.peak }); this.peak = 0; }
    return true;
  }
});`;

const MAX_ONSETS = 1_000;

/** Listens to one element until stopped. */
export class SoundProbe {
  readonly #context: AudioContext;
  #onsets: BeepOnset[] = [];
  #peak = 0;

  private constructor(context: AudioContext) {
    this.#context = context;
  }

  /** Taps the sound of a playing element: its stream when it has one (WebRTC), else the element itself. */
  static async create(video: HTMLMediaElement): Promise<SoundProbe> {
    const context = new AudioContext({ latencyHint: 'interactive' });
    await context.resume();
    const module = URL.createObjectURL(new Blob([WORKLET_SOURCE], { type: 'text/javascript' }));
    await context.audioWorklet.addModule(module);
    const probe = new SoundProbe(context);
    const finder = new AudioWorkletNode(context, 'beep-finder');
    finder.port.onmessage = (event: MessageEvent<{ onset?: number; peak?: number }>) =>
      probe.#onMessage(event.data);
    const source =
      video.srcObject instanceof MediaStream
        ? context.createMediaStreamSource(video.srcObject)
        : context.createMediaElementSource(video);
    source.connect(finder).connect(context.destination);
    return probe;
  }

  /** Largest amplitude of the last tenth of a second, 0 to 1. */
  get peak(): number {
    return this.#peak;
  }

  /** Hands over the beeps since the last call. */
  drain(): BeepOnset[] {
    const onsets = this.#onsets;
    this.#onsets = [];
    return onsets;
  }

  async stop(): Promise<void> {
    await this.#context.close();
  }

  #onMessage(message: { readonly onset?: number; readonly peak?: number }): void {
    if (message.peak !== undefined) this.#peak = message.peak;
    if (message.onset === undefined || this.#onsets.length >= MAX_ONSETS) return;
    this.#onsets.push({ heardAtMs: this.#toUnixMs(message.onset) });
  }

  #toUnixMs(contextTime: number): number {
    const { contextTime: referenceTime, performanceTime } = this.#context.getOutputTimestamp();
    const epochOffsetMs = Date.now() - performance.now();
    if (!referenceTime || performanceTime === undefined) {
      const aheadMs = (contextTime - this.#context.currentTime + this.#context.baseLatency) * 1000;
      return Date.now() + aheadMs;
    }
    return epochOffsetMs + performanceTime + (contextTime - referenceTime) * 1000;
  }
}
