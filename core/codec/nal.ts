// NAL units of H.264 and HEVC: taking them out of, and putting them into, length-prefixed and Annex B
// form. Knows nothing of what is inside a NAL unit.
import { BarrageError } from '../errors.ts';

const START_CODE = Buffer.from([0, 0, 0, 1]);

/**
 * The NAL units of length-prefixed data (ISO/IEC 14496-15 4.3), as views. Empty ones are skipped.
 * @param lengthSize bytes of each length, 1-4; 4 inside the server
 * @throws BarrageError `BAD_REQUEST` when a length runs past the end
 */
export function splitNals(data: Buffer, lengthSize = 4): Buffer[] {
  const nals: Buffer[] = [];
  forEachNal(data, (nal) => nals.push(nal), lengthSize);
  return nals;
}

/** Calls `visit` with a view of each NAL unit; like {@link splitNals} without the array. */
export function forEachNal(data: Buffer, visit: (nal: Buffer) => void, lengthSize = 4): void {
  for (let at = 0; at < data.length; ) {
    const start = at + lengthSize;
    if (start > data.length) throw new BarrageError('BAD_REQUEST', 'NAL length cut off');
    const end = start + data.readUIntBE(at, lengthSize);
    if (end > data.length) {
      throw new BarrageError('BAD_REQUEST', `NAL of ${end - start} bytes in ${data.length - start} left`);
    }
    if (end > start) visit(data.subarray(start, end));
    at = end;
  }
}

/** NAL units, each behind a 4-byte big-endian length: the form of `AccessUnit.data`. */
export function joinNals(nals: readonly Buffer[]): Buffer {
  let size = 0;
  for (const nal of nals) size += 4 + nal.length;
  const out = Buffer.allocUnsafe(size);
  let at = 0;
  for (const nal of nals) {
    out.writeUInt32BE(nal.length, at);
    nal.copy(out, at + 4);
    at += 4 + nal.length;
  }
  return out;
}

/**
 * The kept NAL units of length-prefixed `data` as {@link joinNals} makes them: `data` itself, not copied, when
 * it is that already because nothing was left out, as is usual.
 */
export function keepNals(data: Buffer, kept: readonly Buffer[], lengthSize = 4): Buffer {
  let size = 0;
  for (const nal of kept) size += 4 + nal.length;
  return lengthSize === 4 && size === data.length ? data : joinNals(kept);
}

/** NAL units in Annex B form, each behind a 4-byte start code (ITU-T H.264 B.1). */
export function nalsToAnnexB(nals: readonly Buffer[]): Buffer {
  return Buffer.concat(nals.flatMap((nal) => [START_CODE, nal]));
}

/** `AccessUnit.data` in Annex B form, optionally with parameter sets put in front. */
export function toAnnexB(data: Buffer, parameterSets: readonly Buffer[] = []): Buffer {
  return nalsToAnnexB([...parameterSets, ...splitNals(data)]);
}

/** The NAL units of an Annex B byte stream (3- and 4-byte start codes), as views. Never throws. */
export function splitAnnexB(data: Buffer): Buffer[] {
  const nals: Buffer[] = [];
  let start = -1;
  for (let at = data.indexOf('\0\0\x01', 0, 'latin1'); at >= 0; ) {
    if (start >= 0) pushTrimmed(nals, data.subarray(start, at));
    start = at + 3;
    at = data.indexOf('\0\0\x01', start, 'latin1');
  }
  if (start >= 0) pushTrimmed(nals, data.subarray(start));
  return nals;
}

// Zero bytes before a start code belong to the stream, not to the NAL unit, which never ends in zero.
function pushTrimmed(nals: Buffer[], nal: Buffer): void {
  let end = nal.length;
  while (end > 0 && nal[end - 1] === 0) end--;
  if (end > 0) nals.push(nal.subarray(0, end));
}

/** A NAL unit without its emulation prevention bytes (ITU-T H.264 7.3.1): what parsers read. */
export function unescapeNal(nal: Buffer): Buffer {
  const out = Buffer.allocUnsafe(nal.length);
  let size = 0;
  let zeros = 0;
  for (const byte of nal) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    out[size++] = byte;
  }
  return out.subarray(0, size);
}
