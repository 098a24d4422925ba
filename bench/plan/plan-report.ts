// A plan as text, for a terminal and as Markdown: what is needed, from which figures, and every step of it.
import { CAPACITIES, type Capacities, type CapacityName } from './capacities.ts';
import type { AudiencePlan, PlanLine } from './plan.ts';
import type { Assumptions } from './plan-options.ts';
import { quantity } from './quantity.ts';

/** A heading with a table below it, and remarks. */
export interface PlanSection {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly remarks: readonly string[];
}

const CAVEATS = [
  'Twice the cores are taken to carry twice the load; figures come from the machines named below.',
  'A room lives on one server today: more than one machine means viewers split over several rooms, or an origin with edges, which is not built yet.',
];

/** Everything a plan says, in order. */
export function planSections(
  plans: readonly AudiencePlan[],
  given: Assumptions,
  capacities: Capacities,
): readonly PlanSection[] {
  return [
    { title: 'What it takes', columns: SUMMARY, rows: plans.map(summaryRow), remarks: remarksOf(plans) },
    {
      title: 'What was measured',
      columns: ['figure', 'value', 'unit', 'from'],
      rows: (Object.keys(CAPACITIES) as CapacityName[]).map((name) => capacityRow(name, capacities)),
      remarks: [],
    },
    {
      title: 'What is assumed',
      columns: ['option', 'value'],
      rows: assumptionRows(given),
      remarks: [],
    },
    ...plans.map((plan) => ({
      title: `${quantity(plan.viewers)} viewers, step by step`,
      columns: ['what', 'arithmetic', 'result'],
      rows: plan.lines.map(lineRow),
      remarks: [],
    })),
  ];
}

const SUMMARY = ['viewers', 'machines', 'bound by', 'cores', 'out, Gbit/s', 'traffic a month, TB'];

function summaryRow(plan: AudiencePlan): string[] {
  const least = plan.missing.length > 0 ? 'at least ' : '';
  return [
    quantity(plan.viewers),
    `${least}${quantity(plan.machines)}`,
    plan.boundBy,
    `${least}${quantity(Math.ceil(plan.cores))}`,
    quantity(plan.gbps),
    quantity(plan.terabytesPerMonth),
  ];
}

function remarksOf(plans: readonly AudiencePlan[]): string[] {
  const missing = [...new Set(plans.flatMap((plan) => plan.missing))];
  if (missing.length === 0) return CAVEATS;
  return [`NOT in these sums, because it was not measured: ${missing.join('; ')}.`, ...CAVEATS];
}

function capacityRow(name: CapacityName, capacities: Capacities): string[] {
  const { title, unit } = CAPACITIES[name];
  const capacity = capacities[name];
  return [title, capacity.state === 'not measured' ? '-' : quantity(capacity.value), unit, capacity.source];
}

function assumptionRows({ viewers, webrtcShare, ...numbers }: Assumptions): string[][] {
  return [
    ['--viewers', viewers.join(',')],
    ['viewers on WebRTC', `${quantity(webrtcShare * 100)}%`],
    ...Object.entries(numbers)
      .filter(([name]) => name !== 'webrtc-percent')
      .map(([name, value]) => [`--${name}`, quantity(value)]),
  ];
}

function lineRow({ title, arithmetic, value, unit }: PlanLine): string[] {
  return [title, arithmetic, value === undefined ? 'not measured' : `${quantity(value)} ${unit}`];
}
