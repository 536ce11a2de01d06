/**
 * Reads the configuration of a program: the file (YAML), then the environment, then `--set`, each
 * over the one before. A file that cannot be read or is wrong is one error that lists all problems
 * with key, rule, value and place.
 */
import { existsSync, readFileSync } from "node:fs";
import { isMap, isSeq, LineCounter, parse, parseDocument, type Document } from "yaml";
import { AppError } from "../base/errors.ts";
import { resolveConfig, type ConfigLayer, type ConfigProblem } from "../config/resolve.ts";
import { configKeys } from "../config/schema-keys.ts";
import type { Config } from "../config/schema.ts";
import { environmentLayers, settingLayer } from "../config/text-layers.ts";

/** Read from the working folder when no file is named and it exists. */
export const defaultConfigFile = "fullhouse.yaml";

/** Largest configuration file that is read: far above any real one. */
const fileBytesMax = 1_048_576;

export interface ConfigSources {
  /** The file named by `--config`; it must exist. */
  file?: string | undefined;
  environment: Readonly<Record<string, string | undefined>>;
  /** Each `--set key=value`, in order. */
  settings: readonly string[];
}

export interface LoadedConfig {
  config: Config;
  /** Dotted key to where its value was set, for people; what is absent is a default. */
  sources: ReadonlyMap<string, string>;
}

/** Throws an AppError: CONFIG_UNREADABLE, CONFIG_INVALID, or USAGE when a `--set` is at fault. */
export function loadConfig(options: ConfigSources): LoadedConfig {
  const file = options.file ?? (existsSync(defaultConfigFile) ? defaultConfigFile : undefined);
  const read = file === undefined ? undefined : readConfigFile(file);
  const layers: ConfigLayer[] = [
    ...(read === undefined ? [] : [read.layer]),
    ...environmentLayers(options.environment, readValue),
    ...options.settings.map((setting) => {
      const layer = settingLayer(setting, readValue);
      if (layer === undefined) {
        throw new AppError("USAGE", `--set ${setting}: write --set key=value, as in --set a.b=1`);
      }
      return layer;
    }),
  ];
  const result = resolveConfig(layers);
  const lineOf = (key: string): string => read?.lineOf(key) ?? "";
  if (!result.ok) throw configError(result.problems, { file, lineOf });
  const sources = new Map(
    [...result.sources].map(([key, source]) => [
      key,
      source === file ? source + lineOf(key) : source,
    ]),
  );
  return { config: result.config, sources };
}

/** What a text from the environment or `--set` means for a key: YAML, but text where text is due. */
export function readValue(key: string, text: string): unknown {
  const types = textKeys.get(key);
  if (types?.includes("string") === true) {
    return types.includes("null") && text === "null" ? null : text;
  }
  try {
    return parse(text, { prettyErrors: false }) as unknown;
  } catch (error) {
    // Feeds hold keys, which no message repeats.
    const what = /^feeds\b/.test(key) ? "the value" : `"${text}"`;
    throw new AppError("CONFIG_INVALID", `${key}: ${what} is not a YAML value`, error);
  }
}

const textKeys: ReadonlyMap<string, readonly string[]> = new Map(
  configKeys().map(({ key, types }) => [key, types]),
);

interface ReadFile {
  layer: ConfigLayer;
  /** ":12" for a key that stands on line 12, or whose nearest parent does. */
  lineOf(key: string): string;
}

function readConfigFile(file: string): ReadFile {
  const text = readText(file);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    const problems = document.errors.map(
      (error) => `  ${file}:${lines.linePos(error.pos[0]).line}: ${error.message}`,
    );
    throw new AppError("CONFIG_INVALID", `${file} is not valid YAML:\n${problems.join("\n")}`);
  }
  const values = valuesOf(document, file);
  return {
    layer: { source: file, values },
    lineOf: (key) => {
      const offset = offsetOf(document, key.split("."));
      return offset === undefined ? "" : `:${lines.linePos(offset).line}`;
    },
  };
}

function valuesOf(document: Document, file: string): Record<string, unknown> {
  let values: unknown;
  try {
    values = document.toJS();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new AppError("CONFIG_INVALID", `${file} is not valid YAML: ${why}`, error);
  }
  // A file of nothing but comments is an empty configuration.
  if (values === null || values === undefined) return {};
  if (typeof values !== "object" || Array.isArray(values)) {
    throw new AppError("CONFIG_INVALID", `${file} must hold keys and values, as in "stateDir: x"`);
  }
  return values as Record<string, unknown>;
}

function readText(file: string): string {
  try {
    const bytes = readFileSync(file);
    if (bytes.length > fileBytesMax) {
      throw new AppError("CONFIG_UNREADABLE", `${file} is no configuration: it is over 1 MiB`);
    }
    return bytes.toString("utf8");
  } catch (error) {
    if (error instanceof AppError) throw error;
    const why = (error as NodeJS.ErrnoException).code === "ENOENT" ? "it does not exist" : error;
    throw new AppError("CONFIG_UNREADABLE", `cannot read ${file}: ${String(why)}`, error);
  }
}

/** Where a key begins in the text; of the deepest part of the path that the file has. */
function offsetOf(document: Document, path: readonly string[]): number | undefined {
  let node: unknown = document.contents;
  let offset: number | undefined;
  for (const name of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => String(item.key) === name);
      if (pair === undefined) break;
      offset = (pair.key as { range?: [number, number, number] }).range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(name)];
      offset = (node as { range?: [number, number, number] } | undefined)?.range?.[0] ?? offset;
    } else break;
  }
  return offset;
}

function configError(
  problems: readonly ConfigProblem[],
  { file, lineOf }: { file: string | undefined; lineOf: (key: string) => string },
): AppError {
  const lines = problems.map(({ key, rule, got, source }) => {
    const place = source === file ? source + lineOf(key) : source;
    return `  ${place}: ${key === "" ? "the configuration" : key} ${phrase(rule)}, got ${got}`;
  });
  const code = problems.some((p) => p.source.startsWith("--set ")) ? "USAGE" : "CONFIG_INVALID";
  const count = problems.length === 1 ? "a problem" : `${problems.length} problems`;
  return new AppError(code, `the configuration has ${count}:\n${lines.join("\n")}`);
}

/** Rules of our own read on from the key ("must be …"); the library's are sentences. */
function phrase(rule: string): string {
  return /^(must|is) /.test(rule) ? rule : `is wrong (${rule})`;
}
