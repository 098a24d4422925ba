// The logger the parts are handed. An interface only: server/ makes the real one (pino).

/** Fields of a log line; secrets never go in here. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Structured logging: fields first, then a constant message. `child` binds fields such as the room. */
export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  child(fields: LogFields): Logger;
}

/** A logger that says nothing: the default of tests and of pure tools. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
};
