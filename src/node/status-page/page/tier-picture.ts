/**
 * The picture of tiers: boxes with each node's condition in shape, word and colour, lines with the
 * rates on them. The boxes are a list to a screen reader; the lines say nothing that they do not.
 */
import { isSilent, nodeId, type NodeHealth } from "../../../health/node-health.ts";
import { boundedCrowd } from "./tier-crowd.ts";
import type { StatusDocument } from "../../../health/status-document.ts";
import { nodeTitle, nodeVerdict, type Condition } from "../../../health/verdict.ts";
import { conditionIcon, conditionWord } from "./condition-sign.ts";
import { h, hiddenText, place, svg } from "./dom.ts";
import { tierLayout, type Box, type Line } from "./tier-layout.ts";
import { counted, countWords, percentWords, rateWords } from "./words.ts";

interface BoxText {
  title: string;
  condition: Condition | undefined;
  detail: string;
}

export function tierPicture(status: StatusDocument, width: number): Node[] {
  const nodes = boundedCrowd(status.nodes);
  const layout = tierLayout(nodes, width);
  const byId = new Map(nodes.map((node) => [nodeId(node), node]));
  const lines = layout.lines.map((line) => lineOf(line, byId));
  const drawing = svg(
    "svg",
    {
      class: "lines",
      width,
      height: layout.height,
      viewBox: `0 0 ${width} ${layout.height}`,
      "aria-hidden": "true",
    },
    ...lines.flat(),
  );
  const { isWide } = layout;
  const boxes = layout.boxes.map((box) => boxOf(box, textOf(box.id, { status, byId, isWide })));
  const list = place(h("ul", { class: "boxes" }, ...boxes), { height: `${layout.height}px` });
  return [drawing, list];
}

function boxOf({ id, x, y, width, height }: Box, text: BoxText): HTMLElement {
  const { title, condition, detail } = text;
  const heading =
    condition === undefined
      ? h("span", { class: "box-title" }, title)
      : h("span", { class: "box-title" }, conditionIcon(condition), title);
  const word = condition === undefined ? "" : `${conditionWord(condition)} `;
  const box = h(
    "li",
    { class: `box is-${condition ?? "plain"}`, "data-node": id },
    heading,
    h(
      "span",
      { class: "box-detail", title: detail },
      ...(word === "" ? [] : [h("b", {}, word)]),
      detail,
    ),
  );
  const px = (value: number): string => `${Math.round(value)}px`;
  return place(box, { left: px(x), top: px(y), width: px(width), height: px(height) });
}

function textOf(
  id: string,
  shown: { status: StatusDocument; byId: Nodes; isWide: boolean },
): BoxText {
  const { status, byId, isWide } = shown;
  const [first] = status.nodes;
  if (id === "viewers") {
    const viewers = status.feeds.reduce((sum, feed) => sum + feed.viewers, 0);
    return { title: "Viewers", condition: undefined, detail: counted(viewers, "viewer") };
  }
  if (id === "above") return aboveText(status, first);
  const node = byId.get(id)!;
  const { condition, why } = nodeVerdict(node);
  return { title: nodeTitle(node), condition, detail: why || busyWords(node, isWide) };
}

function aboveText({ feeds }: StatusDocument, first: NodeHealth | undefined): BoxText {
  if (first?.tier !== "origin") {
    const rate = rateWords(first?.fillBitsPerSec ?? 0);
    return { title: "Parents", condition: undefined, detail: `send ${rate}` };
  }
  const [publisher] = feeds.flatMap((feed) => feed.publisher ?? []);
  const kinds = {
    main: "on the air",
    "test card": "test card",
    replay: "a recording",
    none: "nobody",
  };
  const detail = kinds[publisher?.kind ?? "none"];
  return { title: "Publisher", condition: undefined, detail };
}

/** A list has no lines to viewers that the rates could stand on. */
function busyWords(node: NodeHealth, isWide: boolean): string {
  const viewers = node.feeds.reduce((sum, feed) => sum + feed.viewers, 0);
  if (node.tier !== "edge") return `CPU ${wholePercent(node.cpuRatio)}`;
  const rate = isWide ? "" : `, ${rateWords(node.toViewersBitsPerSec)} to them`;
  return counted(viewers, "viewer") + rate;
}

