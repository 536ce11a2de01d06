/** Runs Sabre (UMass-LIDS/sabre, src/sabre.py) and reads what it prints with -v. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { manifests, traces } from "./recorded-inputs.ts";
import { nameOf, sabreArguments, type SabreCase } from "./sabre-cases.ts";

/** The names under which Sabre prints what a session results in, in the order of the goldens. */
const printed = [
  "time average played utility",
  "time average played bitrate",
  "total rebuffer",
  "total rebuffer events",
  "total bitrate change",
  "total play time",
  "rampup time",
];

/** A line of the goldens for each case: its name, what Sabre printed, rungs as digits. */
export function goldensOf(sabrePath: string, cases: readonly SabreCase[]): string {
  const folder = mkdtempSync(join(tmpdir(), "fullhouse-sabre-"));
  const lines = cases.map((of) => {
    const [media, network] = ["media.json", "trace.json"].map((name) => join(folder, name));
    writeFileSync(media!, JSON.stringify(manifests[of.manifest]));
    writeFileSync(network!, JSON.stringify(traces[of.trace]));
    const args = [sabrePath, "-v", "-m", media!, "-n", network!, ...sabreArguments(of)];
    const { stdout, stderr, status } = spawnSync("python3", args, {
      encoding: "utf8",
      timeout: 20_000,
    });
    if (status !== 0) throw new Error(`Sabre failed at ${nameOf(of)}: ${stderr}`);
    const values = printed.map((name) => new RegExp(`^${name}: (.*)$`, "m").exec(stdout)![1]!);
    const downloads = [...stdout.matchAll(/^\[\d+-\d+\] +\d+: q=(\d) s=.*$/gm)];
    const kept = downloads.filter(([line]) => !line.includes("ABANDONED"));
    const rungs = kept.map(([, rung]) => rung).join("");
    return [nameOf(of), ...values, downloads.length - kept.length, rungs].join(",");
  });
  rmSync(folder, { recursive: true });
  return `${lines.join("\n")}\n`;
}
