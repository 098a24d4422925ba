// Loads the configuration: defaults < YAML file < environment < flags. The only reader of the config file.
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { z } from 'zod';
import { BarrageError } from '../core/errors.ts';
import { requireSafeExposure } from './exposure.ts';
import { type Config, configSchema } from './schema.ts';
import { describeValues, findNode } from './settings.ts';
import type { SettingValue } from './sources.ts';
import { readEnvironment } from './sources.ts';
import { suggestName } from './suggest.ts';

/** Where settings come from; each may be left out. `flags` are values already read by `readFlags`. */
export interface ConfigSources {
  readonly file?: string | undefined;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly flags?: readonly SettingValue[];
}

/**
 * Loads and checks the configuration.
 * @throws BarrageError `CONFIG_INVALID` with one line for each thing that is wrong.
 */
export function loadConfig(sources: ConfigSources = {}): Config {
  const tree = sources.file === undefined ? {} : readFile(sources.file);
  const overrides = [...readEnvironment(sources.env ?? {}), ...(sources.flags ?? [])];
  const origins = new Map<string, string>();
  for (const override of overrides) {
    assign(tree, override);
    origins.set(override.path.join('.'), override.source);
  }
  const parsed = configSchema.safeParse(tree);
  if (!parsed.success) {
    const fallback = sources.file === undefined ? 'the configuration' : `file ${sources.file}`;
    const lines = parsed.error.issues.flatMap((issue) => describeIssue(issue, { tree, origins, fallback }));
    throw new BarrageError('CONFIG_INVALID', lines.join('\n'));
  }
  checkTogether(parsed.data);
  return parsed.data;
}

type Tree = Record<string, unknown>;

function readFile(file: string): Tree {
  let content: unknown;
  try {
    content = parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new BarrageError('CONFIG_INVALID', `config file ${file}: ${reason}`, { cause: error });
  }
  if (content === null || content === undefined) return {};
  if (!isTree(content)) {
    throw new BarrageError('CONFIG_INVALID', `config file ${file} must hold settings as \`name: value\``);
  }
  return dropEmptySections(content);
}

/** A section whose settings are all commented out reads as null in YAML; it means "nothing set here". */
function dropEmptySections(tree: Tree): Tree {
  const entries = Object.entries(tree).filter(([, value]) => value !== null);
  return Object.fromEntries(
    entries.map(([key, value]) => [key, isTree(value) ? dropEmptySections(value) : value]),
  );
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function assign(tree: Tree, override: SettingValue): void {
  let node = tree;
  for (const key of override.path.slice(0, -1)) {
    if (!isTree(node[key])) node[key] = {};
    node = node[key] as Tree;
  }
  node[override.path.at(-1) as string] = override.value;
}

interface IssueContext {
  readonly tree: Tree;
  readonly origins: ReadonlyMap<string, string>;
  readonly fallback: string;
}

function describeIssue(issue: z.core.$ZodIssue, context: IssueContext): string[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => describeUnknown([...issue.path, key], context.fallback));
  }
  const name = issue.path.join('.');
  const node = findNode(issue.path);
  const value = issue.path.reduce<unknown>(
    (at, key) => (at as Tree | undefined)?.[key as string],
    context.tree,
  );
  const right = node ? describeValues(node) : issue.message;
  const source = context.origins.get(name) ?? context.fallback;
  return [`${name}: ${show(name, value)} is not right, it must be ${right} (${source})`];
}

function describeUnknown(path: readonly PropertyKey[], source: string): string {
  const section = path.slice(0, -1);
  const node = findNode(section);
  const near = suggestName(
    String(path.at(-1)),
    Object.keys(node?.properties ?? node?.items?.properties ?? {}),
  );
  const hint = near === undefined ? '' : `; did you mean ${[...section, near].join('.')}?`;
  return `${path.join('.')} is not a setting${hint} (${source})`;
}

/** A value as shown in a message; secrets are never shown. */
function show(name: string, value: unknown): string {
  if (/secret|token/i.test(name)) return 'the value given';
  return value === undefined ? 'a missing value' : JSON.stringify(value);
}

/** Checks that no single setting can make. */
function checkTogether(config: Config): void {
  const { http, hls, ws, shutdown } = config;
  const lines: string[] = [];
  if ((http.tls.cert === undefined) !== (http.tls.key === undefined)) {
    lines.push('http.tls: cert and key go together, only one of them is set');
  }
  if (hls.partMs > hls.segmentMs) {
    lines.push(
      `hls.partMs: ${hls.partMs} is more than hls.segmentMs ${hls.segmentMs}, it must be at most that`,
    );
  }
  if (ws.pulseBufferedBytes > ws.chatBufferedBytes || ws.chatBufferedBytes > ws.maxBufferedBytes) {
    lines.push('ws: pulseBufferedBytes <= chatBufferedBytes <= maxBufferedBytes does not hold');
  }
  if (shutdown.drainMs > shutdown.deadlineMs) {
    lines.push(
      `shutdown.drainMs: ${shutdown.drainMs} is more than shutdown.deadlineMs ${shutdown.deadlineMs}`,
    );
  }
  if (lines.length > 0) throw new BarrageError('CONFIG_INVALID', lines.join('\n'));
  requireSafeExposure(config);
}
