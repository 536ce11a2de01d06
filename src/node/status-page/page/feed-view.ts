/** One feed: what it does, who publishes, what the encoder makes, and each rung against its limits. */
import type { FeedFacts, PublisherFacts, RungFacts } from "../../../health/status-document.ts";
import { feedVerdict, rungVerdict } from "../../../health/verdict.ts";
import { conditionIcon } from "./condition-sign.ts";
import { h, place } from "./dom.ts";
import { durationWords, rateWords, timeWords } from "./words.ts";

export function feedCards(feeds: readonly FeedFacts[], nowUnixMs: number): Node[] {
  return feeds.flatMap((feed, index) => [
    factsCard(feed, `feed-${index}`, nowUnixMs),
    ladderCard(feed, `ladder-${index}`),
  ]);
}

function factsCard(feed: FeedFacts, id: string, nowUnixMs: number): HTMLElement {
  const { condition, why } = feedVerdict(feed);
  const rows = [
    ["State", stateWords(feed, nowUnixMs)],
    ...(why === "" ? [] : [["Trouble", why]]),
    ...segmentRows(feed, nowUnixMs),
    ...publisherRows(feed.publisher, nowUnixMs),
    ...encoderRows(feed),
  ];
  return h(
    "section",
    { class: "card", "aria-labelledby": id },
    h("h2", { id }, conditionIcon(condition), `Feed ${feed.name}`),
    h("dl", { class: "facts" }, ...rows.flatMap(([term, value]) => fact(term!, value!))),
  );
}

function fact(term: string, value: string): HTMLElement[] {
  return [h("dt", {}, term), h("dd", {}, value)];
}

function stateWords({ state, sinceUnixMs }: FeedFacts, nowUnixMs: number): string {
  if (state === undefined) return "unknown";
  if (sinceUnixMs === 0) return state;
  const since = timeWords(sinceUnixMs, nowUnixMs);
  return `${state} for ${durationWords(nowUnixMs - sinceUnixMs)}, since ${since}`;
}

/** A relay knows segments only while somebody watches there; the origin has a publisher to tell of. */
function segmentRows(feed: FeedFacts, nowUnixMs: number): string[][] {
  const { lastSegmentUnixMs, publisher } = feed;
  if (lastSegmentUnixMs === 0) {
    return publisher === undefined ? [] : [["Newest segment", "none yet"]];
  }
  const words = `listed ${durationWords(nowUnixMs - lastSegmentUnixMs)} ago`;
  return [[publisher === undefined ? "Newest segment here" : "Newest segment", words]];
}

const publisherKinds: Readonly<Record<PublisherFacts["kind"], string>> = {
  main: "a publisher",
  "test card": "the test card",
  replay: "a recording, in a loop",
  none: "nobody",
};

function publisherRows(publisher: PublisherFacts | undefined, nowUnixMs: number): string[][] {
  if (publisher === undefined) return [];
  const { kind, sinceUnixMs, bitsPerSec, video, audio } = publisher;
  const since = sinceUnixMs === undefined ? "" : `, for ${durationWords(nowUnixMs - sinceUnixMs)}`;
  const picture =
    video === undefined
      ? []
      : [`${video.codec} ${video.width}×${video.height}, ${roundTo2(video.frameRate)} fps`];
  const sound =
    audio === undefined
      ? []
      : [`${audio.codec} ${audio.sampleRateHz / 1_000} kHz, ${channelWords(audio.channelCount)}`];
  const rate = bitsPerSec === undefined ? [] : [["Comes in at", rateWords(bitsPerSec)]];
  const media = [...picture, ...sound].join("; ");
  return [
    ["Publisher", publisherKinds[kind] + since],
    ...(media === "" ? [] : [["Sends", media]]),
    ...rate,
  ];
}

function channelWords(count: number): string {
  return count === 1 ? "mono" : count === 2 ? "stereo" : `${count} channels`;
}

function roundTo2(value: number): number {
  return Math.round(100 * value) / 100;
}

function encoderRows({ encoder, segmentLagMs }: FeedFacts): string[][] {
  const rows: string[][] = [];
  if (encoder !== undefined) {
    const { speedRatio, framesPerSec } = encoder;
    const speed = `${speedRatio.toFixed(2)} of real time, ${framesPerSec.toFixed(1)} fps`;
    rows.push(["Encoder", speed]);
  }
  if (segmentLagMs !== undefined) {
    rows.push(["Segment ready", `${(segmentLagMs / 1_000).toFixed(2)} s after its last picture`]);
  }
  return rows;
}

