/** The manifests and traces of `fullhouse session`: each file is read once, its problems kept. */
import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { AppError } from "../src/base/errors.ts";
import {
  readRecordedMedia,
  readRecordedTrace,
  type Read,
  type RecordedMedia,
  type RecordedTrace,
} from "../src/viewer/recorded-media.ts";

/** 100 times what an hour in ten rungs takes. */
const fileBytesMax = 64 * 1024 * 1024;

export class Recordings {
  readonly #folders: readonly string[];
  readonly #media = new Map<string, RecordedMedia | AppError>();
  readonly #traces = new Map<string, RecordedTrace | AppError>();

  /** Relative paths are looked for in each of `folders`, in this order. */
  constructor(folders: readonly string[]) {
    this.#folders = folders;
  }

  media(path: string): RecordedMedia {
    return this.#cached(this.#media, path, (file) =>
      readAs(`manifest ${path}`, file, readRecordedMedia),
    );
  }

  trace(path: string): RecordedTrace {
    return this.#cached(this.#traces, path, (file) =>
      readAs(`trace ${path}`, file, readRecordedTrace),
    );
  }

  #cached<T>(cache: Map<string, T | AppError>, path: string, read: (file: string) => T): T {
    let known = cache.get(path);
    if (known === undefined) {
      known = readOrError(() => read(this.#find(path)));
      cache.set(path, known);
    }
    if (known instanceof AppError) throw known;
    return known;
  }

  #find(path: string): string {
    const candidates = this.#folders.map((folder) => resolve(folder, path));
    return candidates.find((file) => statSync(file, { throwIfNoEntry: false })) ?? candidates[0]!;
  }
}

function readOrError<T>(read: () => T): T | AppError {
  try {
    return read();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}

function readAs<T>(what: string, file: string, read: (json: unknown) => Read<T>): T {
  const text = readText(what, file, fileBytesMax);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw unusable(what, `is not JSON: ${messageOf(error)}`);
  }
  const result = read(json);
  if ("problems" in result)
    throw unusable(what, `cannot be used:\n  ${result.problems.join("\n  ")}`);
  return result.value;
}

/** The text of a file; throws an AppError where there is none, or too much. */
export function readText(what: string, file: string, bytesMax: number): string {
  try {
    const stats = statSync(file);
    if (!stats.isFile()) throw unusable(what, "is no file");
    if (stats.size > bytesMax) {
      throw unusable(what, `is too large: ${stats.size} bytes, at most ${bytesMax} are read`);
    }
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof AppError) throw error;
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    const reason = isMissing ? "it does not exist" : messageOf(error);
    throw new AppError("RECORDING_UNUSABLE", `cannot read ${what}: ${reason}`, error);
  }
}

function unusable(what: string, problem: string): AppError {
  return new AppError("RECORDING_UNUSABLE", `${what} ${problem}`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
