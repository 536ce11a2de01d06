/** The emulator's program for tests: started as the runner starts it, with a plan in a folder of its own. */
import { fork } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LinkStatus } from "../link-counts.ts";
import type { LinksReady } from "../main.ts";
import type { LinkPlan } from "../plan.ts";

const main = join(import.meta.dirname, "../main.ts");

export interface StartedLinks {
  ready: LinksReady;
  /** What ready.json holds. */
  readyFile: unknown;
  /** Port of a class to an edge. */
  port: (edge?: number, linkClass?: number) => number;
  status: () => Promise<LinkStatus>;
  /** Waits until the counts are as wanted. */
  until: (isSo: (status: LinkStatus) => boolean) => Promise<LinkStatus>;
  /** Closes the channel to the program, as when its parent has died. */
  abandon(): void;
  /** Its exit code. */
  ended: Promise<number | null>;
  stop(): Promise<number | null>;
}

/** Rejects with what the program said when it ends before it is ready. */
export async function startLinks(plan: Partial<LinkPlan>): Promise<StartedLinks> {
  const stateDir = mkdtempSync(join(tmpdir(), "fullhouse-links-"));
  const file = join(stateDir, "plan.json");
  const whole: Record<string, unknown> = {
    stateDir,
    edges: [],
    classes: [{ kbps: 600 }],
    rttMs: 80,
    noise: null,
    seed: 1,
    sharedKbpsPerEdge: null,
    connectionCountMax: 100,
    ...plan,
  };
  writeFileSync(file, JSON.stringify(whole));
  const child = fork(main, [file], { execArgv: ["--import", "tsx"], silent: true });
  child.stdout!.resume();
  let output = "";
  child.stderr!.setEncoding("utf8").on("data", (text: string) => (output += text));
  // Not "close", which does not come for whom the channel was closed before.
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve)).finally(() =>
    rmSync(stateDir, { recursive: true, force: true }),
  );
  const ready = await Promise.race([
    new Promise<LinksReady>((resolve) => {
      child.once("message", (message) => resolve((message as { ready: LinksReady }).ready));
    }),
    ended.then((code) => Promise.reject(new Error(`exit code ${String(code)}: ${output}`))),
  ]);
  const readyFile: unknown = JSON.parse(readFileSync(join(stateDir, "ready.json"), "utf8"));
  const status = async (): Promise<LinkStatus> => {
    const response = await fetch(`http://127.0.0.1:${ready.admin}/status`);
    return (await response.json()) as LinkStatus;
  };
  return {
    ready,
    readyFile,
    port: (edge = 0, linkClass = 0) =>
      ready.links.find((link) => link.edge === edge && link.class === linkClass)!.port,
    status,
    until: async (isSo) => {
      const deadlineMs = performance.now() + 10_000;
      for (;;) {
        const now = await status();
        if (isSo(now)) return now;
        if (performance.now() > deadlineMs) throw new Error(`never: ${JSON.stringify(now)}`);
      }
    },
    abandon: () => child.disconnect(),
    ended,
    stop: () => {
      child.kill("SIGTERM");
      return ended;
    },
  };
}
