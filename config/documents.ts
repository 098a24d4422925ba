// The schema as documents: the commented sample file, docs/CONFIG.md and the text of --help. Pure.
import { configTree, describeValues, envName, type JsonNode, settings } from './settings.ts';

/** `config/barrage.sample.yaml`: every setting with its default, commented out. */
export function renderSample(): string {
  const lines = [
    '# Settings of Barrage with their defaults, generated from config/schema.ts. Copy what you change.',
    '# Order: defaults < this file < BARRAGE_ environment variables < flags.',
    '',
  ];
  for (const [key, node] of Object.entries(configTree.properties ?? {})) {
    lines.push(...renderSampleNode(key, node, 0), '');
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

function renderSampleNode(key: string, node: JsonNode, depth: number): string[] {
  const indent = '  '.repeat(depth);
  const text = `${indent}# ${node.description ?? ''}`;
  if (node.properties) {
    const children = Object.entries(node.properties).flatMap(([name, child]) =>
      renderSampleNode(name, child, depth + 1),
    );
    return [text, `${indent}${key}:`, ...children];
  }
  const hint = `${indent}# (${describeValues(node)}; ${node.default === undefined ? 'no default' : 'default as below'})`;
  const value = node.default === undefined ? '' : ` ${JSON.stringify(node.default)}`;
  return [text, hint, `${indent}# ${key}:${value}`];
}

/** `docs/CONFIG.md`: one table for each section. */
export function renderReference(): string {
  const sections = Object.entries(configTree.properties ?? {});
  const top = sections.filter(([, node]) => !node.properties).map(([key]) => key);
  return [
    '# Configuration',
    '',
    'Generated from `config/schema.ts` by `scripts/generate-docs.ts`; a test fails when they differ.',
    '',
    'Order: defaults < YAML file (`--config FILE`) < environment < flags. Every setting has an environment',
    'variable (`http.port` is `BARRAGE_HTTP__PORT`) and a flag (`--http.port=8080`). Lists are JSON there.',
    'Unknown names are errors. A commented sample is `config/barrage.sample.yaml`.',
    '',
    'Listening on an address other than loopback without TLS, or with a weak secret of your own, is refused',
    'unless `insecurePublic` (`--insecure-public`) says that it is meant.',
    '',
    '## General',
    '',
    ...renderTable((path) => top.includes(path[0] as string)),
    ...sections
      .filter(([, node]) => node.properties)
      .flatMap(([key, node]) => [
        `## ${key}`,
        '',
        node.description ?? '',
        '',
        ...renderTable((path) => path[0] === key),
      ]),
  ]
    .join('\n')
    .replace(/\n+$/, '\n');
}

function renderTable(belongs: (path: readonly string[]) => boolean): string[] {
  const rows = settings
    .filter((setting) => belongs(setting.path))
    .map(({ path, node }) => {
      const fallback = node.default === undefined ? 'none' : `\`${JSON.stringify(node.default)}\``;
      const cells = [
        `\`${path.join('.')}\``,
        `\`${envName(path)}\``,
        fallback,
        describeValues(node),
        node.description,
      ];
      return `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
    });
  return [
    '| setting | environment | default | values | meaning |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ];
}

/** The text of `--help`. */
export function renderHelp(): string {
  const width = Math.max(...settings.map(({ path }) => path.join('.').length));
  const lines = settings.map(({ path, node }) => {
    const fallback = node.default === undefined ? '' : ` [${JSON.stringify(node.default)}]`;
    return `  --${path.join('.').padEnd(width)}  ${node.description}${fallback}`;
  });
  return [
    'Usage: npm start -- [flags]',
    '',
    '  --demo              publish a moving test picture with sound into the room demo',
    '  --config FILE       read settings from a YAML file',
    '  --insecure-public   allow a public address without TLS or with a weak secret',
    '  --help, --version',
    '',
    'Every setting is a flag (--http.port=8080) and an environment variable (BARRAGE_HTTP__PORT=8080):',
    '',
    ...lines,
    '',
  ].join('\n');
}
