// The segments of one rendition that can be fetched, and those of them a playlist lists. Memory is
// bounded by the window; it outlives an interruption, so that numbers and names go on.
import { EventEmitter } from 'node:events';
import { createShortId } from '../../core/ids.ts';
import { BandwidthMeter, type MeasuredBandwidth } from './bandwidth-meter.ts';
import type { BuiltPart } from './part-builder.ts';
import type { HlsPart, HlsSegment, MediaSegment } from './segment.ts';

/** `part`: one more part of the open segment. `segment`: a segment was finished or left out. */
export interface SegmentWindowEvents {
  part: [part: HlsPart];
  segment: [segment: HlsSegment];
}

export interface SegmentWindowOptions {
  readonly targetUs: number;
  /** Segments listed; as many again, and one, stay fetchable for players with an older playlist. */
  readonly windowSegments: number;
  /** The media sequence number of a first segment that starts there. */
  readonly firstSequence: (startUs: number) => number;
}

/** Where and in which era a segment begins; times on the media clock, microseconds. */
export interface SegmentStart {
  readonly startUs: number;
  readonly era: number;
}

/** The segment being filled: its parts so far can be fetched already. */
export type OpenSegment = Omit<MediaSegment, 'kind' | 'parts' | 'bytes'> & { readonly parts: HlsPart[] };

/** What a name stands for. */
export interface SegmentFile {
  readonly kind: 'init' | 'segment' | 'part';
  readonly body: Buffer;
}

/** See the head of the file. Segments are named after an epoch that no other window has. */
export class SegmentWindow extends EventEmitter<SegmentWindowEvents> {
  readonly epoch = createShortId();
  readonly #options: SegmentWindowOptions;
  readonly #meter: BandwidthMeter;
  readonly #inits = new Map<string, Buffer>();
  #initCount = 0;
  #segments: HlsSegment[] = [];
  #open: OpenSegment | undefined;
  #firstSequence = 0;
  #nextSequence: number | undefined;
  #targetDurationS: number;

  constructor(options: SegmentWindowOptions) {
    super();
    this.#options = options;
    this.#meter = new BandwidthMeter(options.targetUs);
    this.#targetDurationS = Math.max(1, Math.round(options.targetUs / 1_000_000));
  }

  /** The segment being filled. */
  get open(): OpenSegment | undefined {
    return this.#open;
  }

  /** Segments of the playlist, oldest first. */
  get listed(): readonly HlsSegment[] {
    return this.#segments.slice(-this.#options.windowSegments);
  }

  /** Where the newest segment ends; undefined before the first. */
  get endUs(): number | undefined {
    const last = this.#open ?? this.#segments.at(-1);
    return last && last.startUs + last.durationUs;
  }

