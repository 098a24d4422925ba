// Why set-up cannot go on, with the one command that would help.

/** Thrown by a set-up step; `remedy` is a command or a sentence for the person at the keyboard. */
export class SetupError extends Error {
  readonly remedy: string;

  constructor(message: string, remedy: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SetupError';
    this.remedy = remedy;
  }
}

/** The text of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
