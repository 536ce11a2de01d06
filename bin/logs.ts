/** `fullhouse logs`: what the nodes of a broadcast on this machine have logged, in one order. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { AppError } from "../src/base/errors.ts";
import { prettyFormat } from "../src/node/pretty-log.ts";
import { stopRequest } from "../src/node/lifecycle.ts";
import { configOf, type ConfigOptions } from "./config-options.ts";
import { inOrder, nodeLines, type NodeLine } from "./log-lines.ts";
import { LogTail } from "./log-tail.ts";

/** How often a log that is followed is looked at: a person notices no less. */
const lookMs = 250;

export interface LogsArguments extends ConfigOptions {
  state?: string;
  node?: string;
  id?: string;
  lines: number;
  follow?: boolean;
  json?: boolean;
}

export async function logs(args: LogsArguments): Promise<void> {
  const stateDir = args.state ?? configOf(args).config.stateDir;
  const names = nodesIn(stateDir).filter((name) => args.node === undefined || name === args.node);
  if (names.length === 0) throw nothingThere(stateDir, args.node);
  const tails = names.map((name) => new LogTail(join(stateDir, name, `${name}.log`)));
  const format = prettyFormat({ colorize: process.stdout.isTTY });
  const show = ({ text }: NodeLine): void => {
    process.stdout.write(args.json === true ? `${text}\n` : format(text));
  };
  const isWanted = ({ ids }: NodeLine): boolean => args.id === undefined || ids.includes(args.id);
  // `| head` has read enough.
  process.stdout.on("error", () => process.exit(0));
  let times = names.map(() => "");
  const news = (): NodeLine[] => {
    const read = tails.map((tail, index) => nodeLines(tail.read(), times[index]));
    times = read.map((lines, index) => lines.at(-1)?.time ?? times[index]!);
    return inOrder(read).filter(isWanted);
  };
  news().slice(-args.lines).forEach(show);
  if (args.follow === true) {
    const stopping = new AbortController();
    void stopRequest({ warn: () => undefined }).then(() => stopping.abort());
    const { signal } = stopping;
    while (!signal.aborted) {
      await delay(lookMs, undefined, { signal }).catch(() => undefined);
      news().forEach(show);
    }
  }
  for (const tail of tails) tail.close();
}

/** Names of the nodes that have a log there. */
function nodesIn(stateDir: string): string[] {
  if (!existsSync(stateDir)) return [];
  return readdirSync(stateDir).filter((name) => existsSync(join(stateDir, name, `${name}.log`)));
}

function nothingThere(stateDir: string, node: string | undefined): AppError {
  const whose = node === undefined ? "no node" : `no node ${node}`;
  const known = nodesIn(stateDir);
  const hint = known.length === 0 ? "fullhouse start writes them" : `there are ${known.join(", ")}`;
  return new AppError("USAGE", `${stateDir} holds the log of ${whose}: ${hint}`);
}
