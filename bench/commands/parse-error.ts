// Tells errors of Node's parseArgs from others.

/** Whether the command line has an option that is unknown or lacks its value. */
export function isParseError(error: unknown): error is Error {
  return error instanceof Error && String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS');
}
