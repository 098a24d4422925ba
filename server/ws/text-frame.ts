// A WebSocket text frame as bytes (RFC 6455 section 5.2), built once and written to every socket. `ws` would build
// it anew for each. Right only while permessage-deflate is off and every message is one frame: nothing of ours
// can then be in the middle of a message when such a frame is written between two of `ws`.
import type { SharedFrame } from '../rooms/shared-frame.ts';

const FIN_TEXT = 0x81;

const encoded = new WeakMap<SharedFrame, Buffer>();

/** The frame's bytes, made on first use; nobody writes into them. */
export function sharedFrameBytes(frame: SharedFrame): Buffer {
  let bytes = encoded.get(frame);
  if (!bytes) {
    bytes = encodeTextFrame(frame.text);
    encoded.set(frame, bytes);
  }
  return bytes;
}

/** A complete, unmasked text frame, as servers send. */
export function encodeTextFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const headerLength = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(headerLength + length);
  frame[0] = FIN_TEXT;
  if (headerLength === 2) frame[1] = length;
  else if (headerLength === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.write(text, headerLength, 'utf8');
  return frame;
}
