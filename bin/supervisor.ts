/**
 * Starts the planned programs, parents first, keeps them running, and closes them in reverse order.
 * A program that ends by itself is reported and started again on the same ports.
 */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { stringify } from "yaml";
import { AppError } from "../src/base/errors.ts";
import { attemptWrite, makeFolder } from "../src/node/make-folder.ts";
import type { ReadyPorts } from "../src/node/ready.ts";
import { writeSecretFile } from "../src/node/secret-file.ts";
import { ChildProgram, type ChildEnd } from "./child-program.ts";
import { consoleLine, LineBudget } from "./child-log.ts";
import { LogFile } from "./log-file.ts";
import { RestartPolicy } from "./restart-policy.ts";
import { pinned, type PlannedNode } from "./start-plan.ts";

/** A child closes within 8 s by itself (lifecycle.ts); then it is ended. */
const stopDeadlineMs = 10_000;

export interface SupervisorOptions {
  /** Path of fullhouse.mjs. */
  launcher: string;
  /** Each node has a folder of its name in it. */
  stateDir: string;
  /** The configuration of a node whose parent, if it has one, has reported its ports. */
  configOf: (node: PlannedNode, parent: ReadyPorts | undefined) => Record<string, unknown>;
  /** Takes lines for the person who watches. */
  say: (line: string) => void;
}

interface Running {
  node: PlannedNode;
  ports: ReadyPorts;
  child: ChildProgram;
}

export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #running = new Map<string, Running>();
  readonly #closing = new AbortController();

  constructor(options: SupervisorOptions) {
    this.#options = options;
    // Whatever ends this process, a second Ctrl-C or a bug, it leaves nobody behind.
    process.on("exit", this.#killAll);
  }

  /** Starts a node whose parent runs; throws an AppError with its own words when it cannot start. */
  async start(node: PlannedNode): Promise<ReadyPorts> {
    const lines: string[] = [];
    const child = this.#spawn(node, (line) => lines.push(line));
    const running = { node, ports: {}, child };
    this.#running.set(node.name, running);
    const ports = await child.ready;
    if (ports === undefined) {
      const { how } = await child.ended;
      const why = lines.length === 0 ? "" : `:\n  ${lines.slice(-5).join("\n  ")}`;
      throw new AppError("CHILD_FAILED", `${node.name} did not start (${how})${why}`);
    }
    this.#running.set(node.name, { node: pinned(node, ports), ports, child });
    void this.#keep(node.name);
    return ports;
  }

  /** The ports a node reported last. */
  portsOf(name: string): ReadyPorts | undefined {
    return this.#running.get(name)?.ports;
  }

  /** Closes all, the last started first; edges, which do not need one another, at once. */
  async close(): Promise<void> {
    this.#closing.abort();
    const nodes = [...this.#running.values()].reverse();
    const leaves = nodes.filter(
      ({ node }) => !nodes.some((other) => other.node.parent === node.name),
    );
    await Promise.all(leaves.map(({ child }) => child.stop(stopDeadlineMs)));
    for (const { child } of nodes.filter((one) => !leaves.includes(one))) {
      await child.stop(stopDeadlineMs);
    }
    process.off("exit", this.#killAll);
  }

  readonly #killAll = (): void => {
    for (const { child } of this.#running.values()) child.killGroup();
  };

  async #keep(name: string): Promise<void> {
    const policy = new RestartPolicy();
    for (;;) {
      const before = this.#running.get(name);
      if (before === undefined) return;
      const end = await before.child.ended;
      if (this.#closing.signal.aborted) return;
      before.child.killGroup();
      const child = await this.#startAgain(before.node, end, policy);
      if (child === undefined) return;
      this.#running.set(name, { ...before, child });
      const ports = await child.ready;
      if (ports === undefined) continue;
      this.#running.set(name, { ...before, child, ports });
      this.#options.say(`${name} is back`);
    }
  }

  /** Tries until it can, as on a disk that was full; undefined when all is being closed. */
  async #startAgain(
    node: PlannedNode,
    end: ChildEnd,
    policy: RestartPolicy,
  ): Promise<ChildProgram | undefined> {
    const { signal } = this.#closing;
    let last = end;
    for (;;) {
      const delayMs = policy.delayMs(last.ranMs);
      const next = `starting it again in ${delayMs / 1000} s`;
      this.#options.say(`${node.name} ended (${last.how}); ${next}`);
      await delay(delayMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return undefined;
      try {
        return this.#spawn(node);
      } catch (error) {
        if (!isRefused(error)) throw error;
        last = { how: `cannot be started: ${error.message}`, ranMs: 0 };
      }
    }
  }

  #spawn(node: PlannedNode, onConsoleLine?: (line: string) => void): ChildProgram {
    const folder = join(this.#options.stateDir, node.name);
    const configFile = join(folder, "config.yaml");
    const parent = node.parent === undefined ? undefined : this.portsOf(node.parent);
    const values = this.#options.configOf(node, parent);
    const elsewhere = "choose another folder with --state";
    attemptWrite(folder, elsewhere, () => {
      makeFolder(folder);
      rmSync(join(folder, "ready.json"), { force: true });
    });
    // It may hold tier.secret.
    attemptWrite(configFile, elsewhere, () => writeSecretFile(configFile, stringify(values)));
    const log = new LogFile(join(folder, `${node.name}.log`));
    const budget = new LineBudget();
    const child = new ChildProgram({
      command: process.execPath,
      args: [this.#options.launcher, node.program, "--config", configFile],
      onLine: (line) => {
        const problem = log.append(line);
        if (problem !== undefined) this.#options.say(`log lines are lost: ${problem}`);
        const shown = consoleLine(node.name, line);
        if (shown === undefined) return;
        if (onConsoleLine !== undefined && !this.#hasReported(node)) {
          onConsoleLine(shown);
          return;
        }
        const verdict = budget.take(performance.now());
        if (verdict === "drop") return;
        this.#options.say(shown + (verdict === "last" ? ` (more in ${log.path})` : ""));
      },
    });
    try {
      writeFileSync(join(folder, "pid"), `${String(child.pid ?? "")}\n`);
    } catch (error) {
      child.killGroup();
      throw error;
    }
    return child;
  }

  /** Whether it has run; before, its words belong to the error of its start. */
  #hasReported(node: PlannedNode): boolean {
    return Object.keys(this.portsOf(node.name) ?? {}).length > 0;
  }
}

/** By the file system or the process table, for now: what was in the way may go. All else is a bug. */
function isRefused(error: unknown): error is Error {
  if (error instanceof AppError) return error.code === "STATE_UNUSABLE";
  return error instanceof Error && "syscall" in error;
}
