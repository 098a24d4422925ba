// The schema as a flat list of settings with their texts: what the loader, the help and the documents read.
import { z } from 'zod';
import { configSchema } from './schema.ts';

/** The part of JSON Schema that zod writes for our settings. */
export interface JsonNode {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, JsonNode>>;
  readonly items?: JsonNode;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly format?: string;
}

/** One setting: its path, what values are right, and its default (undefined: none). */
export interface Setting {
  readonly path: readonly string[];
  readonly node: JsonNode;
}

/** The configuration as JSON Schema. */
export const configTree = z.toJSONSchema(configSchema, { io: 'input' }) as JsonNode;

/** Every leaf setting, in the order of the schema. */
export const settings: readonly Setting[] = listSettings(configTree, []);

function listSettings(node: JsonNode, path: readonly string[]): Setting[] {
  if (!node.properties) return [{ path, node }];
  return Object.entries(node.properties).flatMap(([key, child]) => listSettings(child, [...path, key]));
}

/** The node at a path of keys; undefined when there is none. Array indexes step into the items. */
export function findNode(path: readonly PropertyKey[]): JsonNode | undefined {
  let node: JsonNode | undefined = configTree;
  for (const key of path) node = typeof key === 'number' ? node?.items : node?.properties?.[String(key)];
  return node;
}

/** What values a setting takes, in words: `a whole number from 0 to 65535`. */
export function describeValues(node: JsonNode): string {
  if (node.enum) return `one of ${node.enum.join(', ')}`;
  switch (node.type) {
    case 'integer':
      return `a whole number ${describeRange(node)}`;
    case 'number':
      return `a number ${describeRange(node)}`;
    case 'boolean':
      return 'true or false';
    case 'array':
      return 'a list';
    case 'object':
      return 'a group of settings';
    default:
      return describeText(node);
  }
}

function describeRange(node: JsonNode): string {
  return `from ${node.minimum ?? 'any'} to ${node.maximum ?? 'any'}`;
}

function describeText(node: JsonNode): string {
  if (node.format === 'uri') return 'an http or https URL';
  if (node.pattern) return `text matching ${node.pattern}`;
  return 'text';
}

/** The environment variable of a setting: `http.tls.cert` is `BARRAGE_HTTP__TLS__CERT`. */
export function envName(path: readonly string[]): string {
  return `BARRAGE_${path.join('__').toUpperCase()}`;
}
