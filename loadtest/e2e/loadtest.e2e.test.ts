/**
 * `fullhouse loadtest` as its users run it, small: wire against model at 100 viewers, then a modelled
 * night of 20,000 with 100 real viewers beside it, its report in Chromium, and its night once more by
 * `fullhouse simulate --replay`. Then what cannot be run at all.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadReportSchema, type LoadReport } from "../../src/config/schema-load-report.ts";
import { launchBrowser, openPage } from "./browser.ts";

const root = resolve(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "fullhouse-loadtest-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

function runToEnd(args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, [join(root, "bin/fullhouse.mjs"), ...args], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  return new Promise((done, reject) => {
    child.once("error", reject);
    child.once("close", (code) => done({ code, stdout, stderr }));
  });
}

const small = [
  ...["--set", "audience.viewerCount=20000", "--set", "topology.edges=4"],
  ...["--set", 'audience.arrivals=[{"atSec":0,"ratio":0.05},{"atSec":40,"ratio":1}]'],
  ...["--set", "durationSec=150", "--set", "wire.joinBatchViewerCount=100"],
];

let run: Ended;
let report: LoadReport;

beforeAll(async () => {
  const out = join(folder, "small");
  const validation = ["--set", "wire.validationCounts=[100]", "--set", "wire.validationSec=45"];
  run = await runToEnd([
    "loadtest",
    "ci",
    "--viewers",
    "100",
    "--out",
    out,
    ...small,
    ...validation,
  ]);
  console.log(run.stdout + run.stderr);
  report = JSON.parse(readFileSync(join(out, "report.json"), "utf8")) as LoadReport;
}, 170_000);

test("the run passes, and says so in its first line with both numbers of viewers", () => {
  expect(run.code, run.stdout + run.stderr).toBe(0);
  expect(run.stdout).toMatch(/^PASSED: 20,000 modelled viewers \/ 100 real sockets/i);
});

test("the report has the published form and contradicts itself nowhere", () => {
  expect(loadReportSchema.safeParse(report).error).toBeUndefined();
  expect(report.verdict).toBe("passed");
});

test("the model agrees with the wire within its gates", () => {
  const figures = report.validation!.rows.flatMap((row) => row.figures);
  expect(figures.filter(({ gate }) => gate !== null).map(({ name }) => name)).toEqual([
    ...["egress Gbps", "hit ratio", "fill Gbps", "stall ratio"],
  ]);
  expect(figures.filter(({ ok }) => !ok)).toEqual([]);
});

test("bytes are conserved, on the wire and in the model", () => {
  // Two of the night, and two of the validation run.
  expect(report.conservation).toHaveLength(4);
  for (const { ok, left } of report.conservation) {
    expect(ok).toBe(true);
    expect(left.bytes).toBeGreaterThan(1e7);
  }
  const sums = report.modelled!.report.conservation;
  expect(sums.viewerBytes).toBe(sums.edgeEgressBytes);
});

test("everybody joined the modelled night, by the curve", () => {
  const { timeline, headline } = report.modelled!.report;
  expect(headline.viewers).toBe(20_000);
  const at = (sec: number): number =>
    timeline.findLast(({ tSec }) => tSec <= sec)!.viewers / 20_000;
  expect(at(24)).toBeGreaterThan(0.4);
  expect(at(24)).toBeLessThan(0.8);
  expect(at(80)).toBeCloseTo(1, 2);
});

test("real viewers, edges, emulator and generator were watched", () => {
  const names = report.wire.processes.map(({ name }) => name);
  expect(names).toEqual(["origin", "shield", "edge-1", "edge-2", "model", "links", "k6"]);
  expect(report.wire.timeline.length).toBeGreaterThan(20);
  expect(Math.max(...report.wire.timeline.map(({ viewers }) => viewers))).toBeGreaterThan(80);
});

test("the page opens by itself, without an error and without asking anybody", async () => {
  const browser = await launchBrowser();
  try {
    const { page, problems } = await openPage(browser);
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    const url = pathToFileURL(join(folder, "small/report.html")).href;
    await page.goto(url);
    expect(asked).toEqual([url]);
    expect(problems).toEqual([]);
    const text = await page.innerText("body");
    expect(text).toContain("20,000 modelled viewers");
    expect(text).toContain("measured");
  } finally {
    await browser.close();
  }
});

test("the recorded night, replayed, gives the same report to the byte", async () => {
  const replayed = await runToEnd([
    "simulate",
    "--replay",
    join(folder, "small/inputs.json"),
    "--json",
  ]);
  expect(replayed.code, replayed.stderr).toBe(0);
  expect(replayed.stdout.trim()).toBe(JSON.stringify(report.modelled!.report));
});

test.each([
  {
    what: "an unknown scenario",
    args: ["no-such-night"],
    code: 2,
    words: /there is no scenario no-such-night; known are/,
  },
  {
    what: "a target that does not answer",
    args: ["ci", "--target", "http://127.0.0.1:9"],
    code: 1,
    words: /http:\/\/127\.0\.0\.1:9\/\S+ does not answer .*check the address/,
  },
  {
    what: "a target that is no URL",
    args: ["ci", "--target", "localhost"],
    code: 2,
    words: /--target must be a URL/,
  },
  {
    what: "a target with a path of its own",
    args: ["ci", "--target", "http://127.0.0.1:9/hls/a.m3u8"],
    code: 2,
    words: /--target must have no path/,
  },
  {
    what: "a threshold on an unknown metric",
    args: ["ci", "--threshold", "sim_stalls<1"],
    code: 2,
    words: /--threshold knows no metric sim_stalls/,
  },
  {
    what: "a threshold without a model",
    args: ["ci", "--target", "http://127.0.0.1:9", "--threshold", "sim_stall_ratio<1"],
    code: 2,
    words: /--threshold is about the modelled night/,
  },
  {
    what: "a threshold that is none",
    args: ["ci", "--threshold", "stalls"],
    code: 2,
    words: /--threshold must be like/,
  },
  {
    what: "more viewers than the emulator carries",
    args: ["ci", "--viewers", "9000"],
    code: 1,
    words: /9000 viewers are more than the emulator of lines carries/,
  },
])("$what is one clear line and exit code $code", async ({ args, code, words }) => {
  const ended = await runToEnd(["loadtest", ...args]);
  expect(ended.code, ended.stderr).toBe(code);
  const lines = ended.stderr.trim().split("\n");
  expect(lines.at(-1)).toMatch(words);
});

test("too few open files are told with the command that allows more", async () => {
  const launcher = join(root, "bin/fullhouse.mjs");
  const command = `ulimit -n 500; exec "${process.execPath}" "${launcher}" loadtest ci --viewers 1000`;
  const child = spawn("sh", ["-c", command], { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const code = await new Promise((done) => child.once("close", done));
  expect(code, stderr).toBe(1);
  expect(stderr.trim()).toMatch(/need \d+ open files .* allows 500: type ulimit -n \d+/);
});

test("without k6 and without Go it says how to get either", async () => {
  const empty = join(folder, "empty");
  const launcher = join(root, "bin/fullhouse.mjs");
  const child = spawn(process.execPath, [launcher, "loadtest", "ci", "--viewers", "10"], {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
    env: { PATH: empty, HOME: empty, XDG_CACHE_HOME: empty },
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const code = await new Promise((done) => child.once("close", done));
  expect(code, stderr).toBe(1);
  expect(stderr).toContain("k6 is missing");
  expect(stderr).toContain(`node ${join(root, "loadtest/k6/build/build.mjs")}`);
});
