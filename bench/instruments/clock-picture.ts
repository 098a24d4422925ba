// Draws the test picture: the clock as a barcode above a scrolling texture with a flash at every full
// second. Pure drawing into I420 buffers; test-source.ts does the pacing.
import { BARCODE_AREA, BARCODE_COLUMNS, BARCODE_LUMA, BARCODE_ROWS, encodeBarcode } from './barcode.ts';

const BACKGROUND_LUMA = 96;
const WHITE_LUMA = 235;
const NEUTRAL_CHROMA = 128;
const SCROLL_PIXELS_PER_MS = 0.12;
/** The flash lasts as long as the beep of test-tone.ts. */
const FLASH_MS = 100;
const TEXTURE_WIDTH = 512;

/** A painter of test pictures of one size; width and height must be even. */
export class ClockPicture {
  readonly width: number;
  readonly height: number;
  readonly #texture: Uint8Array;
  readonly #textureTop: number;

  constructor(options: { readonly width: number; readonly height: number }) {
    this.width = options.width;
    this.height = options.height;
    this.#textureTop = Math.ceil(this.height * 0.56);
    this.#texture = makeTexture(this.height - this.#textureTop);
  }

  /** Bytes of one picture, I420. */
  get byteLength(): number {
    return (this.width * this.height * 3) / 2;
  }

  /** A new I420 picture that shows `clockMs` (Unix ms). */
  draw(clockMs: number): Buffer {
    const picture = Buffer.allocUnsafe(this.byteLength);
    const lumaBytes = this.width * this.height;
    picture.fill(BACKGROUND_LUMA, 0, lumaBytes);
    picture.fill(NEUTRAL_CHROMA, lumaBytes);
    this.#drawBarcode(picture, clockMs);
    this.#drawTexture(picture, clockMs);
    if (clockMs % 1000 < FLASH_MS) this.#drawFlash(picture);
    return picture;
  }

  #drawBarcode(picture: Buffer, clockMs: number): void {
    const bits = encodeBarcode(clockMs);
    const blockWidth = (this.width * BARCODE_AREA.width) / BARCODE_COLUMNS;
    const blockHeight = (this.height * BARCODE_AREA.height) / BARCODE_ROWS;
    bits.forEach((bit, index) => {
      this.#fill(picture, bit ? BARCODE_LUMA.light : BARCODE_LUMA.dark, {
        left: this.width * BARCODE_AREA.left + (index % BARCODE_COLUMNS) * blockWidth,
        top: this.height * BARCODE_AREA.top + Math.floor(index / BARCODE_COLUMNS) * blockHeight,
        width: blockWidth,
        height: blockHeight,
      });
    });
  }

  #drawTexture(picture: Buffer, clockMs: number): void {
    const shift = Math.floor(clockMs * SCROLL_PIXELS_PER_MS) % TEXTURE_WIDTH;
    for (let y = this.#textureTop; y < this.height; y++) {
      const row = (y - this.#textureTop) * TEXTURE_WIDTH;
      for (let x = 0; x < this.width; x++) {
        picture[y * this.width + x] = this.#texture[row + ((x + shift) % TEXTURE_WIDTH)] ?? BACKGROUND_LUMA;
      }
    }
  }

  #drawFlash(picture: Buffer): void {
    const side = this.height * 0.2;
    this.#fill(picture, WHITE_LUMA, {
      left: this.width - side * 1.5,
      top: this.height - side * 1.5,
      width: side,
      height: side,
    });
  }

  #fill(picture: Buffer, luma: number, box: Box): void {
    const left = Math.round(box.left);
    const right = Math.round(box.left + box.width);
    for (let y = Math.round(box.top); y < Math.round(box.top + box.height); y++) {
      picture.fill(luma, y * this.width + left, y * this.width + right);
    }
  }
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Smooth waves and repeatable noise: something an encoder has to spend bits on. */
function makeTexture(height: number): Uint8Array {
  const texture = new Uint8Array(TEXTURE_WIDTH * height);
  let seed = 1;
  for (let index = 0; index < texture.length; index++) {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    const x = index % TEXTURE_WIDTH;
    const y = Math.floor(index / TEXTURE_WIDTH);
    const wave = Math.sin((x * Math.PI * 8) / TEXTURE_WIDTH) * 40 + Math.sin(y / 5) * 25;
    texture[index] = Math.round(125 + wave + (seed / 2147483648 - 0.5) * 50);
  }
  return texture;
}
