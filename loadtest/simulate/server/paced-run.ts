/**
 * One run: a driven night whose windows begin by the wall clock. It stamps what it is told with the
 * window that it happens in, keeps that record, and knows the night's state; a thread computes.
 */
import { Worker } from "node:worker_threads";
import type { Scenario } from "../../../src/config/schema-scenario.ts";
import type { SimInputs, SimOrder } from "../../../src/config/schema-sim-inputs.ts";
import type { NightState } from "../../../src/sim/night-state.ts";
import type { SimPlan } from "../../../src/sim/plan.ts";
import type { NightAnswer, NightTask, NightThreadData } from "./night-messages.ts";
import { NightRecord } from "./night-record.ts";
import { Pace } from "./pace.ts";

/** `cancelled`: ended before anything had run. */
export type RunState = "created" | "running" | "ended" | "cancelled" | "failed";

/** When what was told happens, seconds of the night; or why it does not, for people. */
export type Told = { ok: true; atSec: number } | { ok: false; status: 400 | 409; error: string };

export interface PacedRunOptions extends NightThreadData {
  id: string;
  plan: SimPlan;
  timeRatio: number;
  nowMs: () => number;
  /** The thread broke down: a bug, or too little memory. */
  onFailure: (error: Error) => void;
}

/** A run that nobody starts for so long is cancelled: its place and its thread are others'. */
const startMsMax = 10 * 60_000;

export class PacedRun {
  readonly id: string;
  readonly #options: PacedRunOptions;
  readonly #plan: SimPlan;
  readonly #pace: Pace;
  readonly #record: NightRecord;
  readonly #thread: Worker;
  /** Resolves once the audience stands ready, or cannot. */
  readonly ready: Promise<void>;
  #nowReady = (): void => undefined;
  #state: RunState = "created";
  #startMs = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Whether the thread has a task. */
  #isBusy = true;
  readonly #states: NightState[] = [];
  #behindSecMax = 0;
  #report: string | undefined;
  #failure: string | undefined;

