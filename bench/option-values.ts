// Reads the values of a scenario's options: each function names the option and what it takes when a value is
// wrong.

type Value = string | boolean | undefined;

/** A value that an option does not take: the command line is wrong, not the run. */
export class OptionError extends Error {}

/** A positive whole number of an option, at most `max`. */
export function readCount(value: Value, name: string, options: { fallback: number; max?: number }): number {
  const { fallback, max = 86_400 } = options;
  if (value === undefined) return fallback;
  const number = Number(value);
  if (Number.isInteger(number) && number > 0 && number <= max) return number;
  throw new OptionError(`--${name} takes a whole number from 1 to ${max}, not "${value}"`);
}

/** A positive number of an option. */
export function readNumber(value: Value, name: string, fallback: number): number {
  if (value === undefined) return fallback;
  const number = Number(value);
  if (Number.isFinite(number) && number > 0) return number;
  throw new OptionError(`--${name} takes a number above 0, not "${value}"`);
}

/** A list of allowed words of an option, separated by commas; all of them when it is not given. */
export function readChoices<T extends string>(
  value: Value,
  name: string,
  allowed: readonly T[],
): readonly T[] {
  if (value === undefined) return allowed;
  const words = String(value).split(',');
  const wrong = words.find((word) => !allowed.includes(word as T));
  if (wrong === undefined) return words as T[];
  throw new OptionError(`--${name} takes ${allowed.join(', ')}, not "${wrong}"`);
}

/** One allowed word of an option. */
export function readChoice<T extends string>(
  value: Value,
  name: string,
  options: { readonly allowed: readonly T[]; readonly fallback: T },
): T {
  const word = String(value ?? options.fallback);
  if (options.allowed.includes(word as T)) return word as T;
  throw new OptionError(`--${name} takes one of ${options.allowed.join(', ')}, not "${word}"`);
}

/** A picture size of the option `--size`, `WIDTHxHEIGHT`. */
export function readSize(
  value: Value,
  fallback: string,
): { readonly width: number; readonly height: number } {
  const match = /^(\d{2,4})x(\d{2,4})$/.exec(String(value ?? fallback));
  if (!match) throw new OptionError(`--size takes WIDTHxHEIGHT, not "${value}"`);
  return { width: Number(match[1]), height: Number(match[2]) };
}
