/** `fullhouse knee` as it is typed: the real broadcast, the real k6, small. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";
import { kneeReportSchema } from "../../src/config/schema-knee-report.ts";

const launcher = resolve(import.meta.dirname, "../../bin/fullhouse.mjs");
const folder = mkdtempSync(join(tmpdir(), "fullhouse-knee-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Three steps of 12 s, what is around them, and a machine that others use too. */
const testTimeoutMs = 180_000;
const small = ["--step-sec", "12", "--edges", "1"];

/** With so many files open at the most, if that is given. */
function kneeAsync(args: readonly string[], openFiles?: number) {
  const command = [process.execPath, launcher, "knee", ...args];
  const limited = ["sh", "-c", `ulimit -n ${openFiles} && exec "$@"`, "sh", ...command];
  const [program, ...rest] = openFiles === undefined ? command : limited;
  const child = spawn(program!, rest, { stdio: ["ignore", "pipe", "pipe"] });
  const said = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said.out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said.err += text));
  const ended = once(child, "close").then(([status]: unknown[]) => ({ status, ...said }));
  return { child, said, ended };
}

test(
  "twenty viewers and then sixty are carried, and half a million are extrapolated from them",
  async () => {
    const out = join(folder, "report");
    const args = [...small, "--from", "20", "--to", "60", "--cap", "300", "--out", out, "--json"];
    const { status, out: json, err } = await kneeAsync(args).ended;
    expect(status, err).toBe(0);
    const report = kneeReportSchema.parse(JSON.parse(json));
    expect(readFileSync(join(out, "knee.json"), "utf8")).toBe(json);
    const { knee, steps, end, extrapolated } = report;
    expect(Math.max(...report.rungsKbps)).toBeLessThanOrEqual(330);
    expect(steps.length).toBeGreaterThanOrEqual(2);
    expect(steps[0]!.viewers).toBe(20);
    // A machine that others keep busy may end it earlier; what was carried is the same sort of figure.
    expect(knee.viewers, end.words).toBeGreaterThanOrEqual(20);
    if (end.by === "range") expect(knee.viewers).toBe(60);
    const kbpsPerViewer = (1e6 * knee.gbps) / knee.viewers;
    expect(kbpsPerViewer).toBeGreaterThan(100);
    expect(kbpsPerViewer).toBeLessThan(600);
    expect(knee.socketsPerViewer).toBeGreaterThanOrEqual(1);
    expect(knee.socketsPerViewer).toBeLessThan(1.3);
    expect(knee.perEdgeCore.asUsed.viewers).toBeGreaterThan(200);
    expect(extrapolated.gbps.value).toBeCloseTo((500_000 * knee.gbps) / knee.viewers);
    for (const step of steps) expect(err).toContain(`${step.viewers} viewers: `);
    const text = readFileSync(join(out, "knee.txt"), "utf8");
    expect(text).toMatch(/^KNEE( NOT REACHED)? \(measured\): (at least )?\d+ viewers/);
    expect(text).toContain("every figure extrapolated");
  },
  testTimeoutMs,
);

test(
  "descriptors that run out end the search at as many viewers as they allow, and that is no failure",
  async () => {
    const args = [...small, "--from", "30", "--json"];
    const { status, out, err } = await kneeAsync(args, 230).ended;
    expect(status, err).toBe(0);
    const { end, knee, steps } = kneeReportSchema.parse(JSON.parse(out));
    expect(steps).toHaveLength(1);
    expect(knee.viewers).toBe(30);
    expect(end).toMatchObject({ by: "descriptors", viewers: 30 });
    expect(end.words).toMatch(/230 files open.*ulimit -n/);
  },
  testTimeoutMs,
);

test(
  "Ctrl-C ends what was started, reports nothing and gives its exit code",
  async () => {
    const { child, said, ended } = kneeAsync([...small, "--from", "20"]);
    while (!said.err.includes("Steps of 12 s")) await once(child.stderr, "data");
    child.kill("SIGINT");
    const { status, out, err } = await ended;
    expect(err).toContain("interrupted");
    expect(status).toBe(130);
    expect(out).toBe("");
  },
  testTimeoutMs,
);

test.each([
  [["--from", "50", "--to", "40"], 2, "--from must be at most --to, got --from 50 --to 40"],
  [["--from", "0"], 2, "whole number from 1 to 100000"],
  [["--step-sec", "5"], 2, "whole number from 10"],
  [["--set", "wire.linkClassCount=4"], 2, "leave out --set wire.linkClassCount"],
  [["--cap", "50"], 2, "whole number from 100"],
  [["nowhere"], 2, "there is no scenario nowhere"],
])("knee %j is wrong usage", (args, status, words) => {
  const result = spawnSync(process.execPath, [launcher, "knee", ...args], { encoding: "utf8" });
  expect(result.stderr).toContain(words);
  expect(result.status).toBe(status);
});

test("a first step that this system does not allow is refused before anything is started", async () => {
  const { status, err } = await kneeAsync(["--from", "31"], 230).ended;
  expect(err).toMatch(/^fullhouse: 31 viewers need 231 open files .* type ulimit -n 231/);
  expect(status).toBe(1);
});