function wholePercent(ratio: number): string {
  return `${Math.round(100 * ratio)} %`;
}

type Nodes = ReadonlyMap<string, NodeHealth>;

function lineOf(line: Line, byId: Nodes): SVGElement[] {
  const { from, to, x1, y1, x2, y2, isElbow } = line;
  const sender = byId.get(from);
  const taker = byId.get(to);
  const isWide = x1 !== x2 && !isElbow;
  const rate = to === "viewers" ? (sender?.toViewersBitsPerSec ?? 0) : (taker?.fillBitsPerSec ?? 0);
  const dead = [sender, taker].some((node) => node !== undefined && isSilent(node));
  const path = isWide ? forkPath(line) : `M${x1} ${y1}V${y2}H${x2}`;
  const state = dead ? "is-dead" : rate > 0 ? "is-flowing" : "is-idle";
  const label = isWide
    ? { x: x2 - 8, y: y2 - 8, "text-anchor": "end" }
    : { x: isElbow ? x2 + 12 : x1 + 12, y: y2 - (isElbow ? 40 : 10) };
  return [
    svg("path", { class: `line ${state}`, d: path, "stroke-width": thickness(rate) }),
    svg("text", { class: "rate", ...label }, dead ? "no word" : rateWords(rate)),
  ];
}

/** Where lines to several children part; what follows is room for their rates. */
const forkX = 16;
const cornerRadius = 10;

function forkPath({ x1, y1, x2, y2 }: Line): string {
  const x = x1 + forkX;
  const radius = Math.min(cornerRadius, Math.abs(y2 - y1) / 2);
  const down = y2 > y1 ? radius : -radius;
  return (
    `M${x1} ${y1}H${x - radius}Q${x} ${y1} ${x} ${y1 + down}` +
    `V${y2 - down}Q${x} ${y2} ${x + radius} ${y2}H${x2}`
  );
}

/** From a thin line to a thick one, by the order of magnitude. */
function thickness(bitsPerSec: number): string {
  const decades = Math.log10(Math.max(1e5, bitsPerSec)) - 5;
  return (1.5 + Math.min(5, decades) * 0.9).toFixed(1);
}

/** Every node with its figures, for those who would rather read. */
export function nodeTable({ nodes }: StatusDocument): Node {
  const heads = ["Node", "Tier", "Below", "Condition", "Viewers", "To viewers", "To children"];
  const more = ["Fill", "Hit ratio", "CPU", "Lateness", "Connections", "Up"];
  const names = new Map(nodes.map((node) => [nodeId(node), node.name]));
  const rows = nodes.map((node) => {
    const { condition, why } = nodeVerdict(node);
    const cells = [
      node.tier,
      names.get(node.parent) ?? "",
      h("span", { class: "sign" }, conditionIcon(condition), conditionWord(condition)),
      ...figureCells(node),
    ];
    const title = h("th", { scope: "row" }, nodeTitle(node), hiddenText(why));
    return h("tr", {}, title, ...cells.map((cell) => h("td", {}, cell)));
  });
  const head = h("tr", {}, ...[...heads, ...more].map((text) => h("th", { scope: "col" }, text)));
  return h("table", {}, h("thead", {}, head), h("tbody", {}, ...rows));
}

function figureCells(node: NodeHealth): string[] {
  const { lookupCount, hitCount } = node;
  return [
    countWords(node.feeds.reduce((sum, feed) => sum + feed.viewers, 0)),
    rateWords(node.toViewersBitsPerSec),
    rateWords(node.toChildrenBitsPerSec),
    rateWords(node.fillBitsPerSec),
    lookupCount > 0 ? percentWords(hitCount / lookupCount) : "-",
    wholePercent(node.cpuRatio),
    `${node.loopLagMs} ms`,
    countWords(node.connectionCount),
    `${Math.round(node.uptimeMs / 60_000)} min`,
  ];
}
