/**
 * `fullhouse segments`: a run of real viewers as several generators, on this machine or on many, and
 * one judgement over what they measured. Exit codes as of `fullhouse loadtest`: 99 is missed.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { k6Entry } from "../loadtest/k6/k6-entry.ts";
import { startLeadMsOf, runSegments } from "../loadtest/k6/segments/run-segments.ts";
import { archiveRun } from "../loadtest/k6/segments/run-archive.ts";
import { plannedRun } from "../loadtest/k6/segments/planned-run.ts";
import { readSummary } from "../loadtest/k6/segments/summary-file.ts";
import { wholeRunOf } from "../loadtest/k6/segments/whole-run.ts";
import { wholeRunText } from "../loadtest/k6/segments/whole-run-text.ts";
import { readWireFile } from "../loadtest/k6/segments/wire-file.ts";
import type { NamedSummary } from "../loadtest/k6/segments/segment-parts.ts";
import { thresholdsMissed } from "../loadtest/k6/run-k6.ts";
import type { WireRun } from "../loadtest/k6/scripts/wire-run.ts";
import { findOrBuildK6 } from "../loadtest/k6/find-or-build-k6.ts";
import { AppError } from "../src/base/errors.ts";
import { attemptWrite, makeFolder } from "../src/node/make-folder.ts";
import { loadScenario } from "../src/node/scenario-file.ts";
import { abortOnSignal } from "./abort-on-signal.ts";

export interface PlanArguments {
  edge: string[];
  viewers: number;
  feed: string;
  out: string;
  set: string[];
}

export interface RunArguments {
  segments: number;
  only?: number;
  start?: string;
  script?: string;
  out?: string;
}

export interface MergeArguments {
  out?: string;
}

const say = (line: string): void => console.error(line);

/** Writes wire.json, the script and wire.tar; throws an AppError. */
export async function plan(name: string, args: PlanArguments): Promise<void> {
  const { edge, viewers, feed, out } = args;
  const { scenario } = loadScenario({ scenario: name, settings: args.set });
  const wire = plannedRun(scenario, {
    feed,
    edgeUrls: edge.map(edgeUrl),
    viewerCount: viewers,
  });
  prepare(out);
  const k6 = await findOrBuildK6(say);
  write(join(out, "wire.json"), wire);
  const script = await k6Entry("wire", { abr: scenario.viewer.abr, folder: out });
  // What it was made of, where it is in one piece.
  if (script.endsWith(".js")) rmSync(join(out, "wire-entry.ts"));
  await archiveRun(k6, { run: wire, script, file: join(out, "wire.tar") });
  say(`${viewers} viewers, ${wire.durationSec} s: ${join(out, "wire.json")}, ${script}, wire.tar`);
}

/** Throws an AppError; else sets the exit code: 0 passed (or one segment alone), 99 missed, 1 void. */
export async function run(file: string, args: RunArguments): Promise<void> {
  const { segments: segmentCount, only, out } = args;
  const wire = readWireFile(file);
  if (segmentCount > wire.viewerCount) {
    throw new AppError("USAGE", `${wire.viewerCount} viewers make no ${segmentCount} segments`);
  }
  const indices = indicesOf(args);
  const startUnixMs = startOf(args, wire);
  if (out !== undefined) prepare(out);
  const k6 = await findOrBuildK6(say);
  const { signal, endWith } = abortOnSignal();
  say(
    `${indices.length} of ${segmentCount} segments begin at ${new Date(startUnixMs).toISOString()}`,
  );
  const parts = await withScript(args.script, (script) =>
    runSegments({ k6, script, run: wire, segmentCount, indices, startUnixMs, signal }),
  ).catch((error: unknown) => {
    endWith(error, say);
    return undefined;
  });
  if (parts === undefined) return;
  if (out !== undefined) {
    parts.forEach(({ metrics, startedUnixMs, run }, n) =>
      write(join(out, `segment-${indices[n]! + 1}.json`), { metrics, startedUnixMs, run }),
    );
  }
  if (only === undefined) judge(wire, parts, out);
}

/** Without one, all viewers have the rule of hls.js. */
async function withScript<T>(
  script: string | undefined,
  use: (script: string) => Promise<T>,
): Promise<T> {
  if (script !== undefined) return use(script);
  const folder = mkdtempSync(join(tmpdir(), "fullhouse-segments-"));
  try {
    return await use(await k6Entry("wire", { folder }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Throws an AppError; else sets the exit code: 0 passed, 99 missed, 1 void. */
export function merge(file: string, summaries: readonly string[], { out }: MergeArguments): void {
  const wire = readWireFile(file);
  const parts = summaries.map(readSummary);
  if (out !== undefined) prepare(out);
  judge(wire, parts, out);
}

function judge(wire: WireRun, parts: readonly NamedSummary[], out: string | undefined): void {
  const whole = wholeRunOf(wire, parts);
  if (out !== undefined) write(join(out, "whole.json"), whole);
  process.stdout.write(wholeRunText(wire, whole));
  process.exitCode = { passed: 0, missed: thresholdsMissed, void: 1 }[whole.verdict];
}

function indicesOf({ segments, only, start, out }: RunArguments): number[] {
  if (only === undefined) return Array.from({ length: segments }, (_, n) => n);
  if (only > segments) throw new AppError("USAGE", `--only ${only} is past --segments ${segments}`);
  if (start === undefined || out === undefined) {
    throw new AppError(
      "USAGE",
      "--only needs --start, which all machines share, and --out, for what it measured",
    );
  }
  return [only - 1];
}

function startOf({ start }: RunArguments, wire: WireRun): number {
  if (start === undefined) return Date.now() + startLeadMsOf(wire);
  const unixMs = Date.parse(start);
  // Without a zone, machines would each take their own.
  if (!/(?:Z|[+-]\d\d:\d\d)$/.test(start) || Number.isNaN(unixMs)) {
    throw new AppError("USAGE", `--start must be like 2026-09-01T18:00:00Z, got ${start}`);
  }
  if (unixMs <= Date.now()) throw new AppError("USAGE", `--start ${start} has passed`);
  return unixMs;
}

function edgeUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && url.username + url.password !== "") {
    throw new AppError("USAGE", "--edge must have no user name or password: viewers send none");
  }
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.pathname === "/") {
    return url.origin;
  }
  throw new AppError("USAGE", `--edge must be a URL such as http://host:8080, got ${text}`);
}

const elsewhere = "choose another folder with --out";

/** Before anything runs. */
function prepare(out: string): void {
  attemptWrite(out, elsewhere, () => makeFolder(out));
}

function write(path: string, value: unknown): void {
  attemptWrite(path, elsewhere, () => writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`));
}
