// AAC: the AudioSpecificConfig and the codec string. Raw frames are never looked into.
import { BarrageError } from '../errors.ts';
import { BitReader } from './bit-reader.ts';

// ISO/IEC 14496-3 table 1.18.
const RATES = [96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350];
// Table 1.19: channels of each channelConfiguration; 0 means a program config element says.
const CHANNELS = [0, 1, 2, 3, 4, 5, 6, 8, 0, 0, 0, 7, 8, 24, 8];
const SBR = 5;
const PS = 29;

/** What an AudioSpecificConfig says (ISO/IEC 14496-3 1.6.2.1). */
export interface AacConfig {
  /** Audio object type of the core: 2 for AAC-LC. */
  readonly objectType: number;
  /** Hz of the core; `samplesPerFrame` counts at this rate. */
  readonly sampleRate: number;
  /** Hz after spectral band replication; the same as `sampleRate` without it. */
  readonly outputSampleRate: number;
  readonly channels: number;
  /** 1024, or 960 in broadcast variants. */
  readonly samplesPerFrame: number;
  /** `sbr` and `ps` are HE-AAC and HE-AAC v2, as far as signalled. */
  readonly extension: 'none' | 'sbr' | 'ps';
}

/**
 * Parses an AudioSpecificConfig.
 * @throws BarrageError `BAD_REQUEST` when malformed, `UNSUPPORTED_MEDIA` for object types that are not AAC
 */
export function parseAudioSpecificConfig(config: Buffer): AacConfig {
  const reader = new BitReader(config, 'AudioSpecificConfig');
  const first = readObjectType(reader);
  const sampleRate = readRate(reader);
  const channelConfig = reader.read(4);
  let objectType = first;
  let outputSampleRate = sampleRate;
  if (first === SBR || first === PS) {
    outputSampleRate = readRate(reader);
    objectType = readObjectType(reader);
  }
  if (![1, 2, 3, 4, 6, 7, 17, 23, 39].includes(objectType)) {
    throw new BarrageError('UNSUPPORTED_MEDIA', `audio object type ${objectType} is not AAC`);
  }
  const short = reader.flag(); // frameLengthFlag
  if (reader.flag()) reader.skip(14); // coreCoderDelay
  reader.skip(1); // extensionFlag
  const channels = channelConfig === 0 ? countElementChannels(reader) : (CHANNELS[channelConfig] ?? 0);
  if (channels === 0) throw new BarrageError('BAD_REQUEST', `AAC channel configuration ${channelConfig}`);
  const explicit = first === PS ? 'ps' : first === SBR ? 'sbr' : 'none';
  const core = { objectType, sampleRate, channels, samplesPerFrame: short ? 960 : 1024 };
  if (explicit !== 'none' || channelConfig === 0) return { ...core, outputSampleRate, extension: explicit };
  return { ...core, ...readSyncExtension(reader, sampleRate) };
}

function readObjectType(reader: BitReader): number {
  const type = reader.read(5);
  return type === 31 ? 32 + reader.read(6) : type;
}

function readRate(reader: BitReader): number {
  const index = reader.read(4);
  const rate = index === 15 ? reader.read(24) : (RATES[index] ?? 0);
  if (rate < 1000 || rate > 192_000) throw new BarrageError('BAD_REQUEST', `AAC sample rate ${rate} Hz`);
  return rate;
}

// 4.4.1.1 program_config_element, as far as the count of channels.
function countElementChannels(reader: BitReader): number {
  reader.skip(10); // element_instance_tag, object_type, sampling_frequency_index
  const outputs = [reader.read(4), reader.read(4), reader.read(4)];
  const lowFrequency = reader.read(2);
  reader.skip(7); // num_assoc_data_elements, num_valid_cc_elements
  if (reader.flag()) reader.skip(4);
  if (reader.flag()) reader.skip(4);
  if (reader.flag()) reader.skip(3);
  let channels = lowFrequency;
  for (const count of outputs) {
    for (let left = count; left > 0; left--) {
      channels += reader.flag() ? 2 : 1;
      reader.skip(4);
    }
  }
  return channels;
}

// 1.6.2.1: backward-compatible signalling of SBR and PS behind the core's config.
function readSyncExtension(
  reader: BitReader,
  sampleRate: number,
): Pick<AacConfig, 'outputSampleRate' | 'extension'> {
  const plain = { outputSampleRate: sampleRate, extension: 'none' } as const;
  if (reader.left < 17 || reader.read(11) !== 0x2b7 || readObjectType(reader) !== SBR) return plain;
  if (reader.left < 5 || !reader.flag()) return plain;
  const outputSampleRate = readRate(reader);
  const ps = reader.left >= 12 && reader.read(11) === 0x548 && reader.flag();
  return { outputSampleRate, extension: ps ? 'ps' : 'sbr' };
}

/**
 * Builds a two-byte (five for odd rates) AudioSpecificConfig for AAC-LC.
 * @throws BarrageError `BAD_REQUEST` when there is no channel configuration for `channels`
 */
export function buildAudioSpecificConfig(options: { sampleRate: number; channels: number }): Buffer {
  const { sampleRate, channels } = options;
  const channelConfig = channels === 8 ? 7 : channels;
  if (channelConfig < 1 || channelConfig > 7 || channels === 7) {
    throw new BarrageError('BAD_REQUEST', `AAC has no channel configuration for ${channels} channels`);
  }
  const index = RATES.indexOf(sampleRate);
  if (index >= 0) return Buffer.from([(2 << 3) | (index >> 1), ((index & 1) << 7) | (channelConfig << 3)]);
  const bits = (2n << 35n) | (15n << 31n) | (BigInt(sampleRate) << 7n) | (BigInt(channelConfig) << 3n);
  return Buffer.from(bits.toString(16).padStart(10, '0'), 'hex');
}

/** RFC 6381 3.3: `mp4a.40.2` for AAC-LC, `.5` HE-AAC, `.29` HE-AAC v2. */
export function aacCodecString(config: AacConfig): string {
  const type = config.extension === 'ps' ? PS : config.extension === 'sbr' ? SBR : config.objectType;
  return `mp4a.40.${type}`;
}
