// Real encoded media for tests: ffmpeg encodes a lavfi source to fragmented MP4, one fragment a frame, and
// this reads it back as a track and access units. A test tool: it trusts what it reads.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { AccessUnit, AudioCodec, Track, VideoCodec } from '../../core/access-unit.ts';

const run = promisify(execFile);

/** What to encode; `encoder` are ffmpeg output arguments such as `['-c:v', 'libx264']`. */
export interface LavfiOptions {
  readonly source: string;
  readonly encoder: readonly string[];
  readonly seconds: number;
  readonly startUs?: number;
}

/** A whole encoded track; unit times start at `startUs` (default 0). */
export interface EncodedMedia<T extends Track = Track> {
  readonly track: T;
  readonly units: AccessUnit[];
}

interface Sample {
  dts: number;
  offset: number;
  duration: number;
  key: boolean;
  data: Buffer;
}

/** Encodes a lavfi source. The container of the result is gone: only the track and its units remain. */
export async function encodeUnits<T extends Track = Track>(options: LavfiOptions): Promise<EncodedMedia<T>> {
  const kind = options.encoder.includes('-c:v') ? 'v' : 'a';
  const { stdout } = await run(
    'ffmpeg',
    [
      ...['-v', 'error', '-f', 'lavfi', '-i', options.source, '-t', String(options.seconds)],
      ...[...options.encoder, '-map', `0:${kind}`, '-f', 'mp4'],
      ...['-movflags', '+frag_every_frame+empty_moov+default_base_moof+delay_moov', 'pipe:1'],
    ],
    { encoding: 'buffer', maxBuffer: 1 << 28 },
  );
  return parseFragmented<T>(stdout, options.startUs ?? 0);
}

function parseFragmented<T extends Track>(file: Buffer, startUs: number): EncodedMedia<T> {
  const top = listBoxes(file);
  const moov = top.find((each) => each.type === 'moov')!.body;
  const mdia = path(moov, 'trak', 'mdia');
  const mdhd = path(mdia, 'mdhd');
  const timescale = mdhd.readUInt32BE(mdhd[0] === 1 ? 20 : 12);
  const stsd = path(mdia, 'minf', 'stbl', 'stsd');
  const track = readTrack(listBoxes(stsd.subarray(8))[0]!) as T;
  const samples: Sample[] = [];
  let moof: Buffer | undefined;
  for (const each of top) {
    if (each.type === 'moof') moof = each.body;
    if (each.type === 'mdat' && moof) samples.push(...readSamples(moof, each.body));
  }
  const toUs = (ticks: number): number => startUs + Math.round((ticks * 1e6) / timescale);
  // ffmpeg shifts decode times so that presentation starts at 0 or later; start the units at startUs.
  const base = samples[0]!.dts;
  const units = samples.map((each) => ({
    ptsUs: toUs(each.dts - base + each.offset),
    dtsUs: toUs(each.dts - base),
    durationUs: Math.round((each.duration * 1e6) / timescale),
    key: each.key,
    data: each.data,
  }));
  return { track, units };
}

