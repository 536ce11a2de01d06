/** `fullhouse session`: viewers of recorded media over recorded links, one or a batch of them. */
import { basename, dirname } from "node:path";
import { AppError } from "../src/base/errors.ts";
import { recordedLadder, recordedRuleNumbers } from "../src/viewer/recorded-ladder.ts";
import { recordedSession, type RecordedSessionResult } from "../src/viewer/recorded-session.ts";
import { abrRules } from "../src/viewer/rules/rule-table.ts";
import { EwmaEstimator, WindowEstimator } from "../src/viewer/sabre-estimator.ts";
import { readText, Recordings } from "./recordings.ts";
import { completeOptions, readGiven, type SessionOptions } from "./session-options.ts";

export interface SessionArguments {
  readonly batch?: string;
  readonly json?: boolean;
  /** Those of `SessionOptions`, under the names of the command line. */
  readonly [option: string]: unknown;
}

const batchBytesMax = 256 * 1024 * 1024;
/** Results are written in pieces of about this. */
const writtenCharactersMin = 65_536;
/** Sessions of media that is repeated are not longer than any manifest. */
const segmentCountMax = 1_000_000;

export function session({ batch, json, ...raw }: SessionArguments): void {
  const { given, problems } = readGiven(raw);
  if (problems.length > 0) throw usage(problems);
  if (batch !== undefined) {
    runBatch(batch, given);
    return;
  }
  const complete = completeOptions(given);
  if ("problems" in complete) throw usage(complete.problems);
  const result = runSession(new Recordings(["."]), complete.options);
  console.log(json === true ? JSON.stringify(result) : summary(complete.options, result));
}

/** One options object a line, one result a line; what the command line gives is for all lines. */
function runBatch(file: string, common: Readonly<Record<string, unknown>>): void {
  const lines = readText(`batch ${file}`, file, batchBytesMax).split("\n");
  const recordings = new Recordings([dirname(file), "."]);
  let output = "";
  lines.forEach((text, index) => {
    if (text.trim() === "") return;
    output += `${JSON.stringify(resultOfLine(text, index + 1, common, recordings))}\n`;
    if (output.length < writtenCharactersMin) return;
    process.stdout.write(output);
    output = "";
  });
  process.stdout.write(output);
}

/** The result, or what is wrong; then the exit code says so. */
function resultOfLine(
  text: string,
  line: number,
  common: Readonly<Record<string, unknown>>,
  recordings: Recordings,
): RecordedSessionResult | { line: number; error: string } {
  try {
    return runSession(recordings, optionsOfLine(text, common));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    process.exitCode = 1;
    return { line, error: error.message };
  }
}

function optionsOfLine(text: string, common: Readonly<Record<string, unknown>>): SessionOptions {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (error) {
    throw new AppError("RECORDING_UNUSABLE", `the line is not JSON: ${(error as Error).message}`);
  }
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) {
    throw new AppError("RECORDING_UNUSABLE", "the line is no JSON object of options");
  }
  const { given, problems } = readGiven(raw as Record<string, unknown>);
  const complete = problems.length > 0 ? { problems } : completeOptions({ ...common, ...given });
  if ("problems" in complete) {
    throw new AppError("RECORDING_UNUSABLE", complete.problems.join("; "));
  }
  return complete.options;
}

function runSession(recordings: Recordings, options: SessionOptions): RecordedSessionResult {
  const media = recordings.media(options.manifest);
  const trace = recordings.trace(options.trace);
  const { segmentDurationMs } = media;
  const bufferMs = options.bufferSec * 1000;
  const ladder = recordedLadder(media, {
    bufferMs,
    gammaP: options.gammaP,
    hasBufferRule: options.bufferRule,
  });
  return recordedSession({
    media,
    segmentCount: segmentCountOf(options, media.segmentCount, segmentDurationMs),
    trace,
    rateRatio: options.networkMultiplier,
    ladder,
    bufferMs,
    rule: abrRules[options.abr],
    ruleNumbers: recordedRuleNumbers(options.abr, options.rung ?? 0),
    estimator:
      options.movingAverage === "sliding"
        ? new WindowEstimator(options.windowSegments)
        : new EwmaEstimator(
            options.halfLifeSec.map((sec) => sec * 1000),
            segmentDurationMs,
          ),
    abandonSemantics: options.abandon ? options.abandonSemantics : "none",
  });
}

function segmentCountOf(
  { movieLengthSec, manifest }: SessionOptions,
  mediaCount: number,
  segmentDurationMs: number,
): number {
  if (movieLengthSec === undefined) return mediaCount;
  const count = Math.ceil((movieLengthSec * 1000) / segmentDurationMs);
  if (count <= segmentCountMax) return count;
  throw new AppError(
    "RECORDING_UNUSABLE",
    `movieLengthSec ${movieLengthSec} is ${count} segments of manifest ${manifest}, ` +
      `at most ${segmentCountMax} are played`,
  );
}

function summary(options: SessionOptions, result: RecordedSessionResult): string {
  const { qualities } = result;
  const shares = Array.from(new Set(qualities))
    .sort((a, b) => a - b)
    .map((rung) => {
      const count = qualities.filter((quality) => quality === rung).length;
      return `${rung}: ${((100 * count) / qualities.length).toFixed(1)} %`;
    });
  return [
    `modelled: one viewer of ${basename(options.manifest)} over ${basename(options.trace)}`,
    `  rule               ${options.abr}, buffer ${options.bufferSec} s, abandonment ${result.abandonSemantics}`,
    `  mean rate          ${result.timeAvgBitrateKbps.toFixed(1)} kbps, utility ${result.timeAvgUtility.toFixed(4)}`,
    `  stalled            ${result.rebufferSec.toFixed(3)} s in ${result.rebufferCount} stalls`,
    `  rate changes       ${result.bitrateChangeKbps.toFixed(0)} kbps in all`,
    `  time               ${result.playTimeSec.toFixed(3)} s, ramp-up ${result.rampUpSec.toFixed(3)} s`,
    `  segments           ${qualities.length}, given up ${result.abandonCount} times`,
    `  share of rungs     ${shares.join(", ")}`,
  ].join("\n");
}

function usage(problems: readonly string[]): AppError {
  return new AppError("USAGE", problems.join("\nfullhouse: "));
}