function ladderCard({ name, rungs, capBitsPerSec }: FeedFacts, id: string): HTMLElement {
  const heading = h("h2", { id }, `Ladder of ${name}`);
  const attributes = { class: "card", "aria-labelledby": id };
  if (rungs.length === 0) {
    return h("section", attributes, heading, h("p", { class: "none" }, "Nothing is offered yet."));
  }
  const rates = rungs.flatMap((rung) => [rung.bandwidthBitsPerSec, rung.peakBitsPerSec ?? 0]);
  const scaleBitsPerSec = Math.max(capBitsPerSec ?? 0, ...rates) * 1.04;
  const share = (bitsPerSec: number): string => `${(100 * bitsPerSec) / scaleBitsPerSec}%`;
  const rows = rungs.map((rung) => rungRow(rung, { share, capBitsPerSec }));
  const cap = capBitsPerSec === undefined ? "no cap" : `cap ${rateWords(capBitsPerSec)}`;
  const legend = `Bar: measured. Pale: BANDWIDTH, the rate announced. Tick: peak. Line: ${cap}.`;
  const words = capBitsPerSec === undefined ? legend.replace(" Line: no cap.", " No cap.") : legend;
  return h(
    "section",
    attributes,
    heading,
    h("ul", { class: "ladder" }, ...rows),
    h("p", { class: "hint" }, words),
  );
}

function rungRow(
  rung: RungFacts,
  scale: { share: (bitsPerSec: number) => string; capBitsPerSec: number | undefined },
): HTMLElement {
  const { share, capBitsPerSec } = scale;
  const { bandwidthBitsPerSec, measuredBitsPerSec, peakBitsPerSec } = rung;
  const verdict = rungVerdict(rung, capBitsPerSec);
  const mark = (kind: string, css: Record<string, string>): HTMLElement =>
    place(h("span", { class: kind }), css);
  const marks = [
    mark("bar-limit", { width: share(bandwidthBitsPerSec) }),
    ...(measuredBitsPerSec ? [mark("bar-now", { width: share(measuredBitsPerSec) })] : []),
    ...(peakBitsPerSec ? [mark("bar-peak", { left: share(peakBitsPerSec) })] : []),
    ...(capBitsPerSec === undefined ? [] : [mark("bar-cap", { left: share(capBitsPerSec) })]),
  ];
  const words = {
    within: "",
    "above-bandwidth": "above its BANDWIDTH",
    "above-cap": "above the cap",
  };
  const condition = verdict === "above-cap" ? "failing" : "strained";
  const trouble =
    verdict === "within"
      ? []
      : [h("span", { class: "sign" }, conditionIcon(condition), words[verdict])];
  return h(
    "li",
    { class: `rung is-${verdict}` },
    h("span", { class: "rung-name" }, rungName(rung)),
    h("span", { class: "rung-rate" }, ...trouble, rungWords(rung)),
    h("span", { class: "bar", "aria-hidden": "true" }, ...marks),
  );
}

function rungName({ rung, width, height, frameRate }: RungFacts): HTMLElement {
  const size = width === undefined ? "sound only" : `${width}×${height ?? 0}`;
  const rate = frameRate === undefined ? "" : `, ${roundTo2(frameRate)} fps`;
  return h("span", {}, h("b", {}, rung), " ", h("span", { class: "soft" }, size + rate));
}

function rungWords({ bandwidthBitsPerSec, measuredBitsPerSec, peakBitsPerSec }: RungFacts): string {
  const limit = rateWords(bandwidthBitsPerSec);
  if (!measuredBitsPerSec) return `up to ${limit}`;
  const now = kbps(measuredBitsPerSec);
  const peak = peakBitsPerSec ? `, peak ${kbps(peakBitsPerSec)}` : "";
  return `${now}${peak} of ${limit}`;
}

function kbps(bitsPerSec: number): string {
  return bitsPerSec < 1e6 ? String(Math.round(bitsPerSec / 1_000)) : rateWords(bitsPerSec);
}
