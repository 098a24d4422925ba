// What ffmpeg's NUT stream header says, as a Track; and its packets in the form of an access unit.
import type { Track } from '../../core/access-unit.ts';
import { aacCodecString, parseAudioSpecificConfig } from '../../core/codec/aac.ts';
import {
  AVC_NAL,
  avcCodecString,
  avcNalType,
  buildAvcConfig,
  parseAvcConfig,
  parseSps,
} from '../../core/codec/avc.ts';
import { joinNals, splitAnnexB } from '../../core/codec/nal.ts';
import { OPUS_CODEC_STRING, OPUS_SAMPLE_RATE, opusHeadToDops, parseDops } from '../../core/codec/opus.ts';
import { BarrageError } from '../../core/errors.ts';
import type { NutStream } from './nut-headers.ts';

/** What the stream itself does not say, known from the plan; 0 when unknown. */
export interface TrackHints {
  readonly frameRate: number;
  readonly bitrateKbps: number;
}

/**
 * The track of a NUT stream as ffmpeg writes it.
 * @throws BarrageError `UNSUPPORTED_MEDIA` for a codec other than H.264, AAC and Opus, `BAD_REQUEST` when
 * its codec data is malformed.
 */
export function readNutTrack(stream: NutStream, hints: TrackHints): Track {
  switch (stream.fourcc) {
    case 'H264':
      return readAvc(stream.codecData, hints);
    case 'Opus':
      return readOpus(stream.codecData, hints);
    case 'mp4a':
    case '\xff\0\0\0':
      return readAac(stream.codecData, hints);
    default:
      throw new BarrageError('UNSUPPORTED_MEDIA', `NUT codec ${JSON.stringify(stream.fourcc)}`);
  }
}

function readAvc(codecData: Buffer, { frameRate, bitrateKbps }: TrackHints): Track {
  const nals = splitAnnexB(codecData);
  const sps = nals.filter((nal) => avcNalType(nal) === AVC_NAL.sps);
  const pps = nals.filter((nal) => avcNalType(nal) === AVC_NAL.pps);
  const config = buildAvcConfig(sps, pps);
  const codecString = avcCodecString(parseAvcConfig(config));
  const { width, height } = parseSps(sps[0] as Buffer);
  return { kind: 'video', codec: 'h264', config, codecString, width, height, frameRate, bitrateKbps };
}

function readOpus(codecData: Buffer, { bitrateKbps }: TrackHints): Track {
  const config = opusHeadToDops(codecData);
  const channels = parseDops(config).channels;
  const codecString = OPUS_CODEC_STRING;
  return {
    kind: 'audio',
    codec: 'opus',
    config,
    codecString,
    sampleRate: OPUS_SAMPLE_RATE,
    channels,
    bitrateKbps,
  };
}

function readAac(config: Buffer, { bitrateKbps }: TrackHints): Track {
  const parsed = parseAudioSpecificConfig(config);
  const { channels, outputSampleRate: sampleRate } = parsed;
  const codecString = aacCodecString(parsed);
  return { kind: 'audio', codec: 'aac', config, codecString, sampleRate, channels, bitrateKbps };
}

const SEI_USER_DATA_UNREGISTERED = 5;
const FILLER_DATA = 12;

/**
 * An H.264 packet in Annex B form as `AccessUnit.data`: without parameter sets, delimiters, filler and the
 * encoder's signature. Other SEI stays: captions travel there.
 */
export function annexBToUnitData(packet: Buffer): Buffer {
  return joinNals(splitAnnexB(packet).filter(isWanted));
}

function isWanted(nal: Buffer): boolean {
  const type = avcNalType(nal);
  if (type === AVC_NAL.sei) return nal[1] !== SEI_USER_DATA_UNREGISTERED;
  return type !== AVC_NAL.sps && type !== AVC_NAL.pps && type !== AVC_NAL.aud && type !== FILLER_DATA;
}
