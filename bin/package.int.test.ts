/** The package as npm makes it, installed where there is no checkout. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadReportSchema } from "../src/config/schema-load-report.ts";
import { startBroadcast } from "./testing/started-broadcast.ts";

const root = join(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "fullhouse-package-"));
const command = join(folder, "node_modules/.bin/fullhouse");

function npm(args: readonly string[], cwd: string): void {
  const { status, stdout, stderr } = spawnSync("npm", args, { cwd, encoding: "utf8" });
  if (status !== 0) throw new Error(`npm ${args.join(" ")} failed:\n${stdout}${stderr}`);
}

beforeAll(() => {
  npm(["pack", "--pack-destination", folder], root);
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"));
  writeFileSync(join(folder, "package.json"), "{}");
  npm(["install", "--no-audit", "--no-fund", `./${tarball}`], folder);
}, 180_000);

afterAll(() => rmSync(folder, { recursive: true }));

test("the package runs without what only development needs", () => {
  const installed = readdirSync(join(folder, "node_modules"));
  const needless = ["tsx", "esbuild", "typescript", "vitest", "hls.js", "media-chrome"];
  expect(installed.filter((name) => needless.includes(name))).toEqual([]);
  expect(existsSync(join(folder, "node_modules/fullhouse/bin/main.ts"))).toBe(false);
});

test("its doctor finds that it can run", () => {
  const { status, stdout } = spawnSync(command, ["doctor"], { cwd: folder, encoding: "utf8" });
  expect(stdout).toContain("Fullhouse can run here");
  expect(stdout).toMatch(/^ok +ffmpeg/m);
  expect(status).toBe(0);
});

test("its simulate knows the scenarios by name and runs one in two threads", () => {
  const small = ["durationSec=60", "plateau.fromSec=20", "topology.edges=2"];
  const settings = small.flatMap((setting) => ["--set", setting]);
  const { status, stdout } = spawnSync(
    command,
    ["simulate", "oprah-2008", "--viewers", "200", "--workers", "2", ...settings],
    { cwd: folder, encoding: "utf8" },
  );
  expect(stdout).toMatch(/^modelled: .* Gbps .*scenario oprah-2008, seed 1, commit version \d/m);
  expect(status).toBe(0);
});

const tiny = `
extends: ci
name: tiny
durationSec: 75 # at wire.timeRatio 5: 15 s
audience:
  viewerCount: 1000
  arrivals: [{ atSec: 0, ratio: 0.1 }, { atSec: 15, ratio: 1 }]
topology: { edges: 2 }
wire: { viewerCount: 10, edges: 1, joinBatchViewerCount: 10 }
`;

test("its loadtest runs real viewers beside a modelled night", { timeout: 180_000 }, () => {
  writeFileSync(join(folder, "tiny.yaml"), tiny);
  const { stdout, stderr } = spawnSync(
    command,
    ["loadtest", "tiny.yaml", "--no-validation", "--out", "tiny"],
    { cwd: folder, encoding: "utf8" },
  );
  // Whether it passes is for machines that are left to it.
  expect(stdout, stderr).toMatch(
    /^(PASSED|MISSED|VOID).*: 1,000 modelled viewers \/ 10 real sockets/i,
  );
  const text = readFileSync(join(folder, "tiny/report.json"), "utf8");
  const { wire } = loadReportSchema.parse(JSON.parse(text));
  expect(wire.tiers.find(({ tier }) => tier === "edge")!.egressGbps).toBeGreaterThan(0);
});

test("its segments plan writes a run and its archive for k6", { timeout: 60_000 }, () => {
  const { status, stderr } = spawnSync(
    command,
    ["segments", "plan", "tiny.yaml", "--edge", "http://edge", "--viewers", "10", "--out", "plan"],
    { cwd: folder, encoding: "utf8" },
  );
  expect(stderr).toMatch(/^10 viewers, 15 s: plan\/wire\.json, .*, wire\.tar$/m);
  expect(readdirSync(join(folder, "plan"))).toEqual(
    expect.arrayContaining(["wire.json", "wire.tar"]),
  );
  expect(status).toBe(0);
});

test("its knee loads and says what it needs", () => {
  const help = spawnSync(command, ["knee", "--help"], { cwd: folder, encoding: "utf8" });
  expect(help.stdout).toContain("raise real viewers until something breaks");
  // Past the help: what it runs with is loaded, and refuses.
  const { status, stderr } = spawnSync(command, ["knee", "--from", "9", "--to", "8"], {
    ...{ cwd: folder, encoding: "utf8" },
  });
  expect(stderr).toBe("fullhouse: --from must be at most --to, got --from 9 --to 8\n");
  expect(status).toBe(2);
});

test("its start serves the page with the bundled player", { timeout: 120_000 }, async () => {
  const broadcast = startBroadcast([command], ["--edges", "1", "--prometheus"]);
  try {
    const [, prometheus] = await broadcast.prints(/Metrics +(\S+) \(Prometheus/);
    const rules = await (await fetch(`${prometheus}/api/v1/rules`)).text();
    expect(rules).toContain("PublisherGone");
    const [url] = await broadcast.prints(/http:\/\/localhost:\d+\/watch\/main/);
    const page = await (await fetch(url)).text();
    const script = /src="([^"]+\.js)"/.exec(page)?.[1] ?? "no script";
    const answer = await fetch(new URL(script, url));
    expect(answer.status).toBe(200);
    expect((await answer.text()).length).toBeGreaterThan(100_000);
    const [status] = await broadcast.prints(/http:\/\/127\.0\.0\.1:\d+\/#token=\S+/);
    expect(await (await fetch(status)).text()).toMatch(/src="assets\/status-[0-9a-f]{12}\.js"/);
    await broadcast.prints(/^live \(test card\)/m);
    expect(await broadcast.end("SIGINT")).toBe(0);
  } finally {
    await broadcast.remove();
  }
});
