// H.264 access units as RTP payloads, packetization mode 1: single NAL units, STAP-A for parameter sets,
// FU-A for what is too long. Pure; headers and timestamps are rtp-stream.ts's.
import { AVC_NAL, avcNalType } from '../../core/codec/avc.ts';
import { forEachNal } from '../../core/codec/nal.ts';

const STAP_A = 24;
const FU_A = 28;
const FILLER = 12;

/** Options of {@link packetizeH264}. */
export interface H264PacketizerOptions {
  /** Longest payload, bytes. */
  readonly maxPayloadBytes: number;
  /** SPS and PPS to send first, in one STAP-A when they fit: for every key frame. */
  readonly parameterSets?: readonly Buffer[];
}

/**
 * The payloads of one access unit (NAL units behind 4-byte lengths), in order (RFC 6184 5.6-5.8).
 * Access unit delimiters, filler and in-band parameter sets are left out: the first two say nothing to an
 * RTP receiver, the last come from `parameterSets`, where the SFU looks for them to see a key frame.
 */
export function packetizeH264(data: Buffer, options: H264PacketizerOptions): Buffer[] {
  const payloads: Buffer[] = [];
  if (options.parameterSets) pushAggregated(payloads, options.parameterSets, options.maxPayloadBytes);
  forEachNal(data, (nal) => {
    if (isSent(avcNalType(nal))) pushNal(payloads, nal, options.maxPayloadBytes);
  });
  return payloads;
}

function isSent(type: number): boolean {
  return type !== AVC_NAL.aud && type !== FILLER && type !== AVC_NAL.sps && type !== AVC_NAL.pps;
}

function pushNal(payloads: Buffer[], nal: Buffer, maxBytes: number): void {
  if (nal.length <= maxBytes) payloads.push(nal);
  else pushFragments(payloads, nal, maxBytes);
}

// RFC 6184 5.7.1: one header byte with the highest nal_ref_idc, then each unit behind a 16-bit size.
function pushAggregated(payloads: Buffer[], nals: readonly Buffer[], maxBytes: number): void {
  const size = nals.reduce((sum, nal) => sum + 2 + nal.length, 1);
  if (nals.length < 2 || size > maxBytes) {
    for (const nal of nals) pushNal(payloads, nal, maxBytes);
    return;
  }
  const payload = Buffer.allocUnsafe(size);
  let refIdc = 0;
  let at = 1;
  for (const nal of nals) {
    refIdc = Math.max(refIdc, (nal[0] ?? 0) & 0x60);
    payload.writeUInt16BE(nal.length, at);
    nal.copy(payload, at + 2);
    at += 2 + nal.length;
  }
  payload[0] = refIdc | STAP_A;
  payloads.push(payload);
}

// RFC 6184 5.8: the NAL header is not repeated but spread over FU indicator and FU header. Fragments are
// of even length, so that none is a few bytes long.
function pushFragments(payloads: Buffer[], nal: Buffer, maxBytes: number): void {
  const header = nal[0] ?? 0;
  const body = nal.subarray(1);
  const count = Math.ceil(body.length / (maxBytes - 2));
  for (let index = 0; index < count; index++) {
    const from = Math.floor((body.length * index) / count);
    const to = Math.floor((body.length * (index + 1)) / count);
    const payload = Buffer.allocUnsafe(2 + to - from);
    payload[0] = (header & 0xe0) | FU_A;
    payload[1] = (index === 0 ? 0x80 : 0) | (index === count - 1 ? 0x40 : 0) | (header & 0x1f);
    body.copy(payload, 2, from, to);
    payloads.push(payload);
  }
}
