// What people type, made fit to be shown: cleaned, and measured as people count characters. Pure.
import { BarrageError } from '../../core/errors.ts';

const segmenter = new Intl.Segmenter('und', { granularity: 'grapheme' });

/** Most UTF-16 units per counted character: long enough for any emoji sequence, too short for a stack of marks. */
const MAX_UNITS_PER_GRAPHEME = 16;

/**
 * Control and private-use characters, bidirectional overrides and other invisible format characters. The two
 * joiners and the emoji tag characters stay: Persian, Indic scripts and emoji need them.
 */
const UNWANTED = /(?!\u200c|\u200d|[\u{e0020}-\u{e007f}])[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu;
const VISIBLE = /[^\p{Cf}\p{M}\s]/u;

/**
 * Text of ASCII, common Chinese characters and full-width punctuation: composed already, and every UTF-16 unit is a
 * character on its own. Segmenting it would take 50 us for nothing.
 */
const PLAIN = /^[\x20-\x7e\u3001-\u3011\u4e00-\u9fa5\uff01-\uff5e]*$/;
const SPACE_TO_CLEAN = /^ | $| {2}/;

/**
 * Length in grapheme clusters (UAX 29).
 * @throws BarrageError `BAD_REQUEST` for a cluster of more than {@link MAX_UNITS_PER_GRAPHEME} UTF-16 units.
 */
export function countGraphemes(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let count = 0;
  for (const { segment } of segmenter.segment(text)) {
    if (segment.length > MAX_UNITS_PER_GRAPHEME) {
      throw new BarrageError('BAD_REQUEST', 'the text has a character with too many marks on it');
    }
    count++;
  }
  return count;
}

/**
 * The text as it will be shown: composed, on one line, trimmed.
 * @throws BarrageError `BAD_REQUEST` when nothing is left or it is longer than `maxGraphemes`.
 */
export function cleanChatText(text: string, maxGraphemes: number): string {
  const isClean = PLAIN.test(text) && !SPACE_TO_CLEAN.test(text);
  const clean = isClean
    ? text
    : text.normalize('NFC').replaceAll(/\s+/gu, ' ').replaceAll(UNWANTED, '').trim();
  if (!VISIBLE.test(clean)) throw new BarrageError('BAD_REQUEST', 'the text is empty');
  const length = countGraphemes(clean);
  if (length > maxGraphemes) {
    throw new BarrageError(
      'BAD_REQUEST',
      `the text has ${length} characters, at most ${maxGraphemes} are allowed`,
    );
  }
  return clean;
}
