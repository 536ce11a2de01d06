/**
 * The manifests for k6-operator, held against the fields of its TestRun (api/v1alpha1/testrun_types.go
 * of v1.6.0), and its way of running an archive done here with the real k6: each runner paused, begun
 * over the REST API, its log collected. A cluster is not started.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { startScriptedOrigin, type ScriptedOrigin } from "../../peers/scripted-origin.ts";
import { freePort } from "../../wire/free-port.ts";
import { k6Path, k6Version } from "../build/build.mjs";
import { k6Entry } from "../k6-entry.ts";
import { archiveRun } from "./run-archive.ts";
import { readSummary } from "./summary-file.ts";
import { madeWireRun } from "../testing/made-wire-run.ts";
import { wholeRunOf } from "./whole-run.ts";

const manifests = resolve(import.meta.dirname, "../../k8s");
const folder = mkdtempSync(join(tmpdir(), "fullhouse-k8s-"));
const archive = join(folder, "wire.tar");
const testTimeoutMs = 300_000;

interface Pod {
  image?: string;
  env?: { name: string; value: string }[];
  resources: { requests: { cpu: string; memory: string }; limits?: Record<string, string> };
  securityContext?: { sysctls: { name: string; value: string }[] };
}
interface TestRun {
  apiVersion: string;
  kind: string;
  metadata: { name: string };
  spec: {
    parallelism: number;
    arguments: string;
    script: { configMap: { name: string; file: string } };
    initializer: Pod;
    starter: Pod;
    runner: Pod;
  };
}
interface Kustomization {
  resources: string[];
  configMapGenerator: { name: string; files: string[] }[];
  generatorOptions: { disableNameSuffixHash: boolean };
}

const read = (name: string): unknown => parse(readFileSync(join(manifests, name), "utf8"));
const testRun = read("testrun.yaml") as TestRun;
const { spec } = testRun;

const specFields =
  "script parallelism separate arguments args ports initializer starter runner quiet paused scuttle " +
  "cleanup testRunId token";
const podFields =
  "disabled affinity automountServiceAccountToken env image imagePullSecrets imagePullPolicy metadata " +
  "nodeSelector tolerations topologySpreadConstraints resources serviceAccountName securityContext " +
  "containerSecurityContext envFrom readinessProbe livenessProbe initContainers volumes volumeMounts " +
  "priorityClassName schedulerName";
/** Of a ConfigMap's content, by Kubernetes. */
const configMapBytesMax = 1_048_576;

let origin: ScriptedOrigin;
let k6: string;
const run = () => madeWireRun({ targets: [[origin.url]], durationSec: 10 });

beforeAll(async () => {
  k6 = await k6Path((line) => console.error(line));
  origin = await startScriptedOrigin({
    feed: "main",
    rungs: [{ kbps: 150, width: 256, height: 144 }],
    segmentDurationMs: 2_000,
  });
  const script = await k6Entry("wire", { folder });
  await archiveRun(k6, { run: run(), script, file: archive });
}, testTimeoutMs);

afterAll(async () => {
  await origin.close();
  rmSync(folder, { recursive: true, force: true });
});

test("the TestRun has fields that the operator knows, and the two that it must have", () => {
  expect(testRun).toMatchObject({ apiVersion: "k6.io/v1alpha1", kind: "TestRun" });
  expect(Object.keys(testRun).sort()).toEqual(["apiVersion", "kind", "metadata", "spec"]);
  expect(specFields.split(" ")).toEqual(expect.arrayContaining(Object.keys(spec)));
  for (const pod of [spec.initializer, spec.starter, spec.runner]) {
    expect(podFields.split(" ")).toEqual(expect.arrayContaining(Object.keys(pod)));
  }
  expect(Number.isInteger(spec.parallelism)).toBe(true);
  expect(Object.keys(spec.script)).toEqual(["configMap"]);
});

test("the script is the archive that the kustomization puts there, under the same name", () => {
  const { resources, configMapGenerator, generatorOptions } = read(
    "kustomization.yaml",
  ) as Kustomization;
  expect(resources).toEqual(["testrun.yaml"]);
  expect(configMapGenerator).toEqual([
    { name: spec.script.configMap.name, files: [spec.script.configMap.file] },
  ]);
  expect(generatorOptions.disableNameSuffixHash).toBe(true);
});

