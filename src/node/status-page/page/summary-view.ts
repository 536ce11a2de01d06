/** What an operator sees first: whether all is well, the figures of the whole, quality and faults. */
import type { Fault } from "../../../health/fault-log.ts";
import { isSilent } from "../../../health/node-health.ts";
import { sumOfQuality } from "../../../health/node-report.ts";
import type { StatusDocument } from "../../../health/status-document.ts";
import { feedVerdict, problemsOf, totalsOf, type Condition } from "../../../health/verdict.ts";
import { conditionIcon, conditionWord, levelIcon, levelWord } from "./condition-sign.ts";
import { h, hiddenText } from "./dom.ts";
import { counted, countWords, durationWords, percentWords, rateWords, timeWords } from "./words.ts";

const problemCountMax = 4;
const faultCountMax = 12;

/** The worst condition there is, in a sentence. */
export function overall(status: StatusDocument): { condition: Condition; title: string } {
  const [worst] = problemsOf(status);
  if (worst?.condition === "failing")
    return { condition: "failing", title: "Something is failing" };
  if (worst?.condition === "silent") return { condition: "silent", title: silentTitle(status) };
  if (worst?.condition === "strained") return { condition: "strained", title: "Under strain" };
  const isOff = status.feeds.every((feed) => feedVerdict(feed).condition === "off");
  return isOff
    ? { condition: "off", title: "Nothing is on the air" }
    : { condition: "fine", title: "All is well" };
}

function silentTitle({ nodes }: StatusDocument): string {
  const silent = nodes.filter((node) => isSilent(node));
  const count = silent.reduce((sum, node) => sum + node.nodeCount, 0);
  return count === 1 ? "A node is silent" : `${countWords(count)} nodes are silent`;
}

export function verdictView(status: StatusDocument): Node[] {
  const { condition, title } = overall(status);
  const problems = problemsOf(status);
  const items = problems
    .slice(0, problemCountMax)
    .map(({ of, why, condition: each }) =>
      h("li", {}, conditionIcon(each), h("b", {}, of), `: ${why}`),
    );
  const rest = problems.length - items.length;
  if (rest > 0) items.push(h("li", {}, `and ${rest} more`));
  const list = items.length === 0 ? undefined : h("ul", { class: "problems" }, ...items);
  const feeds = status.feeds
    .map(({ name, state }) => `${name} is ${state ?? "unknown"}`)
    .join(", ");
  return [
    h("h1", { id: "verdict-title", class: `is-${condition}` }, conditionIcon(condition), title),
    h("p", { class: "verdict-line" }, `Feed ${feeds}, seen from ${status.nodes[0]?.name ?? ""}.`),
    ...(list === undefined ? [] : [list]),
  ];
}

/** For a screen reader, when it differs from what was said last: conditions without figures. */
export function announcement(status: StatusDocument): string {
  const problems = problemsOf(status).map(
    ({ of, condition }) => `${of} is ${conditionWord(condition)}`,
  );
  return [overall(status).title, ...problems.slice(0, problemCountMax)].join(". ");
}

export function figuresView(status: StatusDocument): Node[] {
  const { toViewersBitsPerSec, lookupCount, hitCount } = totalsOf(status.nodes);
  const viewers = status.feeds.reduce((sum, feed) => sum + feed.viewers, 0);
  const edges = status.nodes.filter(({ tier }) => tier === "edge");
  const count = (of: typeof edges): number => of.reduce((sum, node) => sum + node.nodeCount, 0);
  const heard = count(edges.filter((node) => !isSilent(node)));
  const quality = sumOfQuality(status.nodes.filter((node) => !isSilent(node)));
  const watchedMs = (quality?.playedMs ?? 0) + (quality?.stalledMs ?? 0);
  return [
    figure("Viewers", countWords(viewers), "over all edges"),
    figure("To viewers", rateWords(toViewersBitsPerSec), perViewer(toViewersBitsPerSec, viewers)),
    figure(
      "Hit ratio",
      lookupCount > 0 ? percentWords(hitCount / lookupCount) : "-",
      "of media at edges, last minute",
    ),
    figure(
      "Stalled",
      quality !== undefined && watchedMs > 0 ? percentWords(quality.stalledMs / watchedMs) : "-",
      "of viewing time, as players report",
    ),
    figure("Edges", `${heard} of ${count(edges)}`, "heard of in the last 15 s"),
  ];
}

function perViewer(bitsPerSec: number, viewers: number): string {
  return viewers > 0 ? `${rateWords(bitsPerSec / viewers)} a viewer` : "nobody watches";
}

function figure(name: string, value: string, note: string): HTMLElement {
  return h(
    "div",
    { class: "figure" },
    h("p", { class: "figure-name" }, name),
    h("p", { class: "figure-value" }, value),
    h("p", { class: "figure-note" }, note),
  );
}

export function qualityView(status: StatusDocument): Node[] {
  const quality = sumOfQuality(status.nodes.filter((node) => !isSilent(node)));
  if (quality === undefined) {
    return [h("p", { class: "none" }, "No player has reported (CMCD) in the last five minutes.")];
  }
  const { sessionCount, stallCount, stalledMs, playedMs, startupCount, startupMsSum } = quality;
  const watchedMs = stalledMs + playedMs;
  const rows: [string, string][] = [
    ["Sessions", countWords(sessionCount)],
    ["Stalls", stallWords(stallCount, stalledMs)],
    ["Stall ratio", watchedMs > 0 ? percentWords(stalledMs / watchedMs) : "-"],
    [
      "Start-up",
      startupCount > 0
        ? `${(startupMsSum / startupCount / 1_000).toFixed(2)} s, mean of ${countWords(startupCount)}`
        : "-",
    ],
  ];
  return [
    h(
      "dl",
      { class: "facts" },
      ...rows.flatMap(([term, value]) => [h("dt", {}, term), h("dd", {}, value)]),
    ),
    h("p", { class: "hint" }, "Of the last five minutes, and only as true as the players are."),
  ];
}

function stallWords(stallCount: number, stalledMs: number): string {
  if (stallCount === 0 && stalledMs === 0) return "none";
  return `${countWords(stallCount)}, ${durationWords(stalledMs)} in all`;
}

export function faultsView({ nodes, nowUnixMs }: StatusDocument): Node[] {
  const all = nodes
    .flatMap((node) => node.faults.map((fault) => ({ fault, name: node.name })))
    .sort((a, b) => b.fault.lastUnixMs - a.fault.lastUnixMs)
    .slice(0, faultCountMax);
  if (all.length === 0) return [h("p", { class: "none" }, "None since the nodes were started.")];
  const items = all.map(({ fault, name }) => faultItem(fault, name, nowUnixMs));
  return [h("ol", { class: "faults" }, ...items)];
}

function faultItem({ level, text, count, lastUnixMs }: Fault, name: string, nowUnixMs: number) {
  const times = count > 1 ? ` (${countWords(count)} times)` : "";
  return h(
    "li",
    {},
    levelIcon(level),
    hiddenText(`${levelWord(level)}: `),
    h("time", {}, timeWords(lastUnixMs, nowUnixMs)),
    h("span", {}, h("b", {}, name), ` ${text}${times}`),
  );
}

export function footerView({ program, nodes }: StatusDocument): Node[] {
  const { version, commit } = program;
  const code = commit.startsWith("version")
    ? `version ${version}`
    : `version ${version} (${commit})`;
  const up = durationWords(nodes[0]?.uptimeMs ?? 0);
  return [
    h("p", {}, `Fullhouse ${code}, up for ${up}. ${counted(nodes.length, "node")} reported.`),
  ];
}
