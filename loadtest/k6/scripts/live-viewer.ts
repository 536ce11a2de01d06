/**
 * One viewer of a live feed over real sockets: the decisions are src/viewer's, this file makes the
 * requests, one after another. A VU is a viewer, so its state is this module's.
 */
import http, { type RefinedParams, type RefinedResponse, type ResponseType } from "k6/http";
import { sleep } from "k6";
import { readTail, type PlaylistTail } from "../../../src/hls/read-tail.ts";
import { readVariants } from "../../../src/hls/read-variants.ts";
import {
  acceptPlaylist,
  chooseStart,
  countSegment,
  nextAction,
  selectRung,
  viewerAction,
  wakeAtMs,
} from "../../../src/viewer/live-following.ts";
import { advancePlayback, appendSegment, liveLatencyMs } from "../../../src/viewer/playback.ts";
import { loadMsMax, requested, retryAfterFailure } from "../../../src/viewer/retry-policy.ts";
import { sampleDownload } from "../../../src/viewer/throughput-estimator.ts";
import { createViewerLadder, type ViewerLadder } from "../../../src/viewer/viewer-ladder.ts";
import { createViewers, join } from "../../../src/viewer/viewers.ts";
import type { PlayerRule } from "./player-rules.ts";
import { verifySegment } from "./sampled-segment.ts";
import * as metrics from "./viewer-metrics.ts";

interface ListedSegment {
  msn: number;
  path: string;
  durationMs: number;
  /** On the feed's time line; 0 while unknown. */
  endMs: number;
}

interface Rung {
  path: string;
  /** The init segment that was fetched last. */
  initPath: string;
}

/** What a viewer watches, and as which kind of player. */
export interface Watching {
  feed: string;
  edges: readonly string[];
  rule: PlayerRule;
  holdBackTargetDurations: number;
  bufferMsMax: number;
  blockingReload: boolean;
  /** Reads and verifies one segment in so many; 0: none. */
  sampleEvery: number;
}

/** Requests that fail twice in a row go to the next edge. */
const attemptsPerEdge = 2;
/** error_code of k6 for a request that took too long. */
const timedOut = 1050;

const text: RefinedParams<"text"> = {
  responseType: "text",
  timeout: loadMsMax[requested.playlist],
  tags: { name: "playlist" },
  // As browsers ask: playlists come compressed, media does not.
  headers: { "Accept-Encoding": "gzip" },
};
const opening: RefinedParams<"text"> = { ...text, tags: { name: "multivariant" } };
const drained: RefinedParams<"none"> = {
  responseType: "none",
  timeout: loadMsMax[requested.segment],
  tags: { name: "segment" },
};
const initial: RefinedParams<"none"> = { ...drained, tags: { name: "init" } };
const read: RefinedParams<"binary"> = { ...drained, responseType: "binary" };

const kindTags = {
  multivariant: { kind: "multivariant", source: "edge" },
  playlist: { kind: "playlist", source: "edge" },
  init: { kind: "init", source: "edge" },
  segment: { kind: "segment", source: "edge" },
} as const;
type Kind = keyof typeof kindTags;
const cacheTags = tagsByOutcome({ kind: "segment", source: "edge" });
const requestTags = tagsByOutcome({});

/** The one viewer: index 0 of the columns. */
export const viewers = createViewers(1);
let watching: Watching;
/** Where the viewer began, and how many edges it has left since. */
let homeEdge = 0;
let edgesLeft = 0;
let isGivenUp = false;
/** As hls.js sends it (CTA-5004): the session id, by which edges tell viewers apart. */
let cmcd = "";
let ladder: ViewerLadder | undefined;
let rungs: Rung[] = [];
let listed: ListedSegment[] = [];
let mapPath = "";
let lastDurationMs = 0;
let targetDurationMs = 4_000;
let segmentsToSample = 0;
/** When the last request ended: what was due before could not be asked for earlier. */
let freeMs = 0;

