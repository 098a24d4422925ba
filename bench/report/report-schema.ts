// The schema of a report's JSON file, once: report.schema.json is generated from it, and files that are read
// back are checked against it. Readers ignore fields they do not know.
import { z } from 'zod';
import { REPORT_SCHEMA } from './run-report.ts';

/** JSON has no NaN: a figure that could not be measured is stored as null and read back as NaN. */
const figure = () =>
  z
    .number()
    .nullable()
    .transform((value) => value ?? Number.NaN);
const key = () => z.string().min(1);

const better = z
  .enum(['lower', 'higher', 'neither'])
  .describe('Which way it improves; neither for counts that only describe the run.');

const summary = z
  .object({
    count: z.int().min(0).describe('How many values were recorded.'),
    min: figure().describe('Smallest value.'),
    mean: figure().describe('Arithmetic mean.'),
    p50: figure().describe('Median.'),
    p90: figure().describe('90th percentile.'),
    p95: figure().describe('95th percentile.'),
    p99: figure().describe('99th percentile.'),
    max: figure().describe('Largest value.'),
  })
  .meta({ id: 'Summary', description: 'Percentiles in the unit of the measurement; null without values.' });

const named = {
  key: key().describe('Stable over versions: targets and comparisons refer to it.'),
  title: z.string().describe('What was measured, for people.'),
  unit: z.string().describe('Unit of the values, for example ms; empty for a bare number.'),
  better,
};

const distribution = z
  .object({
    kind: z.literal('distribution'),
    ...named,
    summary,
    hdr: z
      .string()
      .exactOptional()
      .describe('Every value as an HdrHistogram, V2 compressed, base64, in microseconds.'),
    samples: z.array(z.number()).exactOptional().describe('Every value as it was measured, in `unit`.'),
  })
  .refine((one) => one.hdr !== undefined || one.samples !== undefined, 'neither "hdr" nor "samples"')
  .meta({ id: 'Distribution', description: 'Many values of one kind: either `hdr` or `samples` is there.' });

const single = z
  .object({ kind: z.literal('figure'), ...named, value: figure().describe('The number; null if unknown.') })
  .meta({ id: 'Figure', description: 'One number.' });

const axis = z
  .object({ title: z.string().describe('What the axis shows.'), unit: z.string().describe('Its unit.') })
  .meta({ id: 'Axis' });

const series = z
  .object({
    key: key().describe('Series of one key share a plot over all groups, subjects and repetitions.'),
    title: z.string().describe('What the curve is, for people.'),
    x: axis,
    y: axis,
    points: z.array(z.tuple([figure(), figure()])).describe('Pairs of x and y.'),
  })
  .meta({ id: 'Series', description: 'A curve, for example throughput against offered load.' });

const cpu = z
  .object({
    wallSeconds: z.number().describe('Length of the measured stretch.'),
    cpuSeconds: z
      .record(z.string(), z.number())
      .describe(
        'CPU seconds of each process, for example `server/node`, `server/ffmpeg`, `publisher/ffmpeg`.',
      ),
  })
  .meta({ id: 'CpuUse' });

const generator = z
  .object({
    utilization: z.number().describe('Share of the time its event loop was busy, 0 to 1.'),
    delayP99Ms: z.number().describe('99th percentile of how late its timers ran, ms.'),
  })
  .meta({ id: 'GeneratorLoad', description: 'How busy the load generator was; of several, the busiest.' });

const group = z
  .object({
    subject: z.string().describe('Who was measured: `barrage`, or the name of a rival.'),
    repetition: z.int().min(1).describe('Which repetition, from 1.'),
    key: key().describe('Stable over versions; the same for the same conditions with every subject.'),
    title: z.string().describe('The conditions, for people.'),
    measurements: z.array(z.discriminatedUnion('kind', [distribution, single])),
    series: z.array(series),
    cpu: cpu.exactOptional(),
    generator: generator.exactOptional(),
    notes: z.array(z.string()).describe('Counts and remarks that belong to the figures.'),
  })
  .meta({ id: 'Group', description: 'What was measured under one set of conditions.' });

const machine = z
  .object({
    cpu: z.string().describe('Model of the processor.'),
    cores: z.int().describe('Logical cores.'),
    memoryGiB: z.number(),
    kernel: z.string(),
    system: z.string().describe('Name and version of the distribution.'),
    node: z.string().describe('Version of Node.'),
    ffmpeg: z.string().describe('Version of ffmpeg.'),
    commit: z.string().describe('`git describe --always --dirty` of this project.'),
  })
  .meta({ id: 'Machine', description: 'Where it ran; what could not be found out is `unknown`.' });

const subject = z
  .object({
    name: z.string(),
    state: z.enum(['measured', 'missing', 'failed', 'interrupted']),
    detail: z.string().exactOptional().describe('What was missing and how to install it, or what failed.'),
  })
  .meta({ id: 'Subject', description: 'How it went with one subject.' });

/** One run of one scenario; parsed, it is a `RunReport`. */
export const reportSchema = z
  .object({
    schema: z.literal(REPORT_SCHEMA).describe('Version of this schema.'),
    scenario: key().describe('Name of the scenario.'),
    options: z.record(z.string(), z.union([z.string(), z.boolean()])).describe('Options as typed.'),
    startedAt: z.string().describe('ISO 8601, UTC.'),
    seconds: z.number().describe('How long the whole run took.'),
    finished: z.enum(['complete', 'interrupted', 'failed']),
    machine,
    versions: z.record(z.string(), z.string()).describe('Versions of further programs that took part.'),
    subjects: z.array(subject).describe('Everyone who was to be measured, also who could not be.'),
    groups: z.array(group).describe('Results, in the order in which they were measured.'),
  })
  .meta({ title: 'Barrage benchmark report', description: 'One run of one benchmark scenario.' });

/** The schema as JSON Schema 2020-12, as it stands in report.schema.json. */
export function reportJsonSchema(): string {
  const schema = z.toJSONSchema(reportSchema, { io: 'input', target: 'draft-2020-12' });
  return `${JSON.stringify(schema, null, 2)}\n`;
}
