/** The modelled night of a load test: the simulation server as a child process, and one run on it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AppError } from "../../src/base/errors.ts";
import type { ModelReport } from "../../src/config/schema-model-report.ts";
import type { Scenario } from "../../src/config/schema-scenario.ts";
import { packageRoot } from "../../src/node/package-root.ts";
import type { NightRun } from "../k6/scripts/night-run.ts";
import { startProgram } from "./child-program.ts";
import { modelName } from "./measured-run.ts";
import type { WatchedProcess } from "./sampler.ts";

/** What the server says of a run under way, as far as it is used here. */
export interface NightStats {
  state: string;
  tSec: number;
  viewers: number;
  egressGbps: number;
  behindSecMax: number;
}

export interface ModelNight {
  serverUrl: string;
  runId: string;
  process: WatchedProcess;
  /** The state now; undefined while the server is too busy to say. */
  stats(): Promise<NightStats | undefined>;
  /** Of a night that has ended; throws an AppError for one that has not. */
  result(): Promise<{ report: ModelReport; inputs: string; behindSecMax: number }>;
  stop(): Promise<void>;
}

const statsMsMax = 2_000;
const refereeEverySec = 1;

/** Throws an AppError when the server does not start or will not run the scenario. */
export async function prepareNight(scenario: Scenario): Promise<ModelNight> {
  const stateDir = mkdtempSync(join(tmpdir(), "fullhouse-sim-"));
  const launcher = join(packageRoot(), "bin/fullhouse.mjs");
  const program = await startProgram<{ control: number }>("the simulation server", [
    ...[launcher, "sim-server", "--state", stateDir],
  ]);
  const serverUrl = `http://127.0.0.1:${program.ready.control}`;
  const stop = async (): Promise<void> => {
    await program.stop();
    rmSync(stateDir, { recursive: true, force: true });
  };
  try {
    const made = await fetch(`${serverUrl}/sim/runs`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ scenario, timeRatio: scenario.wire.timeRatio }),
    });
    const answer = (await made.json()) as { id?: string; error?: string };
    if (answer.id === undefined) {
      throw new AppError(
        "CONFIG_INVALID",
        `the model refuses the night: ${JSON.stringify(answer)}`,
      );
    }
    const url = `${serverUrl}/sim/runs/${answer.id}`;
    return {
      serverUrl,
      runId: answer.id,
      process: { name: modelName, pid: program.pid },
      stats: () => statsAt(url),
      result: () => resultAt(url),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What k6 is told of the night, whose arrival curve it drives in real time. */
export function nightRun(
  scenario: Scenario,
  night: ModelNight,
  thresholds: NightRun["thresholds"],
): NightRun {
  const { audience, wire, durationSec } = scenario;
  return {
    serverUrl: night.serverUrl,
    runId: night.runId,
    viewerCount: audience.viewerCount,
    joinBatchViewerCount: wire.joinBatchViewerCount,
    arrivals: audience.arrivals.map(({ atSec, ratio }) => ({
      atSec: atSec / wire.timeRatio,
      ratio,
    })),
    durationSec: durationSec / wire.timeRatio,
    refereeEverySec,
    thresholds,
  };
}

async function statsAt(url: string): Promise<NightStats | undefined> {
  try {
    const signal = AbortSignal.timeout(statsMsMax);
    const response = await fetch(`${url}/stats`, { signal });
    return response.ok ? ((await response.json()) as NightStats) : undefined;
  } catch {
    // Too busy: the next look comes soon.
    return undefined;
  }
}

async function resultAt(url: string): Promise<Awaited<ReturnType<ModelNight["result"]>>> {
  const read = async (name: string): Promise<string> => {
    const response = await fetch(`${url}/${name}`);
    const text = await response.text();
    if (response.ok) return text;
    throw new AppError("CHILD_FAILED", `the modelled night has no ${name}: ${text.trim()}`);
  };
  const report = JSON.parse(await read("report")) as ModelReport;
  const inputs = await read("inputs");
  const { behindSecMax } = JSON.parse(await read("stats")) as NightStats;
  return { report, inputs, behindSecMax };
}
