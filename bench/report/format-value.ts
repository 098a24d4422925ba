// How figures are written for people, in every form of a report.
import type { Estimate } from './statistics.ts';

/** Three significant digits, thousands apart. */
export function formatValue(value: number): string {
  if (!Number.isFinite(value)) return '-';
  // What is left of nothing after rounding errors.
  if (Math.abs(value) < 1e-12) return '0';
  if (Math.abs(value) < 1e-4) return value.toExponential(2);
  return value.toLocaleString('en-US', { maximumSignificantDigits: Math.abs(value) >= 1000 ? 4 : 3 });
}

/** `1.8x (1.7 to 1.9)`; the value alone where there is no interval or one of no width. */
export function formatEstimate({ value, interval }: Estimate, unit = ''): string {
  const text = `${formatValue(value)}${unit}`;
  return interval && interval.low < interval.high
    ? `${text} (${formatValue(interval.low)} to ${formatValue(interval.high)})`
    : text;
}

/** `+12.3%`, of a share of 0.123; `over +1000%` where more digits would say no more. */
export function formatChange(share: number): string {
  if (!Number.isFinite(share)) return '-';
  const percent = share * 100;
  if (percent > 1000) return 'over +1000%';
  return `${percent > 0 ? '+' : ''}${percent.toFixed(Math.abs(percent) >= 100 ? 0 : 1)}%`;
}

/** The flags of a command line, as they were typed. */
export function formatFlags(options: Readonly<Record<string, string | boolean | undefined>>): string[] {
  return Object.entries(options)
    .filter(([, value]) => value !== undefined && value !== false)
    .map(([name, value]) => `--${name}${value === true ? '' : ` ${value}`}`);
}
