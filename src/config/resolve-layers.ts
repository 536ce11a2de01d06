/**
 * From layers of settings to one frozen value that a schema accepts. Later layers win; a problem
 * names its key, the rule and what it got, and all problems are returned at once.
 */

export interface SettingsLayer {
  /** Where the values come from, for people: a file name, "FULLHOUSE_A__B", "--set a.b". */
  source: string;
  values: Record<string, unknown>;
}

export interface SettingsProblem {
  key: string;
  rule: string;
  got: string;
  source: string;
}

/** Dotted key to the source of its value; what is absent is a default. */
export type SettingsSources = ReadonlyMap<string, string>;

export type Resolved<T> =
  { ok: true; value: T; sources: SettingsSources } | { ok: false; problems: SettingsProblem[] };

/** What is used of a zod schema: only schema files import the package. */
interface Schema<T> {
  safeParse(
    value: unknown,
  ): { success: true; data: T } | { success: false; error: { issues: readonly Issue[] } };
}

interface Issue {
  code: string;
  message: string;
  path: readonly PropertyKey[];
  keys?: readonly string[];
  minimum?: number | bigint;
  maximum?: number | bigint;
  inclusive?: boolean;
  origin?: string;
  expected?: string;
  values?: readonly unknown[];
}

export interface ResolveOptions<T> {
  schema: Schema<T>;
  /** Sections whose absence, or presence with nothing in it, means "all defaults below". */
  base: Record<string, unknown>;
  /** Completes what the layers came to, before it is checked. */
  complete?: (merged: Record<string, unknown>) => Record<string, unknown>;
  /** Shows a value that was refused; plain JSON where it is not given. */
  show?: (path: readonly string[], value: unknown) => string;
}

/** Merges the layers over the base; lists are replaced, not joined. */
export function resolveLayers<T>(
  layers: readonly SettingsLayer[],
  { schema, base, complete = (merged) => merged, show = showJson }: ResolveOptions<T>,
): Resolved<T> {
  const sources = new Map<string, string>();
  let merged: Record<string, unknown> = structuredCopy(base);
  for (const layer of layers) {
    merged = merge(merged, layer.values);
    for (const key of leafKeys(layer.values, "")) sources.set(key, layer.source);
  }
  merged = complete(merged);
  const parsed = schema.safeParse(merged);
  if (parsed.success) return { ok: true, value: deepFreeze(parsed.data), sources };
  const problems = parsed.error.issues.flatMap((issue): SettingsProblem[] => {
    const path = issue.path.map(String);
    const paths = issue.code === "unrecognized_keys" ? keysOf(issue, path) : [path];
    return paths.map((keyPath) => {
      const key = keyPath.join(".");
      const got = valueAt(merged, keyPath);
      return {
        key,
        rule: ruleOf(issue),
        got: got === undefined ? "nothing" : show(keyPath, got),
        source: sourceOf(sources, key),
      };
    });
  });
  return { ok: false, problems };
}

function keysOf({ keys = [] }: Issue, path: readonly string[]): string[][] {
  return keys.map((key) => [...path, key]);
}

/** The rule as it reads on from the key; a message of the library's own becomes a phrase. */
function ruleOf(issue: Issue): string {
  if (issue.code === "unrecognized_keys") return "is not a known key";
  if (!/^(Too small|Too big|Invalid input|Invalid option)\b/.test(issue.message)) {
    return issue.message;
  }
  const { minimum, maximum, expected, values, inclusive = true } = issue;
  const unit = issue.origin === "array" ? " entries" : issue.origin === "string" ? " letters" : "";
  if (minimum !== undefined) return `must be ${inclusive ? "at least" : "above"} ${minimum}${unit}`;
  if (maximum !== undefined) return `must be ${inclusive ? "at most" : "below"} ${maximum}${unit}`;
  if (values !== undefined) return `must be ${values.map(String).join(" or ")}`;
  if (expected !== undefined) return `must be ${typeNames[expected] ?? expected}`;
  return issue.message;
}

const typeNames: Readonly<Record<string, string>> = {
  int: "a whole number",
  number: "a number",
  string: "text",
  boolean: "true or false",
  array: "a list",
  object: "keys and values",
};

/** A value as JSON, cut where it is long. */
export function showJson(
  _path: readonly string[],
  value: unknown,
  replacer?: (name: string, value: unknown) => unknown,
): string {
  if (typeof value === "number") return String(value);
  const text = JSON.stringify(value, replacer);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
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
