// How a plan writes numbers.

/** Four significant digits, thousands apart; `19,800,000`, `0.0156`. */
export function quantity(value: number): string {
  return value.toLocaleString('en-US', { maximumSignificantDigits: 4 });
}
