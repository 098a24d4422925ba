// Fetches the worker binary that mediasoup publishes with each release (see its npm-scripts.mjs). Does not check it.
import { createWriteStream } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { runCommand, type SetupContext } from '../setup/run-command.ts';

const RELEASES = 'https://github.com/versatica/mediasoup/releases/download';
const ANSWER_TIMEOUT_MS = 8000;
const DOWNLOAD_TIMEOUT_MS = 120_000;

/** Where the binary of `version` is published. The Linux name carries the kernel's major version, for io_uring. */
export function prebuiltUrl(version: string): string {
  const base = process.env['MEDIASOUP_WORKER_PREBUILT_DOWNLOAD_BASE_URL'] ?? RELEASES;
  const kernel = process.platform === 'linux' ? `-kernel${release().split('.')[0]}` : '';
  return `${base}/${version}/mediasoup-worker-${version}-${process.platform}-${process.arch}${kernel}.tgz`;
}

/** Downloads and unpacks it into `dir`; returns the binary's path. Rejects, within 8 s, when there is no answer. */
export async function fetchPrebuilt(version: string, dir: string, context: SetupContext): Promise<string> {
  const archive = join(dir, 'worker.tgz');
  await download(prebuiltUrl(version), archive, context.signal);
  await runCommand(context, ['tar', '-xzf', archive, '-C', dir]);
  await runCommand(context, ['rm', archive]);
  return join(dir, 'mediasoup-worker');
}

async function download(url: string, file: string, signal: AbortSignal): Promise<void> {
  const late = new AbortController();
  const timer = setTimeout(
    () => late.abort(new Error(`no answer in ${ANSWER_TIMEOUT_MS / 1000} s`)),
    ANSWER_TIMEOUT_MS,
  );
  const signals = AbortSignal.any([signal, late.signal, AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS)]);
  try {
    const response = await fetch(url, { signal: signals });
    clearTimeout(timer);
    if (!response.ok || !response.body) throw new Error(`${url} answered ${response.status}`);
    await pipeline(Readable.fromWeb(response.body as ReadableStream), createWriteStream(file), {
      signal: signals,
    });
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
    throw new Error(`${new URL(url).host} ${error instanceof Error ? error.message : error}${cause}`, {
      cause: error,
    });
  } finally {
    clearTimeout(timer);
  }
}
