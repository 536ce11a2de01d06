/** Reads a YAML file of settings: its values, and the line on which each key stands. */
import { readFileSync, statSync } from "node:fs";
import { isMap, isSeq, LineCounter, parseDocument, type Document } from "yaml";
import { AppError } from "../base/errors.ts";

/** Largest file that is read: far above any real one. */
const fileBytesMax = 1_048_576;

export interface YamlFile {
  values: Record<string, unknown>;
  /** ":12" for a key that stands on line 12, or whose nearest parent does. */
  lineOf(key: string): string;
}

export interface YamlFileKind {
  /** What the file is, for people: "configuration", "scenario". */
  what: string;
  /** A line such a file may hold: "stateDir: x". */
  example: string;
}

/** Throws an AppError: CONFIG_UNREADABLE, or CONFIG_INVALID with the lines that are no YAML. */
export function readYamlFile(file: string, kind: YamlFileKind): YamlFile {
  const text = readText(file, kind);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    const problems = document.errors.map(
      (error) => `  ${file}:${lines.linePos(error.pos[0]).line}: ${error.message}`,
    );
    throw new AppError("CONFIG_INVALID", `${file} is not valid YAML:\n${problems.join("\n")}`);
  }
  return {
    values: valuesOf(document, file, kind),
    lineOf: (key) => {
      const offset = offsetOf(document, key.split("."));
      return offset === undefined ? "" : `:${lines.linePos(offset).line}`;
    },
  };
}

function valuesOf(
  document: Document,
  file: string,
  { example }: YamlFileKind,
): Record<string, unknown> {
  let values: unknown;
  try {
    values = document.toJS();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new AppError("CONFIG_INVALID", `${file} is not valid YAML: ${why}`, error);
  }
  // A file of nothing but comments sets nothing.
  if (values === null || values === undefined) return {};
  if (typeof values !== "object" || Array.isArray(values)) {
    throw new AppError("CONFIG_INVALID", `${file} must hold keys and values, as in "${example}"`);
  }
  return values as Record<string, unknown>;
}

function readText(file: string, { what }: YamlFileKind): string {
  try {
    const stats = statSync(file);
    const refuse = (why: string): never => {
      throw new AppError("CONFIG_UNREADABLE", `${file} is no ${what}: it is ${why}`);
    };
    // Devices and pipes have no size, and some have no end.
    if (!stats.isFile()) return refuse(stats.isDirectory() ? "a folder" : "no regular file");
    if (stats.size > fileBytesMax) return refuse("over 1 MiB");
    return readFileSync(file, "utf8");
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
