/**
 * A run as one archive of k6: the script with all it imports, what it is told, and its options. Where
 * the archive is, k6 alone can run any segment of it. Its length is fixed when it is made, so its
 * generators have to be started together; an instant of the future is for runs from the sources.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { AppError } from "../../../src/base/errors.ts";
import { k6Environment } from "../k6-build.ts";
import type { WireRun } from "../scripts/wire-run.ts";
import { mergeableTrendStats } from "./execution-segments.ts";
import { wireText } from "./segment-parts.ts";

/** Linux takes no longer argument, and an archive keeps only variables given as such. */
const argumentBytesMax = 131_000;

/** Writes it; throws an AppError when k6 refuses. `script` is an entry of wire.ts. */
export async function archiveRun(
  k6: string,
  { run, script, file }: { run: WireRun; script: string; file: string },
): Promise<void> {
  const wire = `WIRE=${wireText(run)}`;
  if (Buffer.byteLength(wire) > argumentBytesMax) {
    throw new AppError(
      "CONFIG_INVALID",
      `the run takes ${Buffer.byteLength(wire)} bytes, and an archive at most ${argumentBytesMax}: ` +
        `give fewer edges, or one name that leads to several`,
    );
  }
  const child = spawn(
    k6,
    [
      ...["archive", "--quiet", "--no-color", "-e", wire],
      ...["--summary-trend-stats", mergeableTrendStats, "-O", file],
      script,
    ],
    { stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, ...k6Environment } },
  );
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (log += text));
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0)
    throw new AppError("CHILD_FAILED", `k6 archive ended with ${code}:\n${log.trim()}`);
}