function readSamples(moof: Buffer, mdat: Buffer): Sample[] {
  const traf = path(moof, 'traf');
  const tfhd = path(traf, 'tfhd');
  const tfhdFlags = tfhd.readUInt32BE(0) & 0xffffff;
  let at = 8;
  const next = (): number => {
    at += 4;
    return at - 4;
  };
  if (tfhdFlags & 0x2) at += 4;
  const durationDefault = tfhdFlags & 0x8 ? tfhd.readUInt32BE(next()) : 0;
  const sizeDefault = tfhdFlags & 0x10 ? tfhd.readUInt32BE(next()) : 0;
  const flagsDefault = tfhdFlags & 0x20 ? tfhd.readUInt32BE(at) : 0;
  const tfdt = path(traf, 'tfdt');
  let dts = tfdt[0] === 1 ? Number(tfdt.readBigUInt64BE(4)) : tfdt.readUInt32BE(4);
  const trun = path(traf, 'trun');
  const flags = trun.readUInt32BE(0) & 0xffffff;
  const count = trun.readUInt32BE(4);
  at = 8 + (flags & 0x1 ? 4 : 0);
  const firstFlags = flags & 0x4 ? trun.readUInt32BE(next()) : undefined;
  const samples: Sample[] = [];
  let from = 0;
  for (let index = 0; index < count; index++) {
    const duration = flags & 0x100 ? trun.readUInt32BE(next()) : durationDefault;
    const size = flags & 0x200 ? trun.readUInt32BE(next()) : sizeDefault;
    let sampleFlags = flags & 0x400 ? trun.readUInt32BE(next()) : flagsDefault;
    if (index === 0 && firstFlags !== undefined) sampleFlags = firstFlags;
    const offset = flags & 0x800 ? trun.readInt32BE(next()) : 0;
    samples.push({
      ...{ dts, offset, duration, key: (sampleFlags & 0x10000) === 0 },
      data: mdat.subarray(from, from + size),
    });
    from += size;
    dts += duration;
  }
  return samples;
}

function readTrack(entry: Mp4Box): Track {
  const { type, body } = entry;
  if (type === 'mp4a' || type === 'Opus') {
    const inner = listBoxes(body.subarray(28))[0]!.body;
    const codec: AudioCodec = type === 'Opus' ? 'opus' : 'aac';
    return {
      ...{ kind: 'audio', codec, sampleRate: body.readUInt16BE(24), channels: body.readUInt16BE(16) },
      ...{ bitrateKbps: 128, codecString: codec === 'opus' ? 'opus' : 'mp4a.40.2' },
      config: codec === 'opus' ? inner : readAudioSpecificConfig(inner),
    };
  }
  const codec = ({ avc1: 'h264', hvc1: 'hevc', hev1: 'hevc', av01: 'av1' } as Record<string, VideoCodec>)[
    type
  ]!;
  const config = listBoxes(body.subarray(78)).find((each) => /^(avcC|hvcC|av1C)$/.test(each.type))!.body;
  return {
    ...{ kind: 'video', codec, config, width: body.readUInt16BE(24), height: body.readUInt16BE(26) },
    ...{ frameRate: 30, bitrateKbps: 0, codecString: videoCodecString(type, config) },
  };
}

function videoCodecString(type: string, config: Buffer): string {
  if (type === 'avc1') return `avc1.${config.subarray(1, 4).toString('hex')}`;
  if (type === 'av01') return `av01.${config[1]! >> 5}.${String(config[1]! & 31).padStart(2, '0')}M.08`;
  return 'hvc1.1.6.L93.B0';
}

function readAudioSpecificConfig(esds: Buffer): Buffer {
  const tag = esds.indexOf(Buffer.from([0x05, 0x80, 0x80, 0x80]), 4);
  return esds.subarray(tag + 5, tag + 5 + esds[tag + 4]!);
}

/** A box of a file: its type and what follows the header. */
export interface Mp4Box {
  readonly type: string;
  readonly body: Buffer;
}

/** The boxes that stand one after another in `bytes`. */
export function listBoxes(bytes: Buffer): Mp4Box[] {
  const boxes: Mp4Box[] = [];
  for (let at = 0; at + 8 <= bytes.length; ) {
    const size = bytes.readUInt32BE(at);
    if (size < 8) throw new Error(`box of ${size} bytes at ${at}`);
    boxes.push({ type: bytes.toString('latin1', at + 4, at + 8), body: bytes.subarray(at + 8, at + size) });
    at += size;
  }
  return boxes;
}

/** The body of the first box at a path of types; throws when there is none. */
export function path(bytes: Buffer, ...types: string[]): Buffer {
  let body = bytes;
  for (const type of types) {
    const found = listBoxes(body).find((each) => each.type === type);
    if (!found) throw new Error(`no box "${type}" of ${types.join('/')}`);
    body = found.body;
  }
  return body;
}