test("runners are the k6 that this repository tests with", () => {
  expect([spec.runner.image, spec.initializer.image]).toEqual(
    Array.from({ length: 2 }, () => `grafana/k6:${k6Version}`),
  );
});

test("runners are as many, and as large, as the recipe for 500,000 viewers says", () => {
  const recipe = readFileSync(join(manifests, "../../docs/loadtest-scale.md"), "utf8");
  const [, perRunner, cores, memory, runners] =
    /instead: ([\d,]+) viewers on (\d+) cores and (\d+) GiB [^*]*\*\*(\d+) runners\*\*/.exec(
      recipe,
    )!;
  expect(spec.parallelism).toBe(Number(runners));
  expect(spec.parallelism * Number(perRunner!.replace(",", ""))).toBe(500_000);
  expect(spec.runner.resources.requests).toEqual({ cpu: cores, memory: `${memory}Gi` });
  expect(spec.runner.resources.limits).not.toHaveProperty("cpu");
});

test("the archive fits into a ConfigMap and holds the whole run", () => {
  expect(statSync(archive).size).toBeLessThan(configMapBytesMax);
  // As the operator's initializer does, which asks how many VUs it needs.
  const again = join(folder, "again.tar");
  expect(spawnSync(k6, ["archive", archive, "-O", again], { cwd: folder }).status).toBe(0);
  const said = spawnSync(k6, ["inspect", "--execution-requirements", again], { encoding: "utf8" });
  expect(JSON.parse(said.stdout)).toMatchObject({ maxVUs: 30, totalDuration: "40s" });
});

/** As pkg/resources/jobs/runner.go puts it together; returns the log, as kubectl logs would. */
async function runner(index: number, total: number): Promise<string> {
  const port = await freePort();
  const cut = (n: number): string => (n === 0 ? "0" : n === total ? "1" : `${n}/${total}`);
  const cuts = Array.from({ length: total + 1 }, (_, n) => cut(n)).join(",");
  const args = [
    ...["run", "--quiet", `--execution-segment=${cut(index - 1)}:${cut(index)}`],
    ...[`--execution-segment-sequence=${cuts}`, ...spec.arguments.split(" "), archive],
    ...[`--address=127.0.0.1:${port}`, "--paused"],
    ...["--tag", `instance_id=${index}`, "--tag", `testrun_name=${testRun.metadata.name}`],
  ];
  const env = Object.fromEntries(spec.runner.env!.map(({ name, value }) => [name, value]));
  const child = spawn(k6, args, { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (log += text));
  }
  const closed = once(child, "close") as Promise<[number | null]>;
  await unpaused(port, () => child.exitCode === null);
  const [code] = await closed;
  expect(log).not.toContain("level=error");
  expect(code).toBe(0);
  const file = join(folder, `runner-${index}.log`);
  writeFileSync(file, log);
  return file;
}

/** The starter's request, as soon as k6 answers. */
async function unpaused(port: number, isAlive: () => boolean): Promise<void> {
  const body = JSON.stringify({
    data: { attributes: { paused: false }, id: "default", type: "status" },
  });
  const headers = { "content-type": "application/json" };
  while (isAlive()) {
    try {
      const answer = await fetch(`http://127.0.0.1:${port}/v1/status`, {
        ...{ method: "PATCH", headers, body },
      });
      if (answer.ok) return;
    } catch {
      // It does not listen yet.
    }
    await sleep(20);
  }
}

test(
  "runners begun as the operator begins them measure the whole run from the archive alone",
  async () => {
    const logs = await Promise.all([runner(1, 3), runner(2, 3), runner(3, 3)]);
    const whole = wholeRunOf(run(), logs.map(readSummary));
    expect(whole).toMatchObject({ viewerCount: 30, segmentCount: 3, verdict: "passed" });
    expect(whole.metrics["viewer_joins"]!.values["count"]).toBe(30);
    expect(origin.sessions.size).toBe(30);
    // The archive asks for them, so that means of all runners are known.
    expect(whole.metrics["viewer_startup_seconds"]!.values).toMatchObject({ count: 30 });
  },
  testTimeoutMs,
);
