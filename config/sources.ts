// Environment and flags as values at setting paths. Finds the setting a name means and reads the text as the
// setting's kind; whether the value is right is the schema's business.
import { BarrageError } from '../core/errors.ts';
import { envName, type JsonNode, type Setting, settings } from './settings.ts';
import { suggestName } from './suggest.ts';

/** One value and where it came from, for messages. */
export interface SettingValue {
  readonly path: readonly string[];
  readonly value: unknown;
  readonly source: string;
}

/** What a command line says. */
export interface Flags {
  readonly values: readonly SettingValue[];
  readonly configFile?: string;
  readonly action: 'run' | 'help' | 'version';
}

const ENV_PREFIX = 'BARRAGE_';

/**
 * Settings named in the environment: `BARRAGE_HTTP__PORT=8080`. Case and single underscores do not matter.
 * @throws BarrageError `CONFIG_INVALID` for a `BARRAGE_` name that is no setting.
 */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): SettingValue[] {
  const values: SettingValue[] = [];
  for (const [name, text] of Object.entries(env)) {
    if (!name.toUpperCase().startsWith(ENV_PREFIX) || text === undefined) continue;
    const parts = name.slice(ENV_PREFIX.length).split('__');
    const setting = findSetting(parts);
    if (!setting) throw unknownName(`environment variable ${name}`, name, settings.map(nameInEnv));
    values.push({
      path: setting.path,
      value: readText(text, setting.node),
      source: `environment variable ${name}`,
    });
  }
  return values;
}

/**
 * Settings named on the command line: `--http.port=8080`, `--http.port 8080`, `--demo`, `--config FILE`.
 * @throws BarrageError `CONFIG_INVALID` for what is no flag, or a flag without its value.
 */
export function readFlags(args: readonly string[]): Flags {
  const values: SettingValue[] = [];
  let configFile: string | undefined;
  let action: Flags['action'] = 'run';
  const rest = [...args];
  while (rest.length > 0) {
    const { name, text } = splitFlag(rest.shift() as string);
    if (name === 'help' || name === 'h') action = 'help';
    else if (name === 'version') action = 'version';
    else if (name === 'config') configFile = text ?? takeValue(rest, '--config', 'a file name');
    else values.push(readSettingFlag(name, text, rest));
  }
  return { values, action, ...(configFile === undefined ? {} : { configFile }) };
}

function splitFlag(arg: string): { name: string; text: string | undefined } {
  const match = /^--?([A-Za-z][\w.-]*)(?:=(.*))?$/s.exec(arg);
  if (!match) {
    throw new BarrageError('CONFIG_INVALID', `"${arg}" is not a flag; flags look like --http.port=8080`);
  }
  return { name: match[1] as string, text: match[2] };
}

function readSettingFlag(name: string, text: string | undefined, rest: string[]): SettingValue {
  const setting = findSetting(name.split('.'));
  if (!setting) {
    const known = ['help', 'version', 'config', ...settings.map((each) => each.path.join('.'))];
    throw unknownName(`flag --${name}`, name, known, '--');
  }
  const isSwitch = setting.node.type === 'boolean';
  const given = text ?? (isSwitch ? 'true' : takeValue(rest, `--${name}`, 'a value'));
  return { path: setting.path, value: readText(given, setting.node), source: `flag --${name}` };
}

function takeValue(rest: string[], flag: string, what: string): string {
  const value = rest.shift();
  if (value === undefined || value.startsWith('--')) {
    throw new BarrageError('CONFIG_INVALID', `flag ${flag} needs ${what}: ${flag}=...`);
  }
  return value;
}

function findSetting(parts: readonly string[]): Setting | undefined {
  const wanted = parts.map(fold).join('.');
  return settings.find((setting) => setting.path.map(fold).join('.') === wanted);
}

function fold(key: string): string {
  return key.toLowerCase().replaceAll(/[-_]/g, '');
}

function nameInEnv(setting: Setting): string {
  return envName(setting.path);
}

function unknownName(what: string, name: string, known: readonly string[], prefix = ''): BarrageError {
  const near = suggestName(name, known);
  const hint = near === undefined ? '' : `; did you mean ${prefix}${near}?`;
  return new BarrageError('CONFIG_INVALID', `${what} is not a setting${hint}`);
}

/** Reads text as the kind of value the setting wants; what cannot be read stays text for the schema to refuse. */
function readText(text: string, node: JsonNode): unknown {
  switch (node.type) {
    case 'integer':
    case 'number':
      return text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text);
    case 'boolean':
      return readBoolean(text);
    case 'array':
      return readJson(text);
    default:
      return text;
  }
}

function readBoolean(text: string): unknown {
  if (/^(true|1|yes|on)$/i.test(text)) return true;
  if (/^(false|0|no|off)$/i.test(text)) return false;
  return text;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Left as text: the schema's message names the value and says that a list is wanted.
    return text;
  }
}
