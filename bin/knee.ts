/**
 * `fullhouse knee`: how many real viewers this machine carries, what breaks first, and what a large
 * audience takes by that. Exit codes: 0 a knee or the end of the range, 1 not even the first step.
 */
import { findKnee } from "../loadtest/knee/find-knee.ts";
import { kneeText } from "../loadtest/knee/knee-text.ts";
import { jsonLine, prepareFolder, writeKneeReport } from "../loadtest/report/report-files.ts";
import { quoted } from "../loadtest/report/run-command.ts";
import { progressWords } from "../loadtest/wire/load-progress.ts";
import { AppError } from "../src/base/errors.ts";
import type { SettingsLayer } from "../src/config/resolve-layers.ts";
import type { Scenario } from "../src/config/schema-scenario.ts";
import { commitOf } from "../src/node/commit.ts";
import { loadScenario } from "../src/node/scenario-file.ts";
import { abortOnSignal } from "./abort-on-signal.ts";
import { StatusDisplay } from "./status-display.ts";

export interface KneeArguments {
  cap?: number;
  from: number;
  to: number;
  stepSec: number;
  edges?: number;
  for: number;
  set: string[];
  out?: string;
  json?: boolean;
}

/** Throws an AppError when there is no knee; an interrupted search reports nothing. */
export async function knee(name: string, args: KneeArguments): Promise<void> {
  const { from, to, stepSec, out, json } = args;
  if (from > to) {
    throw new AppError("USAGE", `--from must be at most --to, got --from ${from} --to ${to}`);
  }
  const scenario = scenarioOf(name, args);
  if (out !== undefined) prepareFolder(out, "knee");
  const display = new StatusDisplay(process.stderr, () => performance.now());
  const { signal, endWith } = abortOnSignal();
  try {
    const report = await findKnee({
      ...{ scenario, from, to, stepSec, signal },
      forViewers: args.for,
      commit: commitOf(),
      command: commandOf(name, args),
      say: (line) => display.say(line),
      onProgress: (progress) =>
        display.show({ line: progressWords(progress), key: String(progress.viewerCount) }),
    });
    display.end();
    const text = kneeText(report);
    process.stdout.write(json === true ? jsonLine(report) : text);
    if (out !== undefined) display.say(`Report: ${writeKneeReport(out, { report, text })}`);
  } catch (error) {
    display.end();
    endWith(error, (line) => display.say(line));
  }
}

function scenarioOf(name: string, { cap, edges, set }: KneeArguments): Scenario {
  const options: SettingsLayer[] = [
    {
      source: "fullhouse knee",
      values: { wire: { linkClassCount: 0 }, audience: { churnPerMinRatio: 0 } },
    },
  ];
  if (cap !== undefined) options.push({ source: "--cap", values: { ladder: { capKbps: cap } } });
  if (edges !== undefined) options.push({ source: "--edges", values: { wire: { edges } } });
  const { scenario } = loadScenario({ scenario: name, options, settings: set });
  if (scenario.wire.linkClassCount > 0) {
    throw new AppError(
      "USAGE",
      "fullhouse knee measures servers, with viewers whose lines are not emulated: leave out --set wire.linkClassCount",
    );
  }
  return scenario;
}

function commandOf(name: string, args: KneeArguments): string {
  const { cap, from, to, stepSec, edges, for: forViewers, set } = args;
  return [
    `fullhouse knee ${quoted(name)}`,
    ...(cap === undefined ? [] : [`--cap ${cap}`]),
    `--from ${from} --to ${to} --step-sec ${stepSec}`,
    ...(edges === undefined ? [] : [`--edges ${edges}`]),
    `--for ${forViewers}`,
    ...set.map((setting) => `--set ${quoted(setting)}`),
  ].join(" ");
}
