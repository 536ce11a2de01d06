import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { manifests, traces } from "../src/viewer/testing/recorded-inputs.ts";

const launcher = join(import.meta.dirname, "fullhouse.mjs");
const folder = mkdtempSync(join(tmpdir(), "fullhouse-session-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Writes a file of the folder; anything but text as JSON. */
function write(name: string, content: unknown): void {
  writeFileSync(
    join(folder, name),
    typeof content === "string" ? content : JSON.stringify(content),
  );
}
write("media.json", manifests.wide);
write("trace.json", traces.noisy);

function session(args: readonly string[]) {
  const all = [launcher, "session", ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, all, {
    cwd: folder,
    encoding: "utf8",
    timeout: 50_000,
  });
  return { status, stdout, stderr };
}

const inputs = ["--manifest", "media.json", "--trace", "trace.json"];

function resultOf(args: readonly string[]): Record<string, unknown> {
  const { status, stdout } = session([...inputs, "--json", ...args]);
  expect(status).toBe(0);
  return JSON.parse(stdout) as Record<string, unknown>;
}

test("a session prints what Sabre would measure of it", () => {
  const number = expect.any(Number) as number;
  const result = resultOf(["--abr", "bolae", "--buffer", "25", "--no-abandon"]);
  expect(result).toEqual({
    timeAvgUtility: number,
    timeAvgBitrateKbps: number,
    rebufferSec: number,
    rebufferCount: number,
    bitrateChangeKbps: number,
    playTimeSec: number,
    rampUpSec: number,
    abandonCount: 0,
    qualities: Array.from({ length: 50 }, () => number),
    abandonSemantics: "none",
  });
  const summary = session([...inputs, "--abr", "bolae", "--no-abandon"]).stdout;
  expect(summary).toMatch(/^modelled: one viewer of media\.json over trace\.json\n/);
  expect(summary).toContain(`${(result["timeAvgBitrateKbps"] as number).toFixed(1)} kbps`);
});

test("live rules, other semantics and all further options are taken", () => {
  const repaired = resultOf(["--abr", "throughput", "--abandon-semantics", "repaired"]);
  expect(repaired["abandonSemantics"]).toBe("repaired");
  const fixed = resultOf(["--abr", "fixed", "--rung", "2", "--movie-length", "9"]);
  expect(fixed["qualities"]).toEqual([2, 2, 2]);
  for (const abr of ["hlsjs", "move-like"]) resultOf(["--abr", abr]);
  for (const [abr, ...more] of [
    ["bola", "--gamma-p", "9"],
    ["bolae", "--no-buffer-rule"],
    ["throughput", "--network-multiplier", "0.5"],
    ["throughput", "--half-life", "1", "2"],
    ["throughput", "--moving-average", "sliding", "--window-size", "1", "4"],
  ] as const) {
    expect(resultOf(["--abr", abr, ...more])).not.toEqual(resultOf(["--abr", abr]));
  }
});

write("empty.json", []);
write("silent.json", [{ duration_ms: 1000, bandwidth_kbps: 0, latency_ms: 5 }]);
write("broken.json", '{"segment_duration_ms": NaN}');
write("ragged.json", { ...manifests.wide, segment_sizes_bits: [[1, 2]], segment_duration_ms: -1 });
mkdirSync(join(folder, "folder.json"));

test.each([
  [["--abr", "pensieve"], 2, /abr must be one of hlsjs, throughput, bola, .* is "pensieve"/],
  [["--abr", "bola", "--buffer", "-1"], 2, /buffer must be a number above 0 .* is "-1"/],
  [["--abr", "bola", "--buffer", "much"], 2, /buffer must be a number/],
  [["--abr", "bola", "--abandon-semantics", "x"], 2, /one of as-shipped, repaired/],
  [["--abr", "fixed"], 2, /rung is missing/],
  [["--buffer", "25"], 2, /abr is missing: one of hlsjs/],
  [["--abr", "bola", "--size", "3"], 2, /unknown option '--size'/],
  [["--abr", "bola", "--trace", "none.json"], 1, /cannot read trace none\.json: it does not exist/],
  [["--abr", "bola", "--trace", "folder.json"], 1, /trace folder\.json is no file/],
  [["--abr", "bola", "--trace", "empty.json"], 1, /trace empty\.json .*\n.* at least one period/],
  [["--abr", "bola", "--trace", "silent.json"], 1, /bandwidth_kbps is 0 in all periods/],
  [["--abr", "bola", "--manifest", "broken.json"], 1, /manifest broken\.json is not JSON: /],
  [
    ["--abr", "bola", "--manifest", "ragged.json"],
    1,
    /ragged\.json .*\n {2}segment_duration_ms .* -1\n {2}segment_sizes_bits\[0\] must/,
  ],
  [["--batch", "none.jsonl"], 1, /cannot read batch none\.jsonl: it does not exist/],
])("session %j exits with %i", (args, status, words) => {
  const result = session([...inputs, ...args]);
  expect(result.stderr).toMatch(words);
  expect(result.stdout).toBe("");
  expect(result.status).toBe(status);
});

test("a batch gives a line for each line, and its errors stop nothing", () => {
  mkdirSync(join(folder, "batches"));
  write("batches/near.json", traces.constant);
  const lines: unknown[] = [
    { abr: "bola", bufferSec: 25, abandon: false },
    { abr: "bola", trace: "near.json", buffer: 10, "no-abandon": true },
    { abr: "bola", trace: "none.json" },
    { abr: "best" },
    "{",
    {},
    { abr: "bola", manifest: join(folder, "media.json"), gammaP: "x", sise: 1 },
    { abr: "throughput", abandonSemantics: "repaired" },
  ];
  const text = lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line)));
  write("batches/all.jsonl", `${text.join("\n\n")}\n`);
  const { status, stdout, stderr } = session([...inputs, "--batch", "batches/all.jsonl"]);
  const results = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(results).toHaveLength(lines.length);
  expect(results.map(({ line, error }) => [line, error])).toEqual([
    [undefined, undefined],
    [undefined, undefined],
    [5, "cannot read trace none.json: it does not exist"],
    [7, expect.stringMatching(/^abr must be one of hlsjs, .* is "best"$/)],
    [9, expect.stringMatching(/^the line is not JSON: /)],
    [11, expect.stringMatching(/^abr is missing: one of hlsjs/)],
    [13, expect.stringMatching(/^gammaP must be a number .* is "x"; sise is no option$/)],
    [undefined, undefined],
  ]);
  expect(results[0]).toEqual(resultOf(["--abr", "bola", "--no-abandon"]));
  // As Sabre printed it for this case: in the batch's own folder was the constant link.
  expect(results[1]!["timeAvgBitrateKbps"]).toBeCloseTo(662.57296, 6);
  expect([status, stderr]).toEqual([1, ""]);
});

test("a batch without a bad line exits with 0", () => {
  write("good.jsonl", `{"abr": "bolae"}\n{"abr": "dynamic"}\n`);
  const { status, stdout } = session([...inputs, "--batch", "good.jsonl", "--no-abandon"]);
  expect(stdout.trim().split("\n")).toHaveLength(2);
  expect(status).toBe(0);
});
