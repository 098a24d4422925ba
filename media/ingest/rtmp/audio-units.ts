// AAC and Opus of FLV tags as tracks and access units. Pure: knows no connection.
import type { AudioCodec, AudioTrack } from '../../../core/access-unit.ts';
import { aacCodecString, parseAudioSpecificConfig } from '../../../core/codec/aac.ts';
import {
  buildDops,
  OPUS_CODEC_STRING,
  OPUS_SAMPLE_RATE,
  opusHeadToDops,
  opusPacketDurationUs,
  parseDops,
} from '../../../core/codec/opus.ts';

/** An audio track with the length of its frames; 0 when each frame says (Opus). */
interface AudioState {
  readonly track: AudioTrack;
  readonly frameDurationUs: number;
}

/** What a frame becomes; `track` is set when it needs a track that was not announced. */
export interface AudioFrame {
  readonly durationUs: number;
  readonly track?: AudioTrack;
}

/** Follows one audio track of a publication. Parsers' errors (`BAD_REQUEST`, `UNSUPPORTED_MEDIA`) pass through. */
export class AudioUnits {
  #state: AudioState | undefined;

  /** Takes a sequence header; the new track, or undefined when nothing changed. */
  configure(codec: AudioCodec, body: Buffer, bitrateKbps: number): AudioTrack | undefined {
    const next = codec === 'aac' ? aacState(body, bitrateKbps) : opusState(opusHeadToDops(body), bitrateKbps);
    const { track } = this.#state ?? {};
    if (track?.codec === codec && track.config.equals(next.track.config)) return undefined;
    this.#state = next;
    return next.track;
  }

  /** Describes a frame, or undefined when no track for it is known yet. */
  frame(codec: AudioCodec, body: Buffer): AudioFrame | undefined {
    if (codec === 'aac') {
      return this.#state?.track.codec === 'aac' ? { durationUs: this.#state.frameDurationUs } : undefined;
    }
    const durationUs = opusPacketDurationUs(body);
    if (this.#state?.track.codec === 'opus') return { durationUs };
    // The sequence header of Opus is optional; the packet says mono or stereo (RFC 6716 3.1).
    const channels = (body[0] ?? 0) & 4 ? 2 : 1;
    this.#state = opusState(buildDops({ channels }), 0);
    return { durationUs, track: this.#state.track };
  }
}

function aacState(body: Buffer, bitrateKbps: number): AudioState {
  const aac = parseAudioSpecificConfig(body);
  const track: AudioTrack = {
    kind: 'audio',
    codec: 'aac',
    config: Buffer.from(body),
    codecString: aacCodecString(aac),
    sampleRate: aac.outputSampleRate,
    channels: aac.extension === 'ps' ? 2 : aac.channels,
    bitrateKbps,
  };
  return { track, frameDurationUs: Math.round((aac.samplesPerFrame * 1e6) / aac.sampleRate) };
}

function opusState(dops: Buffer, bitrateKbps: number): AudioState {
  const { channels } = parseDops(dops);
  const codecString = OPUS_CODEC_STRING;
  const shape = { config: dops, codecString, sampleRate: OPUS_SAMPLE_RATE, channels, bitrateKbps };
  return { track: { kind: 'audio', codec: 'opus', ...shape }, frameDurationUs: 0 };
}