  constructor(options: PacedRunOptions) {
    const { id, plan, timeRatio, scenario, driving, commit, workerCount } = options;
    this.id = id;
    this.#options = options;
    this.#plan = plan;
    this.#record = new NightRecord(plan);
    const { windowCount } = plan;
    this.#pace = new Pace({ windowSec: plan.windowUs / 1e6, windowCount, timeRatio });
    this.ready = new Promise((resolve) => (this.#nowReady = resolve));
    const workerData: NightThreadData = { scenario, driving, commit, workerCount };
    // In a checkout the sources run through a loader, in a package they are compiled.
    const name = import.meta.url.endsWith(".ts") ? "./night-thread.mjs" : "./night-thread.js";
    this.#thread = new Worker(new URL(name, import.meta.url), { workerData });
    this.#thread.on("message", (answer: NightAnswer) => this.#take(answer));
    this.#thread.on("error", (error) => this.#fail(error));
    this.#thread.on("exit", () => this.#fail(new Error("its thread ended")));
    this.#timer = setTimeout(() => void this.close(), startMsMax);
  }

  get state(): RunState {
    return this.#state;
  }

  get scenario(): Scenario {
    return this.#plan.scenario;
  }

  /** Whether it still holds a thread and the memory of a night. */
  get isUnderWay(): boolean {
    return this.#state === "created" || this.#state === "running";
  }

  /** The report as it is written; undefined until the night has ended. */
  get report(): string | undefined {
    return this.#report;
  }

  /** What a replay takes; undefined until the night has ended. */
  get inputs(): SimInputs | undefined {
    if (this.#state !== "ended") return undefined;
    const { commit, driving } = this.#options;
    return this.#record.recorded(commit, driving.capsKbps);
  }

  /** The clock of the night runs from now on; a second time changes nothing. */
  start(): void {
    if (this.#state !== "created") return;
    clearTimeout(this.#timer);
    this.#state = "running";
    this.#startMs = this.#options.nowMs();
    this.#advance();
  }

  /** Has it happen at the start of the next window. */
  tell(order: SimOrder): Told {
    const window = this.#nextWindow();
    if (typeof window !== "number") return window;
    const error = this.#record.tell(order, window);
    if (error !== undefined) return { ok: false, status: 400, error };
    return { ok: true, atSec: this.#secOf(window) };
  }

  /** Ends the night at the next window that nothing has been told for; gives when, seconds of it. */
  end(): number {
    if (this.#state === "created") void this.close();
    const next = this.#nextWindow();
    if (typeof next === "number") {
      this.#record.endAt(next);
      this.#advance();
    }
    return this.#state === "cancelled" ? 0 : this.#secOf(this.#record.endWindow);
  }

  /** What the night stands at; no state before its first window. */
  get now(): { state: NightState | undefined; nightSec: number; behindSec: number } {
    const state = this.#states.at(-1);
    const nightSec = this.#secOf(this.#states.length);
    return { state, nightSec, behindSec: this.#behindSec() };
  }

  /** The state now, and rows of the timeline from `sinceSec` on, at most `rowCountMax`. */
  stats(sinceSec: number, rowCountMax: number): Record<string, unknown> {
    const { windowUs, windowCount, scenario } = this.#plan;
    const last = this.#states.at(-1);
    this.#noteBehind();
    const windows = this.#states.length;
    const first = Math.ceil((sinceSec * 1e6) / windowUs);
    return {
      evidence: "modelled",
      id: this.id,
      state: this.#state,
      ...(this.#failure === undefined ? {} : { failure: this.#failure }),
      scenario: scenario.name,
      seed: scenario.seed,
      timeRatio: this.#options.timeRatio,
      durationSec: this.#secOf(windowCount),
      windows,
      viewerCount: scenario.audience.viewerCount,
      joined: this.#record.joinedCount,
      behindSec: this.#behindSec(),
      behindSecMax: this.#behindSecMax,
      ...(last === undefined ? nothingYet : pictureOf(last)),
      tSec: this.#secOf(windows),
      timeline: this.#states.slice(first, first + rowCountMax).map(({ row }) => row),
    };
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.isUnderWay) this.#state = "cancelled";
    this.#nowReady();
    await this.#thread.terminate();
  }

  #take(answer: NightAnswer): void {
    this.#isBusy = false;
    switch (answer.kind) {
      case "ready":
        this.#nowReady();
        break;
      case "window":
        this.#noteBehind();
        this.#states.push(answer.state);
        break;
      case "report":
        this.#report = answer.text;
        this.#state = "ended";
        void this.#thread.terminate();
        return;
    }
    this.#advance();
  }

  /** Gives the thread its next task when it is due. */
  #advance(): void {
    if (this.#state !== "running" || this.#isBusy) return;
    const window = this.#states.length;
    if (window >= this.#record.endWindow) {
      this.#give({ kind: "finish" });
      return;
    }
    clearTimeout(this.#timer);
    const waitMs = this.#pace.waitMs(window, this.#elapsedMs());
    if (waitMs > 0) this.#timer = setTimeout(() => this.#advance(), Math.ceil(waitMs));
    else this.#give({ kind: "window", orders: this.#record.ordersOf(window) });
  }

  #give(task: NightTask): void {
    this.#isBusy = true;
    this.#thread.postMessage(task);
  }

  /** The window that what is told now happens in. */
  #nextWindow(): number | (Told & { ok: false }) {
    if (this.#state === "created") {
      return { ok: false, status: 409, error: "the run has not begun: POST its start first" };
    }
    const window = this.#pace.nextWindow(this.#elapsedMs());
    if (this.#state === "running" && window < this.#record.endWindow) return window;
    const lastsSec = this.#secOf(this.#record.endWindow);
    const why = this.#state === "running" ? `it lasts ${lastsSec} s` : `it is ${this.#state}`;
    return { ok: false, status: 409, error: `the night is over: ${why}` };
  }

  #behindSec(): number {
    if (this.#state !== "running") return 0;
    return this.#pace.behindSec(this.#states.length, this.#elapsedMs());
  }

  /** Furthest behind is just before a window is done, or whenever somebody looks. */
  #noteBehind(): void {
    this.#behindSecMax = Math.max(this.#behindSecMax, this.#behindSec());
  }

  /** Start of the window, seconds of the night. */
  #secOf(window: number): number {
    return (window * this.#plan.windowUs) / 1e6;
  }

  #elapsedMs(): number {
    return this.#options.nowMs() - this.#startMs;
  }

  #fail(error: Error): void {
    if (!this.isUnderWay) return;
    clearTimeout(this.#timer);
    this.#state = "failed";
    this.#failure = error.message;
    this.#nowReady();
    this.#options.onFailure(error);
  }
}

const nothingYet = {
  viewers: 0,
  egressGbps: 0,
  egressGbpsMean: 0,
  egressGbpsPeak: 0,
  fillGbps: 0,
  stalledRatio: 0,
  stallRatio: 0,
  kbpsPerViewer: 0,
  edgeUtilisation: 0,
  p2pRatio: 0,
  startFailureRatio: 0,
  rungShare: {},
  egressBytes: 0,
  fillBytes: 0,
  steps: 0,
};

function pictureOf({ row, ...sums }: NightState): Record<string, unknown> {
  return { ...row, ...sums };
}
