/**
 * `npm run build`: dist/, as packages carry it: the programs compiled by tsc, and the player
 * and status pages bundled, so that a package needs neither tsx nor esbuild.
 */
import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { register } from "tsx/esm/api";
import { runVisibly } from "./run-visibly.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, "dist");

rmSync(dist, { recursive: true, force: true });
const code = await runVisibly("npx", ["tsc", "-p", "tsconfig.build.json"], { cwd: root });
if (code !== 0) process.exit(code);

register();
const { writeBuiltPage } = await import("../edge/player/build-page.ts");
await writeBuiltPage(join(dist, "edge/player/built"));
const { writeBuiltStatusPage } = await import("../src/node/status-page/build-status-page.ts");
await writeBuiltStatusPage(join(dist, "src/node/status-page/built"));
