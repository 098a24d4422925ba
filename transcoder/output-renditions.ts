// The renditions a transcoder writes: opened when their track is known, kept over restarts of ffmpeg, and
// only ever written forward in time.
import type { AccessUnit, Track } from '../core/access-unit.ts';
import type { OpenRendition, RenditionWriter } from '../core/rendition.ts';

/** A pause longer than this is told to the outputs as a discontinuity. */
const GAP_US = 1_000_000;

interface Output {
  readonly writer: RenditionWriter;
  track: Track;
  lastPtsUs: number;
  /** What the next unit has to be: any, the first of a new run, or the first of a changed track. */
  expects: 'next' | 'run' | 'track';
}

/** See the head of the file. Ids are those of the plan: `720p`, `opus`. */
export class OutputRenditions {
  readonly #open: OpenRendition;
  readonly #outputs = new Map<string, Output>();

  constructor(open: OpenRendition) {
    this.#open = open;
  }

  get ids(): readonly string[] {
    return [...this.#outputs.keys()];
  }

  /** The latest time viewers have been shown pictures or sound of; undefined before the first unit. */
  get shownUntilUs(): number | undefined {
    const times = [...this.#outputs.values()].map(({ lastPtsUs }) => lastPtsUs).filter(Number.isFinite);
    return times.length > 0 ? Math.max(...times) : undefined;
  }

  /** The track of a new run: opens the rendition, or changes its track when it is another. */
  setTrack(id: string, track: Track): void {
    const output = this.#outputs.get(id);
    if (output === undefined) {
      const writer = this.#open(id, track);
      this.#outputs.set(id, { writer, track, lastPtsUs: Number.NEGATIVE_INFINITY, expects: 'run' });
      return;
    }
    const isSame = output.track.codec === track.codec && output.track.config.equals(track.config);
    output.expects = isSame ? 'run' : 'track';
    if (isSame) return;
    output.track = track;
    output.writer.setTrack(track);
  }

  /** Writes a unit, unless it is from before what was written already or no run may begin with it. */
  write(id: string, unit: AccessUnit): void {
    const output = this.#outputs.get(id);
    if (output === undefined || unit.ptsUs <= output.lastPtsUs) return;
    if (output.expects !== 'next' && !unit.key) return;
    const isGap = unit.ptsUs - output.lastPtsUs > GAP_US && Number.isFinite(output.lastPtsUs);
    const discontinuity = isGap || output.expects === 'track';
    output.expects = 'next';
    output.lastPtsUs = unit.ptsUs;
    output.writer.write(discontinuity ? { ...unit, discontinuity } : unit);
  }

  /** Closes the renditions that are not among `ids`. */
  retain(ids: readonly string[], reason: string): void {
    for (const [id, { writer }] of this.#outputs) {
      if (ids.includes(id)) continue;
      this.#outputs.delete(id);
      writer.close(reason);
    }
  }
}
