/**
 * Every query of every panel against a real Prometheus that has watched a real broadcast: a test card
 * over RTMP, players in Chromium that report themselves, and a small load test with its modelled
 * night beside them. Variables are put in as Grafana does for "All" and an interval of 5 s.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { packageRoot } from "../../src/node/package-root.ts";
import { startPrometheus, type TestPrometheus } from "../peers/prometheus.ts";
import { freePort } from "../wire/free-port.ts";
import { startStack, type Stack } from "../wire/stack.ts";
import { openPage, waitForPlayed } from "./browser.ts";
import { launchPeerBrowser, peerContext, waitForPeers } from "./peer-browser.ts";

interface Panel {
  type: string;
  title: string;
  targets?: { refId: string; expr: string; legendFormat: string }[];
}

const root = packageRoot();
const boardFolder = join(root, "grafana/dashboards");
const queries = readdirSync(boardFolder).flatMap((file) => {
  const { panels } = JSON.parse(readFileSync(join(boardFolder, file), "utf8")) as {
    panels: Panel[];
  };
  return panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ refId, expr, legendFormat }) => ({
      name: `${file.replace(".json", "")}: ${title}, ${refId}`,
      legendFormat,
      expr: expr
        .replaceAll("$__rate_interval", "20s")
        .replaceAll(/\$(tier|node|feed|scenario)\b/g, ".*"),
    })),
  );
});

/** As Prometheus is shipped. */
const everySec = 5;
/** What the pages play: as long as a rate looks back. */
const playedSec = 20;

/** What is there, to be closed in reverse, however far it came. */
const cleanups: (() => unknown)[] = [];
let prometheus: TestPrometheus;
let startUnixSec: number;
let endUnixSec: number;

beforeAll(async () => {
  const stack = await startStack(
    ["edge.capacityMbps=1000", "swarm.mode=on"].flatMap((setting) => ["--set", setting]),
  );
  cleanups.push(() => stack.stop());
  prometheus = await startPrometheus({
    targetFolders: [join(stack.stateDir, "prometheus/targets")],
    pace: { everySec, forSecMax: 5 },
  });
  cleanups.push(() => prometheus.stop());
  startUnixSec = Math.floor(Date.now() / 1_000);
  await Promise.all([watchInChromium(stack), runLoadTest()]);
  endUnixSec = Math.floor(Date.now() / 1_000);
}, 180_000);

afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
});

/** Players in the picture for a while: one at an edge, and two at the other, who help each other. */
async function watchInChromium(stack: Stack): Promise<void> {
  const browser = await launchPeerBrowser();
  cleanups.push(() => browser.close());
  const viewers = [
    { edge: "edge-1", peerCount: 1 },
    { edge: "edge-1", peerCount: 1 },
    { edge: "edge-2", peerCount: 0 },
  ] as const;
  await Promise.all(
    viewers.map(async ({ edge, peerCount }) => {
      const { page } = await openPage(browser, peerContext);
      await page.goto(`${await stack.edgeUrl(edge)}/watch/main`);
      await waitForPeers(page, peerCount, 60_000);
      await waitForPlayed(page, playedSec, 90_000);
    }),
  );
}

/** Twenty real viewers beside five thousand modelled ones. */
async function runLoadTest(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "fullhouse-boards-"));
  cleanups.push(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const metrics = `127.0.0.1:${await freePort()}`;
  writeFileSync(
    join(prometheus.targetFolder, "loadtest.json"),
    JSON.stringify([{ targets: [metrics], labels: { tier: "load", node: "loadtest" } }]),
  );
  const child = spawn(
    process.execPath,
    [
      ...[join(root, "bin/fullhouse.mjs"), "loadtest", "ci", "--viewers", "20", "--no-validation"],
      ...["--metrics", metrics, "--prometheus", prometheus.url],
      ...["--set", "audience.viewerCount=5000", "--set", "topology.edges=4"],
      ...["--set", 'audience.arrivals=[{"atSec":0,"ratio":0.05},{"atSec":40,"ratio":1}]'],
      ...["--set", "durationSec=180", "--set", "wire.joinBatchViewerCount=100"],
    ],
    { cwd: folder, stdio: ["ignore", "pipe", "pipe"] },
  );
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (said += text));
  }
  await new Promise((done) => child.once("close", done));
  // On a busy machine it may be void; its figures came all the same.
  expect(said).toMatch(/^(PASSED|MISSED.*|VOID): 5,000 modelled viewers/m);
}

interface Series {
  metric: Record<string, string>;
  values: [number, string][];
}

/** Over all that was watched, as a graph of Grafana asks. */
async function course(expr: string): Promise<Series[]> {
  const answer = await fetch(`${prometheus.url}/api/v1/query_range`, {
    method: "POST",
    body: new URLSearchParams({
      query: expr,
      start: String(startUnixSec),
      end: String(endUnixSec),
      step: String(everySec),
    }),
  });
  const { error = "", data } = (await answer.json()) as {
    error?: string;
    data?: { result: Series[] };
  };
  expect(error, expr).toBe("");
  return data!.result;
}

test.each(queries)("$name", async ({ expr, legendFormat }) => {
  const series = await course(expr);
  const values = series.flatMap((one) => one.values.map(([, value]) => Number(value)));
  expect(
    values.filter((value) => Number.isFinite(value)),
    expr,
  ).not.toEqual([]);
  expect(
    values.filter((value) => Math.abs(value) === Infinity),
    expr,
  ).toEqual([]);
  const labels = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]!);
  const isNamed = series.some(({ metric }) => labels.every((label) => label in metric));
  expect(isNamed, `${legendFormat} of ${JSON.stringify(series.map(({ metric }) => metric))}`).toBe(
    true,
  );
});
