// Shows what a run is doing.

/** One line rewritten in place on a terminal; elsewhere a line whenever the text changes. */
export function makeProgressLine(): (text: string) => void {
  const startedAt = performance.now();
  let last = '';
  return (text) => {
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K[${seconds} s] ${text}`);
    else if (text !== last) process.stderr.write(`[${seconds} s] ${text}\n`);
    last = text;
  };
}