/** Makes this VU a viewer who means to start watching at `atMs`. */
export function joinAt(atMs: number, what: Watching, at: { edge: number; session: string }): void {
  join(viewers, 0, atMs);
  metrics.forgetColumns();
  watching = what;
  homeEdge = at.edge;
  isGivenUp = false;
  cmcd = `CMCD=sid%3D%22${at.session}%22`;
  ladder = undefined;
  freeMs = atMs;
  // Not everybody's first segment.
  if (segmentsToSample === 0) segmentsToSample = 1 + (at.edge % Math.max(1, what.sampleEvery));
}

/** Does what is to be done at `nowMs`, or waits for it until `untilMs`. */
export function act(nowMs: number, untilMs: number): void {
  advancePlayback(viewers, 0, nowMs);
  const { bufferMsMax } = watching;
  const action = nextAction(viewers, 0, nowMs, bufferMsMax);
  // Players poll beside their downloads; here, one by one, what is listed and wanted goes first.
  if (ladder !== undefined && (action === viewerAction.fetch || wantsListed(action))) {
    fetchSegment(ladder, nowMs);
  } else if (action === viewerAction.poll) {
    if (ladder === undefined) openFeed();
    else poll(ladder);
  } else sleepUntil(Math.min(untilMs, Math.ceil(wakeAtMs(viewers, 0, nowMs, bufferMsMax))));
}

/** Whether the player has tried as often as it does: then its viewer leaves. */
export function hasGivenUp(): boolean {
  return isGivenUp;
}

/** How long the feed's segments are; 4 s before that is known. */
export function segmentDurationMs(): number {
  return ladder?.segmentDurationMs ?? 4_000;
}

/** Sleeps, and reports how much too late k6 came back. */
export function sleepUntil(atMs: number): void {
  const aheadMs = atMs - Date.now();
  if (aheadMs <= 0) return;
  sleep(aheadMs / 1000);
  metrics.scheduleLagSeconds.add(Math.max(0, Date.now() - atMs) / 1000);
}

function wantsListed(action: number): boolean {
  const { nextMsn, lastMsn, bufferMs } = viewers;
  return (
    action === viewerAction.poll &&
    nextMsn[0]! >= 0 &&
    nextMsn[0]! <= lastMsn[0]! &&
    bufferMs[0]! < watching.bufferMsMax
  );
}

function openFeed(): void {
  const directory = `/live/${watching.feed}/`;
  const response = get(`${directory}index.m3u8?${cmcd}`, "multivariant", opening);
  if (response === undefined) return;
  const variants = readVariants(textOf(response));
  if (variants.length === 0) {
    fail("multivariant", "no variants");
    return;
  }
  viewers.attemptCount[0] = 0;
  rungs = variants.map(({ uri }) => ({ path: resolvePath(directory, uri), initPath: "" }));
  const peakBitsPerSec = variants.map((variant) => variant.bandwidthBitsPerSec);
  const averageBitsPerSec = variants.map((variant) => variant.averageBandwidthBitsPerSec);
  ladder = ladderOf({ peakBitsPerSec, averageBitsPerSec }, lastDurationMs || targetDurationMs);
  const nowMs = Date.now();
  const { firstRung, choose } = watching.rule;
  selectRung(viewers, 0, firstRung ?? choose(viewers, 0, ladder, nowMs), nowMs);
}

/** The ladder with segments as they are now. */
function ladderFor(rates: ViewerLadder, newTargetDurationMs: number): ViewerLadder {
  const isSame = newTargetDurationMs === targetDurationMs;
  if (isSame && lastDurationMs === rates.segmentDurationMs) return rates;
  targetDurationMs = newTargetDurationMs;
  return ladderOf(rates, lastDurationMs);
}

/** A viewer's buffer holds as much as it starts behind the live edge. */
function ladderOf(
  rates: { peakBitsPerSec: ArrayLike<number>; averageBitsPerSec: ArrayLike<number> },
  segmentDurationMs: number,
): ViewerLadder {
  const bufferMsTarget = watching.holdBackTargetDurations * targetDurationMs;
  const { peakBitsPerSec, averageBitsPerSec } = rates;
  const durations = { segmentDurationMs, targetDurationMs, bufferMsTarget };
  return createViewerLadder({ peakBitsPerSec, averageBitsPerSec, ...durations });
}

