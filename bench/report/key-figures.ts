// The few figures that a scenario calls its own, of all subjects side by side: what a reader looks at first.
import { formatEstimate } from './format-value.ts';
import { type MeasuredValue, measuredValues, STATISTICS, valuesOf } from './measured-value.ts';
import { nameOf } from './merged-group.ts';
import type { Table } from './report-tables.ts';
import type { RunReport } from './run-report.ts';
import { estimateMean } from './statistics.ts';

/**
 * A row for each of `figures` that was measured, given as scenarios name them: `GROUP/MEASUREMENT`, with `:p99`
 * for one number of a distribution (else p50), `*` for any group.
 */
export function keyFigureTable(report: RunReport, figures: readonly string[]): Table {
  const values = measuredValues(report, STATISTICS);
  const subjects = [...new Set(values.map(({ subject }) => subject))];
  const rows = figures.flatMap((figure) => {
    const found = values.filter(({ key }) => isNamedBy(key, figure));
    return [...new Set(found.map(({ key }) => key))].map((key) =>
      toRow(
        found.filter((one) => one.key === key),
        subjects,
      ),
    );
  });
  return {
    columns: ['conditions', 'measured', 'unit', ...subjects.map(nameOf)],
    numeric: [3, 2 + subjects.length],
    rows,
  };
}

function toRow(values: readonly MeasuredValue[], subjects: readonly string[]): string[] {
  const [first] = values;
  const cells = subjects.map((subject) => {
    const value = values.find((one) => one.subject === subject);
    return value ? formatEstimate(estimateMean(valuesOf(value))) : '-';
  });
  return [first?.group ?? '', first?.title ?? '', first?.unit ?? '', ...cells];
}

function isNamedBy(key: string, figure: string): boolean {
  const [group = '', measurement = ''] = figure.split('/');
  const [ownGroup = '', ownMeasurement = ''] = key.split('/');
  if (group !== '*' && group !== ownGroup) return false;
  return ownMeasurement === measurement || ownMeasurement === `${measurement}:p50`;
}
