// Bundles the pages and the SDK with esbuild into a folder of static files: `watch.html`, `assets/*` with
// hashed names, and `assets/barrage-sdk.js`. Serves nothing; the HTTP server does.
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Metafile, type OutputFile, stop } from 'esbuild';

export interface BuildWebOptions {
  /** Folder to write into; made when missing. */
  readonly outDir: string;
  /** Default true. */
  readonly minify?: boolean;
}

const WEB = dirname(fileURLToPath(import.meta.url));
const ROOT = dirname(WEB);
const STAMP = '.build-stamp';
const SDK = 'assets/barrage-sdk.js';
const PAGES = ['watch'] as const;

/**
 * Builds unless the sources, packages and options are those of the build already in `outDir`. Files appear
 * by rename and a page only after what it refers to, so that a server may go on serving meanwhile.
 */
export async function buildWeb(options: BuildWebOptions): Promise<void> {
  const { minify = true } = options;
  const outDir = resolve(options.outDir);
  const stamp = await computeStamp(minify);
  if ((await readText(join(outDir, STAMP))) === stamp) return;
  await rm(join(outDir, STAMP), { force: true });
  await mkdir(join(outDir, 'assets'), { recursive: true });
  const assets = await bundle(outDir, minify);
  for (const [path, contents] of assets.files) await replaceFile(join(outDir, path), contents);
  for (const page of PAGES) {
    const template = await readFile(join(WEB, 'pages', page, `${page}.html`), 'utf8');
    await replaceFile(join(outDir, `${page}.html`), fillTemplate(template, assets.byEntry));
  }
  await removeStale(join(outDir, 'assets'), new Set([...assets.files.keys()].map((path) => basename(path))));
  await replaceFile(join(outDir, STAMP), stamp);
}

interface Bundle {
  /** Path below the output folder -> contents. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Entry point below `web/` -> path of its bundle. */
  readonly byEntry: ReadonlyMap<string, string>;
}

async function bundle(outDir: string, minify: boolean): Promise<Bundle> {
  const pages = PAGES.flatMap((page) => [`pages/${page}/main.ts`, `pages/${page}/${page}.css`]);
  const options: BuildOptions & { metafile: true; write: false } = {
    entryPoints: ['sdk/index.ts', ...pages].map((path) => join(WEB, path)),
    entryNames: 'assets/[name]-[hash]',
    chunkNames: 'assets/[name]-[hash]',
    outdir: outDir,
    absWorkingDir: ROOT,
    bundle: true,
    splitting: true,
    format: 'esm',
    target: ['chrome120', 'firefox121', 'safari16.4'],
    minify,
    legalComments: 'linked',
    metafile: true,
    write: false,
    logLevel: 'silent',
  };
  try {
    const { outputFiles, metafile } = await build(options);
    return collect(outputFiles, metafile, outDir);
  } finally {
    // esbuild keeps a child process for later builds; a server would carry it along for ever.
    await stop();
  }
}

function collect(outputs: readonly OutputFile[], metafile: Metafile, outDir: string): Bundle {
  const files = new Map(outputs.map((file) => [relative(outDir, file.path), file.contents]));
  const byEntry = new Map<string, string>();
  for (const [path, output] of Object.entries(metafile.outputs)) {
    const target = relative(outDir, join(ROOT, path));
    if (output.entryPoint) byEntry.set(relative('web', output.entryPoint), target);
  }
  // A name that other pages can rely on; beside the hashed one, so its imports resolve the same.
  const sdk = files.get(byEntry.get('sdk/index.ts') ?? '');
  if (sdk) files.set(SDK, sdk);
  return { files, byEntry };
}

/** Replaces `{{pages/watch/main.ts}}` by the URL of that entry point's bundle. */
function fillTemplate(template: string, byEntry: ReadonlyMap<string, string>): string {
  return template.replace(/\{\{([^}]+)\}\}/g, (_match, entry: string) => {
    const path = byEntry.get(entry);
    if (path === undefined) throw new Error(`a page refers to "${entry}", which is no entry point`);
    return `/${path}`;
  });
}

async function replaceFile(path: string, contents: Uint8Array | string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, contents);
  await rename(temporary, path);
}

async function removeStale(folder: string, keep: ReadonlySet<string>): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!keep.has(name)) await rm(join(folder, name), { force: true, recursive: true });
  }
}

/** A hash over everything the output depends on; sizes and times stand for contents. */
async function computeStamp(minify: boolean): Promise<string> {
  const hash = createHash('sha256').update(`minify=${minify}\n`);
  const sources = (await readdir(WEB, { recursive: true })).filter((name) => /\.(ts|css|html)$/.test(name));
  const inputs = sources
    .filter((name) => !name.startsWith('dist'))
    .map((name) => join(WEB, name))
    .concat(join(ROOT, 'server/protocol/wire.ts'), join(ROOT, 'package-lock.json'));
  for (const path of inputs.toSorted()) {
    const { size, mtimeMs } = await stat(path);
    hash.update(`${path} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

async function readText(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}
