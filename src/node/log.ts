/**
 * The log of one process: JSON lines on standard error, by pino. Whatever goes wrong or whoever
 * knocks, it writes a bounded number of lines a second; the format is docs/logs.md.
 */
import { pino, type DestinationStream, type Logger } from "pino";
import type { Config } from "../config/schema.ts";
import { standardErrorStream } from "./log-stream.ts";

export type Log = Logger;

/** Far above what a sound node writes beside its access log; a flood ends here. Arbitrary. */
const linesPerSecMax = 100;
/** pino's numbers: below are a developer's lines, from fatal on the last words of a process. */
const [infoLevel, fatalLevel] = [30, 60];

/** What a program's log takes from its configuration. */
export function programLog(
  { node, log }: Pick<Config, "node" | "log">,
  own: { tier: string; stream?: DestinationStream | undefined },
): Log {
  const { accessLinesPerSec } = log;
  return createLog({ level: node.logLevel, node: node.name, accessLinesPerSec, ...own });
}

export interface LogOptions {
  level: string;
  node: string;
  tier?: string;
  /** Lines a second of the access log, which come on top of the bound. */
  accessLinesPerSec?: number;
  /** Standard error without it. */
  stream?: DestinationStream | undefined;
}

export function createLog(options: LogOptions): Log {
  const { level, node, tier, accessLinesPerSec = 0, stream } = options;
  const lineCountMax = linesPerSecMax + accessLinesPerSec;
  const destination = stream ?? standardErrorStream();
  const log = pino(
    {
      level,
      base: tier === undefined ? { node } : { tier, node },
      timestamp: pino.stdTimeFunctions.isoTime,
      hooks: { logMethod: boundedBy(lineCountMax) },
    },
    destination,
  );
  if (stream === undefined) {
    standardErrorStream().onLost = ({ lineCount, why }) => {
      log.warn({ leftOut: lineCount, reason: why }, "log lines were lost");
    };
  }
  return log;
}

type LogMethodHook = NonNullable<NonNullable<Parameters<typeof pino>[0]["hooks"]>["logMethod"]>;

/** Leaves out what is over the bound within a second; the next line's second begins with a count. */
function boundedBy(lineCountMax: number): LogMethodHook {
  let sinceMs = Number.NEGATIVE_INFINITY;
  let lineCount = 0;
  let leftOut = 0;
  return function write(args, method, level) {
    if (level < infoLevel || level >= fatalLevel) return method.apply(this, args);
    const nowMs = performance.now();
    if (nowMs - sinceMs >= 1_000) {
      if (leftOut > 0) method.call(this, { leftOut }, "log lines were left out");
      sinceMs = nowMs;
      lineCount = 0;
      leftOut = 0;
    }
    lineCount += 1;
    if (lineCount <= lineCountMax) method.apply(this, args);
    else leftOut += 1;
  };
}
