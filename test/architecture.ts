// The rules of docs/ARCHITECTURE.md that a compiler does not check: who imports whom, where each SDK lives,
// how files are named and how long they may be.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';

const root = path.join(import.meta.dirname, '..');
const PARTS = ['core', 'config', 'media', 'transcoder', 'server', 'web', 'bench', 'scripts', 'test'] as const;
type Part = (typeof PARTS)[number];

/** Prefixes of the project's own paths that a part may import from, besides itself. */
const ALLOWED: Record<Part, readonly string[]> = {
  core: [],
  config: ['core/'],
  media: ['core/'],
  transcoder: ['core/'],
  // The pages are built when the server starts; it knows nothing else of web/.
  server: ['core/', 'config/', 'media/', 'transcoder/', 'web/build.ts'],
  web: ['server/protocol/'],
  bench: ['server/protocol/'],
  scripts: ['server/generated-documents.ts', 'bench/report/report-schema.ts'],
  test: PARTS.map((part) => `${part}/`),
};

/** The one place of each third-party SDK; tests and scripts are free. */
const SDK_HOMES: Record<string, readonly string[]> = {
  mediasoup: ['media/webrtc/'],
  'node-media-server': ['media/ingest/rtmp/'],
  'fluent-ffmpeg': ['transcoder/'],
  'prom-client': ['server/metrics.ts'],
  fastify: ['server/http/'],
  '@fastify/static': ['server/http/'],
  danmaku: ['web/'],
};

/** Built-in modules that do I/O: not for core/. */
const IO_MODULES =
  /^node:(fs|net|tls|http|https|http2|dgram|dns|child_process|worker_threads|cluster|sqlite)\b/;
const NAMELESS = /^(utils?|helpers?|common|types|misc|manager)$/;
const KEBAB = /^[a-z0-9]+([.-][a-z0-9]+)*$/;
const MAX_LINES = 300;

interface Source {
  readonly file: string;
  readonly part: Part;
  readonly text: string;
}

function listSources(): Source[] {
  const folders = PARTS.filter((part) => existsSync(path.join(root, part)));
  return folders.flatMap((part) =>
    readdirSync(path.join(root, part), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !/(^|\/)(dist|results|node_modules)\//.test(name))
      .map((name) => {
        const file = `${part}/${name}`;
        return { file, part, text: readFileSync(path.join(root, file), 'utf8') };
      }),
  );
}

function partOf(file: string): Part {
  return file.split('/')[0] as Part;
}

/** Module specifiers of static, side-effect, re-exporting and dynamic imports. */
function importsOf(text: string): string[] {
  const code = text.replace(/^\s*(\/\/|\*|\/\*).*$/gm, '');
  const pattern =
    /(?:^|[\s;}])(?:import|export)\s[^'"`;()]*?from\s*['"]([^'"]+)['"]|(?:^|\s)import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm;
  return [...code.matchAll(pattern)].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
}

/** The project path an import points to, or undefined for a package or built-in. */
function resolveOwn(source: Source, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  return path.posix.normalize(path.posix.join(path.posix.dirname(source.file), specifier));
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

const sources = listSources();

/** Collects a sentence for every breach, so that one run shows them all. */
function breaches(find: (source: Source) => readonly string[]): string[] {
  return sources.flatMap((source) => find(source).map((what) => `${source.file}: ${what}`));
}

t.test('the parser of imports sees every form', async (t) => {
  t.same(
    importsOf(`import a from 'a';
import { b,
  c } from "b";
import type { D } from './d.ts';
import 'e';
export { f } from 'f';
export * from 'g';
const h = await import('h');
// import x from 'comment';
`),
    ['a', 'b', './d.ts', 'e', 'f', 'g', 'h'],
  );
});

t.test('a part imports only the parts below it', async (t) => {
  t.same(
    breaches((source) =>
      importsOf(source.text).flatMap((specifier) => {
        const target = resolveOwn(source, specifier);
        if (target === undefined || partOf(target) === source.part) return [];
        const allowed = ALLOWED[source.part].some((prefix) => target.startsWith(prefix));
        return allowed ? [] : [`must not import ${target}`];
      }),
    ),
    [],
  );
});

t.test('each third-party SDK is imported in its one place', async (t) => {
  t.same(
    breaches((source) => {
      if (source.part === 'test' || source.part === 'scripts') return [];
      return importsOf(source.text).flatMap((specifier) => {
        const homes = SDK_HOMES[packageOf(specifier)];
        if (homes === undefined || homes.some((home) => source.file.startsWith(home))) return [];
        return [`${specifier} belongs in ${homes.join(' or ')}`];
      });
    }),
    [],
  );
});

t.test('core does no I/O', async (t) => {
  t.same(
    breaches((source) =>
      source.part === 'core' ? importsOf(source.text).filter((specifier) => IO_MODULES.test(specifier)) : [],
    ),
    [],
  );
});

t.test('files are in kebab case and say what they are', async (t) => {
  t.same(
    breaches(({ file }) => {
      const name = path.basename(file, '.ts');
      if (!KEBAB.test(name)) return ['is not kebab-case'];
      return NAMELESS.test(name) ? ['has a name that says nothing'] : [];
    }),
    [],
  );
});

t.test('every file opens with a comment saying what it is', async (t) => {
  t.same(
    breaches(({ text }) => (/^(#!.*\n)?(\/\/|\/\*)/.test(text) ? [] : ['has no opening comment'])),
    [],
  );
});

t.test(`no file is longer than ${MAX_LINES} lines`, async (t) => {
  t.same(
    breaches(({ text }) => {
      const lines = text.trimEnd().split('\n').length;
      return lines > MAX_LINES ? [`has ${lines} lines`] : [];
    }),
    [],
  );
});

t.test('syntax is erasable: no enum, no namespace', async (t) => {
  t.same(
    breaches(({ text }) =>
      /^\s*(export\s+)?(declare\s+)?(const\s+)?(enum|namespace)\s+\w+\s*\{/m.test(text)
        ? ['uses enum or namespace']
        : [],
    ),
    [],
  );
});
