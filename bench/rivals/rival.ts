// What a rival is to the bench: a program that a scenario can be run against in the same run. How each is
// driven stands in the scenario's own adapter; this is only who it is and whether it is here.
import { accessSync, constants, existsSync } from 'node:fs';
import path from 'node:path';

/** A program to be measured beside. */
export interface Rival {
  /** As given to `--against`. */
  readonly name: string;
  readonly title: string;
  /** The command that would install it. */
  readonly install: string;
  /** Why it cannot be run here, for example `no program "janus" in PATH`; undefined when it can. */
  findMissing(): string | undefined;
}

/** A rival that is a program of the system. */
export function systemRival(options: {
  readonly name: string;
  readonly title: string;
  readonly program: string;
  /** A file that must be there too, for example a module. */
  readonly file?: string;
  readonly debianPackages: readonly string[];
}): Rival {
  return {
    name: options.name,
    title: options.title,
    install: `apt-get install ${options.debianPackages.join(' ')}`,
    findMissing: () => {
      if (findProgram(options.program) === undefined) return `no program "${options.program}" in PATH`;
      return options.file === undefined || existsSync(options.file) ? undefined : `no file ${options.file}`;
    },
  };
}

/** A rival from the npm registry, among this project's own development packages. */
export function npmRival(options: {
  readonly name: string;
  readonly title: string;
  readonly package: string;
}): Rival {
  return {
    name: options.name,
    title: options.title,
    install: 'npm install',
    findMissing: () => {
      try {
        import.meta.resolve(options.package);
        return undefined;
      } catch {
        return `no package "${options.package}" in node_modules`;
      }
    },
  };
}

/** Where a program is, also in the folders of daemons that are not in everybody's PATH. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(path.delimiter), '/usr/local/sbin', '/usr/sbin'];
  return folders
    .map((folder) => path.join(folder, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
