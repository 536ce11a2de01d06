/** The runs of one server: made from what a client asks for, within bounds, and found again. */
import { availableParallelism } from "node:os";
import { AppError } from "../../../src/base/errors.ts";
import { scenarioOfJson } from "../../../src/config/resolve-sim-inputs.ts";
import type { Scenario } from "../../../src/config/schema-scenario.ts";
import { capsRule } from "../../../src/config/schema-sim-inputs.ts";
import { loadScenario } from "../../../src/node/scenario-file.ts";
import { refuseGiants } from "../night-size.ts";
import { newRunSchema, parseBody, problemWords, workerCountMax } from "./control-schema.ts";
import { PacedRun } from "./paced-run.ts";

/** Nights that hold memory and threads at a time, and those that are kept for what they came to. */
const underWayMax = 2;
const keptMax = 16;
/** Longest run by the wall clock, as the ratio has it. */
const wallSecMax = 6 * 3_600;

export type Made = { ok: true; run: PacedRun } | { ok: false; status: number; error: string };

export class SimRuns {
  readonly #runs = new Map<string, PacedRun>();
  readonly #commit: string;
  readonly #onFailure: (id: string, error: Error) => void;
  #madeCount = 0;

  constructor(of: { commit: string; onFailure: (id: string, error: Error) => void }) {
    this.#commit = of.commit;
    this.#onFailure = of.onFailure;
  }

  find(id: string): PacedRun | undefined {
    return this.#runs.get(id);
  }

  /** The runs made last, oldest first. */
  newest(count: number): PacedRun[] {
    return [...this.#runs.values()].slice(-count);
  }

  /** Makes a run of a client's body; it has not begun. */
  make(body: unknown): Made {
    const parsed = parseBody(body, newRunSchema);
    if (!parsed.ok) return refuse(400, problemWords(parsed.problems));
    const { workers, capsKbps } = parsed.value;
    const found = scenarioOf(parsed.value.scenario);
    if (!found.ok) return refuse(400, found.error);
    const { scenario } = found;
    const { timeRatio = scenario.wire.timeRatio } = parsed.value;
    const broken = capsRule(scenario, capsKbps);
    if (broken !== undefined) {
      return refuse(400, `capsKbps ${broken}, got ${JSON.stringify(capsKbps)}`);
    }
    const wallSec = scenario.durationSec / timeRatio;
    if (wallSec > wallSecMax) {
      const atLeast = Math.ceil((10 * scenario.durationSec) / wallSecMax) / 10;
      return refuse(
        400,
        `the run would take ${Math.round(wallSec)} s: timeRatio ${atLeast} is the least`,
      );
    }
    if ([...this.#runs.values()].filter((run) => run.isUnderWay).length >= underWayMax) {
      return refuse(429, `${underWayMax} runs are under way: end one, or wait for its end`);
    }
    const workerCount = workers ?? Math.min(workerCountMax, availableParallelism());
    return this.#open({ scenario, driving: { capsKbps }, timeRatio, workerCount });
  }

  async close(): Promise<void> {
    await Promise.all([...this.#runs.values()].map((run) => run.close()));
  }

  #open(of: {
    scenario: Scenario;
    driving: { capsKbps: readonly number[] };
    timeRatio: number;
    workerCount: number;
  }): Made {
    try {
      const { plan } = refuseGiants(of.scenario, of.workerCount, { driving: of.driving });
      this.#madeCount++;
      const id = String(this.#madeCount);
      const onFailure = (error: Error): void => this.#onFailure(id, error);
      const nowMs = (): number => performance.now();
      const run = new PacedRun({ ...of, id, plan, commit: this.#commit, nowMs, onFailure });
      this.#forgetOldest();
      this.#runs.set(id, run);
      return { ok: true, run };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return refuse(400, error.message);
    }
  }

  /** Of those that are over: there are fewer under way than may be kept. */
  #forgetOldest(): void {
    if (this.#runs.size < keptMax) return;
    const oldest = [...this.#runs.values()].find((run) => !run.isUnderWay);
    if (oldest !== undefined) this.#runs.delete(oldest.id);
  }
}

function scenarioOf(
  given: string | Record<string, unknown>,
): { ok: true; scenario: Scenario } | { ok: false; error: string } {
  if (typeof given !== "string") {
    const result = scenarioOfJson(given, "body");
    return result.ok ? result : { ok: false, error: problemWords(result.problems) };
  }
  try {
    return { ok: true, scenario: loadScenario({ scenario: given, settings: [] }).scenario };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { ok: false, error: `scenario: ${error.message}` };
  }
}

function refuse(status: number, error: string): Made {
  return { ok: false, status, error };
}
