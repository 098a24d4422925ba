// Ctrl-C and SIGTERM as a signal that a run listens to.

/** First one: stop measuring, clean up, report what there is. */
export function listenForInterrupt(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) return;
      process.stderr.write('\ninterrupted: cleaning up\n');
      controller.abort();
    });
  }
  return controller.signal;
}