function poll(rates: ViewerLadder): void {
  const dueMs = Math.max(viewers.pollAtMs[0]!, freeMs);
  const lastMsn = viewers.lastMsn[0]!;
  const { path } = rungs[viewers.playlistRung[0]!]!;
  const isHeld = watching.blockingReload && lastMsn >= 0;
  const query = isHeld ? `_HLS_msn=${lastMsn + 1}&${cmcd}` : cmcd;
  const response = get(`${path}?${query}`, "playlist", text);
  if (response === undefined) return;
  const nowMs = Date.now();
  if (!isHeld) metrics.playlistSeconds.add((nowMs - dueMs) / 1000);
  const nextMsn = viewers.nextMsn[0]!;
  const tail = readTail(textOf(response), nextMsn < 0 ? -1 : nextMsn - 1);
  if (tail === undefined || tail.lastMsn < tail.firstMsn) {
    fail("playlist", "broken or empty");
    return;
  }
  if (tail.endUnixMs > 0) metrics.playlistAgeSeconds.add((nowMs - tail.endUnixMs) / 1000);
  if (tail.lastMsn < lastMsn) metrics.regressions.add(1);
  else takeList(path, tail);
  ladder = ladderFor(rates, 1000 * tail.targetDurationSec);
  if (nextMsn < tail.firstMsn) {
    const durationsMs = tail.segments.map((segment) => segment.durationMs);
    const { holdBackTargetDurations: holdBack } = watching;
    chooseStart(viewers, 0, tail.lastMsn, durationsMs, targetDurationMs, holdBack);
  }
  if (tail.ended) viewers.endMsn[0] = tail.lastMsn;
  acceptPlaylist(viewers, 0, nowMs, tail.lastMsn, lastDurationMs, targetDurationMs);
  // Asked again at once; but an edge that answers without news does not hold requests.
  if (watching.blockingReload && tail.lastMsn > lastMsn) viewers.pollAtMs[0] = nowMs;
}

/** Keeps the segments that are still to be fetched, with their places on the time line. */
function takeList(playlistPath: string, tail: PlaylistTail): void {
  let endMs = tail.endUnixMs;
  listed = [];
  for (let n = tail.segments.length - 1; n >= 0; n--) {
    const { msn, uri, durationMs } = tail.segments[n]!;
    listed.unshift({ msn, path: resolvePath(playlistPath, uri), durationMs, endMs });
    if (endMs > 0) endMs -= durationMs;
    if (msn === tail.lastMsn) lastDurationMs = durationMs;
  }
  mapPath = tail.mapUri === "" ? "" : resolvePath(playlistPath, tail.mapUri);
}

function fetchSegment(rates: ViewerLadder, nowMs: number): void {
  const { choose, downloaded } = watching.rule;
  const rungIndex = choose(viewers, 0, rates, nowMs);
  if (!selectRung(viewers, 0, rungIndex, nowMs)) return;
  const rung = rungs[rungIndex]!;
  if (mapPath !== "" && mapPath !== rung.initPath) {
    if (get(`${mapPath}?${cmcd}`, "init", initial) === undefined) return;
    rung.initPath = mapPath;
  }
  const msn = viewers.nextMsn[0]!;
  const segment = listed.find((one) => one.msn === msn);
  if (segment === undefined) {
    fail("segment", "not in the list");
    return;
  }
  const response = getSegment(`${segment.path}?${cmcd}`, segment);
  if (response === undefined) return;
  const byteCount = lengthOf(response.headers);
  const { blocked, connecting, tls_handshaking, duration, receiving } = response.timings;
  const totalMs = blocked + connecting + tls_handshaking + duration;
  sampleDownload(viewers, 0, byteCount, totalMs - receiving, totalMs);
  countSegment(viewers, 0, rungIndex, byteCount);
  const lateMs = appendSegment(viewers, 0, freeMs, segment.durationMs, segment.endMs);
  downloaded?.(viewers, 0, rates, freeMs, rungIndex, totalMs);
  metrics.segmentFirstByteSeconds.add((totalMs - receiving) / 1000);
  metrics.segmentSeconds.add(totalMs / 1000);
  metrics.rungKbps.add(rates.peakBitsPerSec[rungIndex]! / 1000);
  metrics.lateSegments.add(lateMs > 0);
  if (lateMs > 0) metrics.segmentLateSeconds.add(lateMs / 1000);
  const latencyMs = liveLatencyMs(viewers, 0, freeMs);
  if (latencyMs > 0) metrics.liveLatencySeconds.add(latencyMs / 1000);
}

