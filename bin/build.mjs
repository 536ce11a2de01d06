/**
 * `npm run build`: dist/, as packages carry it: the programs compiled by tsc, and the player
 * and status pages bundled, so that a package needs neither tsx nor esbuild. Plain JavaScript is
 * not copied: what compiled code takes of it, it finds by the package's root.
 */
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { register } from "tsx/esm/api";
import { runVisibly } from "./run-visibly.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, "dist");

/** Imports of compiled files that lead nowhere: in a checkout they do, in a package nothing runs. */
function brokenImports() {
  return readdirSync(dist, { recursive: true })
    .filter((file) => file.endsWith(".js"))
    .flatMap((file) => {
      const path = join(dist, file);
      const names = readFileSync(path, "utf8").matchAll(/\b(?:from|import)[ (]*"(\.[^"]+)"/g);
      return [...names]
        .filter(([, name]) => !existsSync(join(dirname(path), name)))
        .map(([, name]) => `dist/${file} imports ${name}, which is not in dist`);
    });
}

rmSync(dist, { recursive: true, force: true });
const code = await runVisibly("npx", ["tsc", "-p", "tsconfig.build.json"], { cwd: root });
if (code !== 0) process.exit(code);
const broken = brokenImports();
if (broken.length > 0) {
  console.error(broken.join("\n"));
  process.exit(1);
}

register();
const { writeBuiltPage } = await import("../edge/player/build-page.ts");
await writeBuiltPage(join(dist, "edge/player/built"));
const { writeBuiltStatusPage } = await import("../src/node/status-page/build-status-page.ts");
await writeBuiltStatusPage(join(dist, "src/node/status-page/built"));
