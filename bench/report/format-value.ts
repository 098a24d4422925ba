// How figures are written for people, in every form of a report.

/** Three significant digits, thousands apart. */
export function formatValue(value: number): string {
  if (!Number.isFinite(value)) return '-';
  return value.toLocaleString('en-US', { maximumSignificantDigits: Math.abs(value) >= 1000 ? 4 : 3 });
}