/** Gets a segment and throws its bytes away, or reads and verifies them when its turn has come. */
function getSegment(
  path: string,
  { msn, endMs }: ListedSegment,
): { headers: Headers; timings: Timings } | undefined {
  if (watching.sampleEvery === 0 || --segmentsToSample > 0) return get(path, "segment", drained);
  segmentsToSample = watching.sampleEvery;
  const response = get(path, "segment", read);
  if (response === undefined) return undefined;
  // Without dates its age is known by how many were listed after it.
  const aheadCount = viewers.lastMsn[0]! - msn + 2;
  const ageMsMax = endMs > 0 ? freeMs - endMs : aheadCount * segmentDurationMs();
  verifySegment(response, ageMsMax / 1000);
  return response;
}

type Headers = Record<string, string>;
type Timings = RefinedResponse<"none">["timings"];

/** The response when it is good; else the failure is counted and a later attempt arranged. */
function get<RT extends ResponseType>(
  path: string,
  kind: Kind,
  parameters: RefinedParams<RT>,
): RefinedResponse<RT> | undefined {
  const response = http.get(edgeUrl() + path, parameters);
  freeMs = Date.now();
  if (response.status !== 200) {
    fail(kind, String(response.status), response.error_code === timedOut);
    return undefined;
  }
  const { headers } = response;
  const byteCount = lengthOf(headers);
  if (kind === "segment") {
    const outcome = headers["X-Cache"] ?? "none";
    metrics.bytes.add(byteCount, cacheTags[outcome] ?? cacheTags["none"]);
    metrics.segmentRequests.add(1, requestTags[outcome] ?? requestTags["none"]);
    if (byteCount === 0) {
      fail(kind, "no length");
      return undefined;
    }
  } else metrics.bytes.add(byteCount, kindTags[kind]);
  return response;
}

function fail(kind: Kind, reason: string, isTimeout = false): void {
  // What was answered, but is no good, HTTP does not know as failed.
  const layer = Number(reason) >= 0 ? "http" : "content";
  metrics.failures.add(1, { kind, reason, layer });
  const what = requested[kind === "init" ? "segment" : kind];
  isGivenUp = !retryAfterFailure(viewers, 0, Date.now(), what, isTimeout);
  if (!isGivenUp && viewers.attemptCount[0]! % attemptsPerEdge !== 0) return;
  edgesLeft++;
  viewers.lastMsn[0] = -1;
}

function edgeUrl(): string {
  const { edges } = watching;
  return edges[(homeEdge + edgesLeft) % edges.length]!;
}

/** By what X-Cache may say, and for when it says nothing. */
function tagsByOutcome(tags: Record<string, string>): Record<string, Record<string, string>> {
  const outcomes = ["hit", "join", "miss", "stale", "none"];
  return Object.fromEntries(outcomes.map((cache) => [cache, { ...tags, cache }]));
}

/** k6's types say string, but an empty body is null. */
function textOf({ body }: { body: string | null }): string {
  return body ?? "";
}

function lengthOf(headers: Headers): number {
  return Number(headers["Content-Length"] ?? 0);
}

/** The path a relative or absolute URI of a playlist means; k6 has no URL. */
function resolvePath(playlistPath: string, uri: string): string {
  if (uri.startsWith("/")) return uri;
  return playlistPath.slice(0, playlistPath.lastIndexOf("/") + 1) + uri;
}
