// The clock burned into a picture: 32 bits of wall time and a CRC-16 as a grid of big black and white
// blocks that survive scaling and lossy coding. Pure; runs in Node and in a browser. Does not draw.

/** Blocks across and down; row by row, most significant bit first. */
export const BARCODE_COLUMNS = 12;
export const BARCODE_ROWS = 4;

/** Where the grid lies in the picture, as fractions of its width and height. */
export const BARCODE_AREA = { left: 0.05, top: 0.05, width: 0.9, height: 0.45 } as const;

/** Luma of a dark and of a light block, limited range, away from the ends so that ringing does not clip. */
export const BARCODE_LUMA = { dark: 40, light: 210 } as const;

const CLOCK_BITS = 32;
const CRC_BITS = 16;
const CLOCK_MODULUS = 2 ** CLOCK_BITS;

/** CRC-16/CCITT-FALSE of the four bytes of the clock. */
function crc16(clock: number): number {
  let crc = 0xffff;
  for (const shift of [24, 16, 8, 0]) {
    crc ^= ((clock >>> shift) & 0xff) << 8;
    for (let bit = 0; bit < 8; bit++)
      crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff;
  }
  return crc;
}

/** The 48 bits of a clock in Unix ms; what is above 32 bits is left to the reader's own clock. */
export function encodeBarcode(clockMs: number): boolean[] {
  const clock = (Math.round(clockMs) % CLOCK_MODULUS) >>> 0;
  const crc = crc16(clock);
  const bits: boolean[] = [];
  for (let bit = CLOCK_BITS - 1; bit >= 0; bit--) bits.push(((clock >>> bit) & 1) === 1);
  for (let bit = CRC_BITS - 1; bit >= 0; bit--) bits.push(((crc >>> bit) & 1) === 1);
  return bits;
}

/**
 * The clock (Unix ms) of 48 bits, taken as the value nearest to `nowMs`; undefined when the checksum is
 * wrong, which is what a picture without a barcode gives.
 */
export function decodeBarcode(bits: readonly boolean[], nowMs: number): number | undefined {
  if (bits.length !== BARCODE_COLUMNS * BARCODE_ROWS) return undefined;
  const number = (from: number, to: number) =>
    bits.slice(from, to).reduce((value, bit) => value * 2 + (bit ? 1 : 0), 0);
  const clock = number(0, CLOCK_BITS);
  if (crc16(clock) !== number(CLOCK_BITS, CLOCK_BITS + CRC_BITS)) return undefined;
  return clock + Math.round((nowMs - clock) / CLOCK_MODULUS) * CLOCK_MODULUS;
}

/** A picture to read from: one byte of brightness every `stride` bytes, `width` by `height`. */
export interface BrightnessPlane {
  readonly data: ArrayLike<number>;
  readonly width: number;
  readonly height: number;
  /** Bytes between neighbouring pixels: 1 for a luma plane, 4 for RGBA (green is read as brightness). */
  readonly pixelBytes: 1 | 4;
}

/** Reads the grid: the middle half of every block is averaged and compared with the mean of all blocks. */
export function readBarcode(plane: BrightnessPlane, nowMs: number): number | undefined {
  const levels: number[] = [];
  for (let row = 0; row < BARCODE_ROWS; row++) {
    for (let column = 0; column < BARCODE_COLUMNS; column++) levels.push(blockLevel(plane, column, row));
  }
  const threshold = (Math.min(...levels) + Math.max(...levels)) / 2;
  return decodeBarcode(
    levels.map((level) => level > threshold),
    nowMs,
  );
}

function blockLevel(plane: BrightnessPlane, column: number, row: number): number {
  const blockWidth = (plane.width * BARCODE_AREA.width) / BARCODE_COLUMNS;
  const blockHeight = (plane.height * BARCODE_AREA.height) / BARCODE_ROWS;
  const left = plane.width * BARCODE_AREA.left + blockWidth * (column + 0.25);
  const top = plane.height * BARCODE_AREA.top + blockHeight * (row + 0.25);
  const offset = plane.pixelBytes === 4 ? 1 : 0;
  let sum = 0;
  let count = 0;
  for (let y = Math.round(top); y < top + blockHeight / 2; y++) {
    for (let x = Math.round(left); x < left + blockWidth / 2; x++) {
      sum += plane.data[(y * plane.width + x) * plane.pixelBytes + offset] ?? 0;
      count++;
    }
  }
  return count === 0 ? 0 : sum / count;
}
