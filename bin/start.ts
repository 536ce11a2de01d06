/**
 * `fullhouse start`: a whole broadcast on this machine. Reads the options, takes ports and state
 * folder, runs the broadcast until it is told to stop, and ends the process.
 */
import { resolve } from "node:path";
import { AppError } from "../src/base/errors.ts";
import { loadConfig } from "../src/node/config-file.ts";
import { closeInReverse, crashOnBugs, stopRequest } from "../src/node/lifecycle.ts";
import { createLog } from "../src/node/log.ts";
import { lockState } from "../src/node/state-lock.ts";
import { Broadcast } from "./broadcast.ts";
import type { ConfigOptions } from "./config-options.ts";
import { checkPorts } from "./port-check.ts";
import { LocalPrometheus } from "./local-prometheus.ts";
import { ownKeys, planNodes, prometheusPort } from "./start-plan.ts";
import { StatusDisplay } from "./status-display.ts";

/** Edges, shield and origin one after the other, each within its own deadline, fit in. */
const closeDeadlineMs = 45_000;

export interface StartArguments extends ConfigOptions {
  cap?: number;
  ladder?: string;
  edges: number;
  portBase?: number;
  testcard: boolean;
  prometheus?: boolean;
  state?: string;
}

/** What the launcher (fullhouse.mjs) does for it. */
export interface StartLaunch {
  /** Path of fullhouse.mjs, to start child processes with. */
  launcher: string;
  /** Installs ffmpeg if it has to and may; false when there is none then, which it has said. */
  setUpFfmpeg: (ffmpegPath: string) => Promise<boolean>;
  /** Why a tool of the machine cannot be used, and the command that installs it. */
  toolProblem: (name: string) => Promise<string | undefined>;
}

export async function start(args: StartArguments, launch: StartLaunch): Promise<void> {
  const { config, sources } = loadConfig({
    file: args.config,
    environment: process.env,
    settings: settingsOf(args),
  });
  // A replayed recording is encoded already.
  if (config.origin.source === "rtmp" && !(await launch.setUpFfmpeg(config.origin.ffmpegPath))) {
    process.exit(1);
  }
  if (args.prometheus === true) await needTool("prometheus", launch);
  const nodes = planNodes({ edgeCount: args.edges, portBase: args.portBase });
  const metricsPort = args.prometheus === true ? prometheusPort(args.portBase) : undefined;
  await checkPorts(nodes, { prometheus: metricsPort });
  const stateDir = resolve(config.stateDir);
  const advice = "stop it, or use --state DIR";
  process.on("exit", lockState({ stateDir, program: "start", advice }));
  const log = createLog({ level: "warn", node: "start" });
  crashOnBugs(log);

  const display = new StatusDisplay(process.stdout, () => performance.now());
  for (const key of ownKeys.filter((name) => sources.has(name))) {
    display.say(`Note: start decides ${key} itself (see --port-base).`);
  }
  const stop = stopRequest({ warn: (message) => display.say(message) });
  const { launcher } = launch;
  const prometheus =
    metricsPort === undefined
      ? undefined
      : new LocalPrometheus({
          ...{ stateDir, launcher, port: metricsPort },
          say: (line) => display.say(line),
        });
  const broadcast = new Broadcast({
    ...{ config, nodes, stateDir, launcher, prometheus, display },
    wantsTestCard: args.testcard,
  });
  const why = await Promise.race([stop, broadcast.start().then(() => stop, operatingError)]);
  display.end();
  display.say(why instanceof AppError ? `fullhouse: ${why.message}` : "Closing ...");
  const closed = await closeInReverse([{ name: "broadcast", close: () => broadcast.close() }], {
    deadlineMs: closeDeadlineMs,
    log,
  });
  process.exit(why instanceof AppError || !closed ? 1 : 0);
}

async function needTool(name: string, launch: StartLaunch): Promise<void> {
  const problem = await launch.toolProblem(name);
  if (problem !== undefined) throw new AppError("TOOL_MISSING", problem);
}

function operatingError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  throw error;
}

/** The options are settings: they go over the file as `--set` does. */
export function settingsOf(args: StartArguments): string[] {
  return [
    ...args.set,
    ...(args.cap === undefined ? [] : [`ladder.capKbps=${args.cap}`]),
    ...(args.ladder === undefined ? [] : [`ladder.preset=${args.ladder}`, "ladder.rungs=[]"]),
    ...(args.state === undefined ? [] : [`stateDir=${args.state}`]),
  ];
}
