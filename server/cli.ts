// The command line of the server: flags in, a running server out, signals to their end. Everything it needs of the
// process is handed in, so that a test can be the process.

import { renderHelp } from '../config/documents.ts';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { type Flags, readFlags } from '../config/sources.ts';
import { BarrageError } from '../core/errors.ts';
import { withDeadline } from '../core/lifecycle.ts';
import type { Logger } from '../core/logger.ts';
import { type App, createApp } from './app.ts';
import { renderBanner } from './banner.ts';
import { createLogger } from './logger.ts';
import type { CreateMediaPlane } from './media-plane.ts';

/** Exit codes. */
export const EXIT = { ok: 0, failed: 1, badConfig: 2 } as const;

export interface CliOptions {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  readonly createMediaPlane: CreateMediaPlane;
  /** Builds the web files when they are not up to date, and says where they are. */
  readonly prepareWeb: () => Promise<string>;
  readonly print: (text: string) => void;
  readonly printError: (text: string) => void;
  /** Emits SIGTERM and SIGINT: the process. */
  readonly signals: NodeJS.EventEmitter;
}

/** Runs the server until it is told to end. Resolves with the exit code; never rejects. */
export async function runCli(options: CliOptions): Promise<number> {
  try {
    const flags = readFlags(options.args);
    if (flags.action === 'help') options.print(renderHelp());
    else if (flags.action === 'version') options.print(`${options.version}\n`);
    else return await serve(options, readConfig(flags, options));
    return EXIT.ok;
  } catch (error) {
    options.printError(
      `barrage: ${error instanceof BarrageError ? error.message : String((error as Error)?.stack ?? error)}\n`,
    );
    return error instanceof BarrageError && error.code === 'CONFIG_INVALID' ? EXIT.badConfig : EXIT.failed;
  }
}

function readConfig(flags: Flags, options: CliOptions): Config {
  return loadConfig({ file: flags.configFile, env: options.env, flags: flags.values });
}

async function serve(options: CliOptions, config: Config): Promise<number> {
  const logger = createLogger({ level: config.log.level });
  const stop = listenForSignals(options.signals, logger);
  try {
    const webDir = await options.prepareWeb();
    const { version, createMediaPlane } = options;
    const app = await createApp({ config, logger, version, createMediaPlane, webDir });
    logger.info({ version, ...app.ports }, 'server ready');
    if (config.demo) app.startDemo();
    options.print(describe(app, config, version));
    await stop.first;
    return await end(app, config, { stop, logger });
  } finally {
    stop.off();
  }
}

function describe(app: App, config: Config, version: string): string {
  return renderBanner({
    version,
    urls: app.developmentUrls,
    streamKey: app.developmentRoom?.streamKey ?? 'deleted',
    adminToken: app.adminToken,
    demo: config.demo,
    warnings: config.insecurePublic ? ['public addresses without TLS or with weak secrets are allowed.'] : [],
  });
}

interface StopSignals {
  readonly first: Promise<void>;
  readonly second: Promise<void>;
  off(): void;
}

/** The first SIGTERM or SIGINT asks for an orderly end, the second for an end at once. */
function listenForSignals(signals: NodeJS.EventEmitter, logger: Logger): StopSignals {
  const first = Promise.withResolvers<void>();
  const second = Promise.withResolvers<void>();
  let count = 0;
  const handle = (signal: string) => {
    count++;
    logger.info({ signal }, count === 1 ? 'asked to stop; again to force' : 'forced to stop');
    (count === 1 ? first : second).resolve();
  };
  for (const name of ['SIGTERM', 'SIGINT']) signals.on(name, handle);
  return {
    first: first.promise,
    second: second.promise,
    off: () => {
      for (const name of ['SIGTERM', 'SIGINT']) signals.off(name, handle);
    },
  };
}

async function end(app: App, config: Config, how: { stop: StopSignals; logger: Logger }): Promise<number> {
  const orderly = app.drain().then(() => app.close('asked to stop'));
  const forced = how.stop.second.then(() =>
    Promise.reject(new BarrageError('UNAVAILABLE', 'forced to stop')),
  );
  try {
    await withDeadline(Promise.race([orderly, forced]), config.shutdown.deadlineMs, 'the shutdown');
    return EXIT.ok;
  } catch (error) {
    how.logger.error({ error }, 'the server did not end in order');
    return EXIT.failed;
  }
}
