// The property every parser of untrusted bytes has: it answers, or refuses with one of two codes.
import fc from 'fast-check';
import { BarrageError } from '../../core/errors.ts';

/** Runs `parse` on random bytes, and on `corpus` entries cut and flipped; any other throw fails. */
export function refusesOnly(parse: (data: Buffer) => unknown, corpus: readonly Buffer[]): void {
  const attempt = (data: Uint8Array): void => {
    try {
      parse(Buffer.from(data));
    } catch (error) {
      if (!(error instanceof BarrageError)) throw error;
      if (error.code !== 'BAD_REQUEST' && error.code !== 'UNSUPPORTED_MEDIA') throw error;
    }
  };
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), attempt), { numRuns: 500 });
  if (corpus.length === 0) return;
  const damaged = fc
    .record({
      base: fc.constantFrom(...corpus),
      keep: fc.double({ min: 0, max: 1, noNaN: true }),
      flips: fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
    })
    .map(({ base, keep, flips }) => {
      const data = Buffer.from(base.subarray(0, Math.ceil(base.length * keep)));
      for (const [at, byte] of flips) if (data.length > 0) data[at % data.length] = byte;
      return data;
    });
  fc.assert(fc.property(damaged, attempt), { numRuns: 1000 });
}
