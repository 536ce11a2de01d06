/** The package as npm makes it, installed where there is no checkout. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
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
