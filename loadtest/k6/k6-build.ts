/**
 * build.mjs for compiled code. It is plain JavaScript that reads the Go module beside it, so it stays
 * where it is in the package, which tsc does not: from dist/ it is found by the package's root.
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { packageRoot } from "../../src/node/package-root.ts";
import type * as Build from "./build/build.mjs";

const file = join(packageRoot(), "loadtest/k6/build/build.mjs");
const build = (await import(pathToFileURL(file).href)) as typeof Build;

export const { k6Version, k6Environment, k6Path, cacheFolder } = build;
