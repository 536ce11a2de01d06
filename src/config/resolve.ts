/**
 * From layers of settings to one frozen configuration. Later layers win; a problem names its key,
 * the rule and what it got, and all problems are returned at once.
 */
import { configSchema, type Config } from "./schema.ts";

export interface ConfigLayer {
  /** Where the values come from, for people: a file name, "FULLHOUSE_A__B", "--set a.b". */
  source: string;
  values: Record<string, unknown>;
}

export interface ConfigProblem {
  key: string;
  rule: string;
  got: string;
  source: string;
}

export type ConfigResult =
  | { ok: true; config: Config; sources: ReadonlyMap<string, string> }
  | { ok: false; problems: ConfigProblem[] };

/** Sections and lists whose absence, or presence with nothing in it, means "all defaults below". */
const emptyBase = {
  node: {},
  feeds: [{}],
  rtmp: {},
  ladder: { rungs: [] },
  window: {},
  origin: {},
  tier: {},
  parents: [],
  viewer: {},
  cache: {},
  follow: {},
  edge: {},
  swarm: {},
  admin: { allowedHosts: [] },
};

/** Merges the layers over the defaults; lists are replaced, not joined. */
export function resolveConfig(layers: readonly ConfigLayer[]): ConfigResult {
  const sources = new Map<string, string>();
  let merged: Record<string, unknown> = structuredCopy(emptyBase);
  for (const layer of layers) {
    merged = merge(merged, layer.values);
    for (const key of leafKeys(layer.values, "")) sources.set(key, layer.source);
  }
  const parsed = configSchema.safeParse(merged);
  if (parsed.success) return { ok: true, config: deepFreeze(parsed.data), sources };
  const problems = parsed.error.issues.flatMap((issue): ConfigProblem[] => {
    const path = issue.path.map(String);
    const paths = issue.code === "unrecognized_keys" ? issue.keys.map((k) => [...path, k]) : [path];
    return paths.map((keyPath) => {
      const key = keyPath.join(".");
      return {
        key,
        rule: issue.code === "unrecognized_keys" ? "is not a known key" : issue.message,
        got: show(keyPath, valueAt(merged, keyPath)),
        source: sourceOf(sources, key),
      };
    });
  });
  return { ok: false, problems };
}

/** The value under a dotted key as a nested object: `a.b`, 1 gives {a: {b: 1}}. */
export function nest(key: string, value: unknown): Record<string, unknown> {
  const names = key.split(".");
  let nested: unknown = value;
  for (const name of names.reverse()) nested = { [name]: nested };
  return nested as Record<string, unknown>;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function merge(
  base: Record<string, unknown>,
  over: Record<string, unknown>,
): Record<string, unknown> {
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    if (key === "__proto__") continue;
    const below = result[key];
    // YAML reads a section with nothing, or only comments, in it as null.
    if (value === null && typeof below === "object" && below !== null) continue;
    result[key] = isRecord(below) && isRecord(value) ? merge(below, value) : value;
  }
  return result;
}

function leafKeys(value: unknown, prefix: string): string[] {
  if (!isRecord(value)) return [prefix];
  return Object.entries(value).flatMap(([key, below]) =>
    leafKeys(below, prefix === "" ? key : `${prefix}.${key}`),
  );
}

function sourceOf(sources: ReadonlyMap<string, string>, key: string): string {
  let candidate = key;
  while (candidate !== "") {
    const source = sources.get(candidate);
    if (source !== undefined) return source;
    candidate = candidate.includes(".") ? candidate.slice(0, candidate.lastIndexOf(".")) : "";
  }
  return "default";
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  let current: unknown = value;
  for (const name of path) {
    if (Array.isArray(current)) current = (current as unknown[])[Number(name)];
    else if (isRecord(current)) current = current[name];
    else return undefined;
  }
  return current;
}

/** Keys that hold secrets; a wrong value may be the secret itself, typed where its hash belongs. */
const secretNames: ReadonlySet<string> = new Set(["keyHashes", "standbyKeyHashes", "secret"]);

/** A key whose value may be a secret, misspelt ones of a feed included. */
function mayBeSecret(path: readonly string[]): boolean {
  const isOfFeed = path[0] === "feeds" && path.length > 2 && path[2] !== "name";
  return isOfFeed || path.some((name) => secretNames.has(name));
}

function show(path: readonly string[], value: unknown): string {
  if (value === undefined) return "nothing";
  if (mayBeSecret(path)) return "a value that is not shown";
  const text = JSON.stringify(value, (name, below: unknown) =>
    secretNames.has(name) ? "(not shown)" : below,
  );
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function structuredCopy<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    for (const below of Object.values(value)) deepFreeze(below);
    Object.freeze(value);
  }
  return value;
}