  /** Era of the newest segment; undefined before the first. */
  get era(): number | undefined {
    return (this.#open ?? this.#segments.at(-1))?.era;
  }

  /** EXT-X-TARGETDURATION, seconds: no listed segment rounds to more, and it never shrinks. */
  get targetDurationS(): number {
    return this.#targetDurationS;
  }

  /** Whether there is a segment with media in it. */
  get playable(): boolean {
    return this.#segments.some((segment) => segment.kind === 'media');
  }

  /** Whole segments so far, those that are gone included. */
  get segmentCount(): number {
    const first = this.#segments[0];
    return first ? (this.#nextSequence ?? 0) - this.#firstSequence : 0;
  }

  get bandwidth(): MeasuredBandwidth {
    return this.#meter.measure();
  }

  /** Bytes of media held. */
  get bufferedBytes(): number {
    const whole = this.#segments.reduce(
      (sum, each) => sum + (each.kind === 'media' ? each.byteLength : 0),
      0,
    );
    return whole + (this.#open?.byteLength ?? 0);
  }

  /** Takes the init segment of what follows and answers its name: the last one's when nothing changed. */
  addInit(bytes: Buffer): string {
    const last = this.#initNameOf(this.#initCount - 1);
    if (this.#inits.get(last)?.equals(bytes)) return last;
    const name = this.#initNameOf(this.#initCount++);
    this.#inits.set(name, bytes);
    this.#meter.restart();
    return name;
  }

  begin(start: SegmentStart, initName: string): void {
    this.#open = {
      ...this.#place(start, initName),
      ...{ durationUs: 0, parts: [], byteLength: 0, samples: 0, independent: true },
    };
  }

  addPart(built: BuiltPart, samples: number): void {
    const open = this.#open;
    if (!open) return;
    const part = { ...built, index: open.parts.length };
    open.parts.push(part);
    this.#open = {
      ...open,
      durationUs: open.durationUs + part.durationUs,
      byteLength: open.byteLength + part.bytes.length,
      samples: open.samples + samples,
      independent: open.parts[0]?.independent ?? false,
    };
    this.emit('part', part);
  }

  /** Ends the open segment; one without a part is as if it had never begun. */
  finish(): void {
    const open = this.#open;
    this.#open = undefined;
    if (!open || open.parts.length === 0) return;
    this.#meter.add({ bytes: open.byteLength, durationUs: open.durationUs, samples: open.samples });
    this.#append(toMediaSegment(open));
  }

  /** Lists a segment whose media is missing. */
  addGap(start: SegmentStart, durationUs: number): void {
    const initName = this.#segments.at(-1)?.initName;
    if (initName) this.#append({ ...this.#place(start, initName), kind: 'gap', durationUs });
  }

  /** The bytes behind a file name below the rendition's folder; undefined when unknown or gone. */
  find(name: string): SegmentFile | undefined {
    const init = this.#inits.get(name);
    if (init) return { kind: 'init', body: init };
    const match = /^([a-z0-9]+-\d+)(?:\.(\d+))?\.m4s$/.exec(name);
    if (!match) return undefined;
    const fileName = `${match[1]}.m4s`;
    const whole = this.#segments.find((each) => each.name === fileName);
    if (match[2] === undefined)
      return whole?.kind === 'media' ? { kind: 'segment', body: whole.bytes } : undefined;
    const holder = whole?.kind === 'media' ? whole : this.#open?.name === fileName ? this.#open : undefined;
    const part = holder?.parts[Number(match[2])];
    return part && { kind: 'part', body: part.bytes };
  }

  /** Lets go of everything. */
  clear(): void {
    this.#segments = [];
    this.#open = undefined;
    this.#inits.clear();
    this.removeAllListeners();
  }

  #place(start: SegmentStart, initName: string) {
    if (this.#nextSequence === undefined) {
      this.#firstSequence = this.#options.firstSequence(start.startUs);
      this.#nextSequence = this.#firstSequence;
    }
    const previous = this.#segments.at(-1)?.era;
    const sequence = this.#nextSequence;
    const discontinuities = previous === undefined ? 0 : start.era - previous;
    return { ...start, sequence, discontinuities, initName, name: `${this.epoch}-${sequence}.m4s` };
  }

  #append(segment: HlsSegment): void {
    this.#nextSequence = segment.sequence + 1;
    this.#segments.push(segment);
    this.#targetDurationS = Math.max(this.#targetDurationS, Math.round(segment.durationUs / 1_000_000));
    if (this.#segments.length > this.#options.windowSegments * 2 + 1) this.#segments.shift();
    this.#dropUnusedInits();
    this.emit('segment', segment);
  }

  #initNameOf(generation: number): string {
    return `init-${this.epoch}-${generation}.mp4`;
  }

  #dropUnusedInits(): void {
    const newest = this.#initNameOf(this.#initCount - 1);
    const used = new Set(this.#segments.map((each) => each.initName)).add(newest);
    for (const name of this.#inits.keys()) if (!used.has(name)) this.#inits.delete(name);
  }
}

/**
 * A finished segment. The first request for the whole joins its parts into one buffer, of which they become
 * views: the media is held once, and a stream that nobody watches on HLS is not copied.
 */
function toMediaSegment(open: OpenSegment): MediaSegment {
  let parts: readonly HlsPart[] = open.parts;
  let bytes: Buffer | undefined;
  return {
    ...open,
    kind: 'media',
    get parts() {
      return parts;
    },
    get bytes() {
      if (bytes !== undefined) return bytes;
      bytes = Buffer.concat(parts.map((part) => part.bytes));
      parts = viewsOf(bytes, parts);
      return bytes;
    },
  };
}

function viewsOf(whole: Buffer, parts: readonly HlsPart[]): HlsPart[] {
  let end = 0;
  return parts.map((part) => {
    const start = end;
    end += part.bytes.length;
    return { ...part, bytes: whole.subarray(start, end) };
  });
}
