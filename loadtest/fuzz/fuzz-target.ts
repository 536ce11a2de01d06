/** What a fuzz target is, where targets are found, and their corpora. */
import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

/** A module `*.fuzz.ts`; see main.ts for the form. */
export interface FuzzTarget {
  name: string;
  /** Throws on a bug only, never because the input is bad. */
  fuzz(data: Uint8Array): void;
  /** Tokens that mean something to the parser. */
  dictionary?: readonly (string | Uint8Array)[];
  limits?: Partial<FuzzLimits>;
}

export interface FuzzLimits {
  /** Longest input made. */
  inputBytesMax: number;
  /** Longest run over one input; checked three times before it counts. */
  runMsMax: number;
  /** Memory allocated while one input is run, kept or not. */
  allocatedBytesMax: number;
}

/** Two orders of magnitude above what an honest parser needs for so little input. */
export const defaultLimits: FuzzLimits = {
  inputBytesMax: 16_384,
  runMsMax: 500,
  allocatedBytesMax: 67_108_864,
};

export interface FoundTarget {
  path: string;
  target: FuzzTarget;
  corpusDir: string;
}

/** All targets below a folder, by name. */
export async function findTargets(root: string): Promise<FoundTarget[]> {
  const paths = listFiles(resolve(root)).filter((path) => path.endsWith(".fuzz.ts"));
  const found = await Promise.all(paths.map(loadTarget));
  return found.sort((a, b) => (a.target.name < b.target.name ? -1 : 1));
}

export async function loadTarget(path: string): Promise<FoundTarget> {
  const target = (await import(pathToFileURL(path).href)) as Partial<FuzzTarget>;
  if (typeof target.name !== "string" || typeof target.fuzz !== "function") {
    throw new Error(`${basename(path)} must export name and fuzz`);
  }
  const corpusDir = join(dirname(path), "corpus", target.name);
  return { path, target: target as FuzzTarget, corpusDir };
}

/** The corpus, in the order of the file names. Throws when there is none. */
export function readCorpus(corpusDir: string): Uint8Array[] {
  const names = readdirSync(corpusDir).sort();
  if (names.length === 0) throw new Error(`the corpus ${corpusDir} is empty`);
  return names.map((name) => new Uint8Array(readFileSync(join(corpusDir, name))));
}

function listFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
