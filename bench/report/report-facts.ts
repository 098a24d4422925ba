// What a report says in sentences, for every form of it: the conditions of the run, who was not measured,
// which figures are the generator's own, and the notes.
import { busiest, describeSaturation } from '../instruments/load/generator-load.ts';
import { formatFlags } from './format-value.ts';
import { mergeGroups, nameOf } from './merged-group.ts';
import { type RunReport, repetitionsOf } from './run-report.ts';

/** The command that makes such a run. */
export function commandOf({ scenario, options }: RunReport): string {
  return ['npm run bench --', scenario, ...formatFlags(options)].join(' ');
}

/** Programs with their versions. */
export function versionsOf({ machine, versions }: RunReport): string {
  const others = Object.entries(versions).map(([program, version]) => `${program} ${version}`);
  return [`Node ${machine.node}`, `ffmpeg ${machine.ffmpeg}`, ...others].join(', ');
}

/** What must not be overlooked: an unfinished run, subjects without figures or with a remark, saturated generators. */
export function warningsOf(report: RunReport): string[] {
  const unfinished = report.finished === 'complete' ? [] : [`This run was not finished: ${report.finished}.`];
  const absent = report.subjects
    .filter(({ state, detail }) => state !== 'measured' || detail !== undefined)
    .map(({ name, state, detail }) => {
      // Of a missing rival the detail is a whole sentence.
      if (state === 'missing' && detail) return `${detail}.`;
      return `${nameOf(name)}: ${state}${detail ? `: ${detail}` : ''}.`;
    });
  return [...unfinished, ...absent, ...saturations(report)];
}

function saturations(report: RunReport): string[] {
  return mergeGroups(report).flatMap(({ name, repetitions }) => {
    const saturated = repetitions.filter(({ generator }) => generator && describeSaturation(generator));
    const worst = describeSaturation(busiest(saturated.flatMap(({ generator }) => generator ?? [])));
    const which =
      repetitions.length > 1 ? `, repetition ${saturated.map((one) => one.repetition).join(', ')}` : '';
    return worst === undefined ? [] : [`${name}${which}: ${worst}`];
  });
}

/** How often everything was measured, and what the brackets in the tables are. */
export function repetitionSentence(report: RunReport): string {
  const count = repetitionsOf(report);
  if (count < 2) return 'One repetition: there are no confidence intervals.';
  return `Means of ${count} repetitions, with the 95% confidence interval (Student's t) in brackets where they differ.`;
}

/** A group's remarks, each once, with its repetition where they differ. */
export function notesByGroup(
  report: RunReport,
): { readonly name: string; readonly notes: readonly string[] }[] {
  return mergeGroups(report).map(({ name, repetitions }) => {
    const lines = new Map<string, number[]>();
    for (const { notes, repetition } of repetitions) {
      for (const note of notes) lines.set(note, [...(lines.get(note) ?? []), repetition]);
    }
    const notes = [...lines].map(([note, found]) =>
      found.length === repetitions.length ? note : `Repetition ${found.join(', ')}: ${note}`,
    );
    return { name, notes };
  });
}
