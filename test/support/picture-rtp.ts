// Made-up H.264 pictures of one slice in one RTP packet, told apart by their bytes.
import { createHash } from 'node:crypto';

/** The slice of a picture, as a NAL unit: header and bytes that belong to this number alone. */
export function pictureSlice(number: number, bytes = 900): Buffer {
  const slice = Buffer.alloc(bytes, createHash('sha256').update(String(number)).digest());
  slice[0] = 0x41;
  return slice;
}

/** An RTP packet with the whole picture; its sequence number and timestamp follow from the number. */
export function pictureRtp(number: number): Buffer {
  const header = Buffer.alloc(12);
  header[0] = 0x80;
  header[1] = 0x80 | 96;
  header.writeUInt16BE(number & 0xffff, 2);
  header.writeUInt32BE((number * 3000) % 2 ** 32, 4);
  header.writeUInt32BE(7, 8);
  return Buffer.concat([header, pictureSlice(number)]);
}
