/**
 * A real Prometheus for tests: the shipped configuration and rules in a folder of its own, at a pace
 * that a test can wait for. It scrapes what the target files say and nothing else.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { packageRoot } from "../../src/node/package-root.ts";
import { freePort } from "../wire/free-port.ts";
import { pacedConfig, pacedRules, type Pace } from "./prometheus-pace.ts";

export interface PrometheusSample {
  labels: Record<string, string>;
  value: number;
}

export interface FiringAlert {
  name: string;
  state: "pending" | "firing";
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

export interface TestPrometheus {
  /** Base URL, as `http://127.0.0.1:9090`. */
  url: string;
  /** Folder for further target files, named after their job: `edge.json`. */
  targetFolder: string;
  /** An instant query, now. */
  query(expression: string): Promise<PrometheusSample[]>;
  /** What is pending or firing. */
  alerts(): Promise<FiringAlert[]>;
  stop(): Promise<void>;
}

const readyMsMax = 20_000;

/** `targetFolders` hold `origin.json`, `edge.json` and so on, as `start` writes them. */
export async function startPrometheus(options: {
  targetFolders: readonly string[];
  pace: Pace;
}): Promise<TestPrometheus> {
  const folder = mkdtempSync(join(tmpdir(), "fullhouse-prometheus-"));
  const targetFolder = join(folder, "targets");
  writeShipped(folder, [targetFolder, ...options.targetFolders], options.pace);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(
    "prometheus",
    [
      `--config.file=${join(folder, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--web.enable-remote-write-receiver",
      "--log.level=warn",
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  const kill = (): void => void child.kill("SIGKILL");
  process.once("exit", kill);
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGTERM");
      await once(child, "exit");
    }
    process.off("exit", kill);
    rmSync(folder, { recursive: true });
  };
  try {
    await untilReady(child, url);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    ...{ url, targetFolder, stop },
    query: (expression) => instantQuery(url, expression),
    alerts: () => alertsAt(url),
  };
}

function writeShipped(folder: string, targetFolders: readonly string[], pace: Pace): void {
  const shipped = join(packageRoot(), "grafana/prometheus");
  mkdirSync(join(folder, "rules"));
  mkdirSync(join(folder, "targets"));
  const config = readFileSync(join(shipped, "prometheus.yml"), "utf8");
  writeFileSync(join(folder, "prometheus.yml"), pacedConfig(config, { pace, targetFolders }));
  for (const name of readdirSync(join(shipped, "rules"))) {
    const rules = readFileSync(join(shipped, "rules", name), "utf8");
    writeFileSync(join(folder, "rules", name), pacedRules(rules, pace));
  }
}

async function untilReady(child: ChildProcess, url: string): Promise<void> {
  let said = "";
  child.stderr!.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-5_000);
  });
  let failure: Error | undefined;
  child.on("error", (error) => (failure = error));
  const deadlineMs = performance.now() + readyMsMax;
  while (performance.now() < deadlineMs && failure === undefined && child.exitCode === null) {
    const answer = await fetch(`${url}/-/ready`).catch(() => undefined);
    if (answer?.ok === true) return;
    await delay(100);
  }
  const why = failure?.message ?? said;
  throw new Error(`prometheus does not start (node bin/setup.mjs test installs it): ${why}`);
}

async function instantQuery(url: string, expression: string): Promise<PrometheusSample[]> {
  const path = `/api/v1/query?query=${encodeURIComponent(expression)}`;
  const { result } = (await ask(url, path)) as {
    result: { metric: Record<string, string>; value: [number, string] }[];
  };
  return result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
}

async function alertsAt(url: string): Promise<FiringAlert[]> {
  const { alerts } = (await ask(url, "/api/v1/alerts")) as { alerts: Omit<FiringAlert, "name">[] };
  return alerts.map((alert) => ({ name: alert.labels["alertname"]!, ...alert }));
}

/** What an answer of the API holds as `data`. */
async function ask(url: string, path: string): Promise<unknown> {
  const answer = await fetch(url + path);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
  return (JSON.parse(text) as { data: unknown }).data;
}
