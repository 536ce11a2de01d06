/**
 * Paths parsed before, by their text: a canonical path and its fields are the same key. Only what was
 * delivered comes in, and nothing with a viewer token: a client makes up as many as he likes, and each
 * new one would drive out the paths that everybody asks for.
 */
import { formatPath, type ParsedPath } from "../../src/hls/path.ts";

/** Paths kept; a window of the 2008 ladder has about 180. */
export const parsedCountMax = 1_024;

export class ParsedPaths {
  readonly #paths = new Map<string, ParsedPath>();

  get(url: string): ParsedPath | undefined {
    return this.#paths.get(url);
  }

  /** Copies the path, which may be reused. */
  remember(path: ParsedPath): void {
    if (path.token !== "") return;
    if (this.#paths.size >= parsedCountMax) this.#paths.clear();
    this.#paths.set(formatPath(path), { ...path });
  }
}
