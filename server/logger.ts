// The real logger: pino behind core's Logger interface. The only importer of pino; the start banner is not a log.
import pino from 'pino';
import type { LogFields, Logger } from '../core/logger.ts';

/** Least important level written; `silent` writes nothing. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** Options of {@link createLogger}; `destination` takes the lines instead of standard error. */
export interface LoggerOptions {
  readonly level: LogLevel;
  readonly destination?: { write(line: string): void };
}

/** Fields that hold secrets wherever they come from; they are replaced, in case somebody logs them by mistake. */
const SECRET_FIELDS = ['streamKey', 'token', 'adminToken', 'secret', 'authorization', 'password', 'cookie'];

/** A logger of JSON lines with `time` in ISO 8601, redacting {@link SECRET_FIELDS} up to two levels deep. */
export function createLogger(options: LoggerOptions): Logger {
  const paths = SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]);
  const settings: pino.LoggerOptions = {
    level: options.level,
    base: {},
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths, censor: '[secret]' },
    serializers: { error: pino.stdSerializers.err },
  };
  return adapt(pino(settings, options.destination ?? pino.destination({ fd: 2, sync: true })));
}

function adapt(logger: pino.Logger): Logger {
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
    child: (fields: LogFields) => adapt(logger.child(fields)),
  };
}
