/**
 * The Prometheus of `start --prometheus`: the program of this machine on loopback, with the shipped
 * configuration and rules, its data in the state folder. Kept running like the other programs; it
 * ends with `start`, also when `start` is killed (child-guard.mjs).
 */
import { cpSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "../loadtest/wire/free-port.ts";
import { AppError } from "../src/base/errors.ts";
import { attemptWrite, makeFolder } from "../src/node/make-folder.ts";
import { packageRoot } from "../src/node/package-root.ts";
import { ChildProgram, type ChildEnd } from "./child-program.ts";
import { LineBudget } from "./child-log.ts";
import { LogFile } from "./log-file.ts";
import { RestartPolicy } from "./restart-policy.ts";

/** It writes what it has in memory first, a second or two. */
const stopDeadlineMs = 8_000;
/** Replaying the write-ahead log of a day can take this long on a small machine. */
const readyMsMax = 30_000;
const readyLookMs = 200;
const answerTimeoutMs = 1_000;
/** A day of a broadcast at 5 s is about 100 MB; past either bound the oldest goes. */
const retention = { days: "1d", bytes: "512MB" };

export interface LocalPrometheusOptions {
  /** Absolute; it lives in `prometheus` below. */
  stateDir: string;
  /** 0: any free one. */
  port: number;
  /** Path of fullhouse.mjs. */
  launcher: string;
  /** Takes lines for the person who watches. */
  say: (line: string) => void;
}

export class LocalPrometheus {
  readonly #options: LocalPrometheusOptions;
  readonly #folder: string;
  readonly #log: LogFile;
  readonly #closing = new AbortController();
  #port: number;
  #child: ChildProgram | undefined;
  #kept: Promise<void> | undefined;

  constructor(options: LocalPrometheusOptions) {
    this.#options = options;
    this.#folder = join(options.stateDir, "prometheus");
    this.#log = new LogFile(join(this.#folder, "prometheus.log"));
    this.#port = options.port;
    process.on("exit", this.#kill);
  }

  /** Where it answers, once it has started. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Resolves when it answers; throws CHILD_FAILED with its own words when it cannot start. */
  async start(): Promise<void> {
    this.#copyShipped();
    // It cannot say which port it got, so that one is chosen when the other programs have theirs.
    if (this.#port === 0) this.#port = await freePort();
    const lines: string[] = [];
    const child = this.#spawn((line) => lines.push(line));
    const end = await Promise.race([this.#answers(child), child.ended]);
    if (end !== undefined && !this.#closing.signal.aborted) {
      const words = lines.slice(-3).join("\n  ");
      throw new AppError("CHILD_FAILED", `prometheus did not start (${end.how}):\n  ${words}`);
    }
    this.#kept = this.#keep(child);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#child?.stop(stopDeadlineMs);
    await this.#kept;
    process.off("exit", this.#kill);
  }

  readonly #kill = (): void => {
    this.#child?.killGroup();
  };

  /** What was in the folder before may be of another version, or somebody's experiment. */
  #copyShipped(): void {
    const shipped = join(packageRoot(), "grafana/prometheus");
    attemptWrite(this.#folder, "choose another folder with --state", () => {
      makeFolder(this.#folder);
      rmSync(join(this.#folder, "rules"), { recursive: true, force: true });
      for (const name of ["prometheus.yml", "rules"]) {
        cpSync(join(shipped, name), join(this.#folder, name), { recursive: true });
      }
    });
  }

  #spawn(onWarning: (line: string) => void): ChildProgram {
    const child = new ChildProgram({
      command: process.execPath,
      args: [
        join(dirname(this.#options.launcher), "child-guard.mjs"),
        "prometheus",
        `--config.file=${join(this.#folder, "prometheus.yml")}`,
        `--storage.tsdb.path=${join(this.#folder, "data")}`,
        `--storage.tsdb.retention.time=${retention.days}`,
        `--storage.tsdb.retention.size=${retention.bytes}`,
        `--web.listen-address=127.0.0.1:${this.#port}`,
        // k6 sends its own figures while a load test runs.
        "--web.enable-remote-write-receiver",
        "--log.level=warn",
      ],
      onLine: (line) => {
        const problem = this.#log.append(line);
        if (problem !== undefined) this.#options.say(`log lines are lost: ${problem}`);
        if (/level=(error|fatal)|^cannot start/.test(line)) onWarning(line);
      },
    });
    this.#child = child;
    return child;
  }

  /** Resolves with nothing as soon as it can be asked; otherwise with what is wrong. */
  async #answers(child: ChildProgram): Promise<ChildEnd | undefined> {
    const { signal } = this.#closing;
    const startMs = performance.now();
    while (performance.now() - startMs < readyMsMax) {
      if (signal.aborted || (await isReady(this.url))) return undefined;
      await delay(readyLookMs, undefined, { signal }).catch(() => undefined);
    }
    child.killGroup();
    return { how: `not ready after ${readyMsMax / 1000} s`, ranMs: readyMsMax };
  }

  async #keep(first: ChildProgram): Promise<void> {
    const { signal } = this.#closing;
    const { say } = this.#options;
    const policy = new RestartPolicy();
    const budget = new LineBudget();
    const warn = (line: string): void => {
      if (budget.take(performance.now()) !== "drop") say(`prometheus: ${line}`);
    };
    let child = first;
    for (;;) {
      const { how, ranMs } = await child.ended;
      child.killGroup();
      if (signal.aborted) return;
      const delayMs = policy.delayMs(ranMs);
      say(`prometheus ended (${how}); starting it again in ${delayMs / 1000} s`);
      await delay(delayMs, undefined, { signal }).catch(() => undefined);
      if (isAborted(signal)) return;
      child = this.#spawn(warn);
      const end = await Promise.race([this.#answers(child), child.ended]);
      if (end === undefined && !isAborted(signal)) say("prometheus is back");
    }
  }
}

/** Read anew, whatever was known of it before an await. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

async function isReady(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/-/ready`, { signal: AbortSignal.timeout(answerTimeoutMs) });
    await answer.arrayBuffer();
    return answer.ok;
  } catch {
    // Not listening yet, or busy with its log.
    return false;
  }
}
