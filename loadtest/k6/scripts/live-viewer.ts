/**
 * One viewer of a live feed over real sockets: the decisions are src/viewer's, this file makes the
 * requests, one after another. A VU is a viewer, so its state is this module's.
 */
import http, { type RefinedParams, type RefinedResponse, type ResponseType } from "k6/http";
import { sleep } from "k6";
import { readTail, type PlaylistTail, type TailSegment } from "../../../src/hls/read-tail.ts";
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
import {
  createViewerLadder,
  withDurations,
  type ViewerLadder,
} from "../../../src/viewer/viewer-ladder.ts";
import { join, layOutViewers } from "../../../src/viewer/viewers.ts";
import { columnsOfOne } from "./columns-of-one.ts";
import type { PlayerRule } from "./player-rules.ts";
import { verifySegment } from "./sampled-segment.ts";
import * as metrics from "./viewer-metrics.ts";

interface Rung {
  path: string;
  /** The init segment that was fetched last, as the playlist names it. */
  initUri: string;
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
  needsDigest: boolean;
  /** Asks for compressed playlists, as browsers do; unpacking one takes k6 40 kB. */
  gzip: boolean;
  /** The run's end. */
  lastMs: number;
}

/** Requests that fail twice in a row go to the next edge. */
const attemptsPerEdge = 2;
/** error_code of k6 for a request that took too long. */
const timedOut = 1050;
/**
 * A request under way at the run's end may take so much longer, as one on a slow line does. After
 * 30 s k6 would break off the whole turn, and what its viewer saw would be in no figure.
 */
const graceMs = 20_000;
/** No segment is longer: each byte of one that is read takes k6 two or more of memory. */
const segmentBytesMax = 64_000_000;

// A redirect is a failure too: it leads past the edge, and past the emulated lines.
http.setResponseCallback(http.expectedStatuses(200));
const text: RefinedParams<"text"> = {
  responseType: "text",
  redirects: 0,
  tags: { name: "playlist" },
};
const opening: RefinedParams<"text"> = { ...text, tags: { name: "multivariant" } };
const gzipHeaders = { "Accept-Encoding": "gzip" };
const drained: RefinedParams<"none"> = {
  responseType: "none",
  redirects: 0,
  tags: { name: "segment" },
};
const initial: RefinedParams<"none"> = { ...drained, tags: { name: "init" } };
const read: RefinedParams<"binary"> = { ...drained, responseType: "binary" };

const asked = { ...requested, init: requested.segment };
type Kind = keyof typeof asked;

/** The one viewer: index 0 of the columns. */
export const viewers = layOutViewers(1, columnsOfOne);
let watching: Watching;
/** Where the viewer began, how many edges it has left since, and the base URL of its present one. */
let homeEdge = 0;
let edgesLeft = 0;
let edgeUrl = "";
let isGivenUp = false;
/** As hls.js sends it (CTA-5004): the session id, by which edges tell viewers apart. */
let cmcd = "";
let ladder: ViewerLadder | undefined;
let rungs: Rung[] = [];
/** The newest playlist of the rung, of which segments to be fetched are kept. */
let listed: PlaylistTail | undefined;
let lastDurationMs = 0;
let targetDurationMs = 4_000;
let segmentsToSample = 0;
/** When the last request ended: what was due before could not be asked for earlier. */
let freeMs = 0;
/** Length of its answer. */
let receivedBytes = 0;

/** Makes this VU a viewer who means to start watching at `atMs`. */
export function joinAt(atMs: number, what: Watching, at: { edge: number; session: string }): void {
  join(viewers, 0, atMs);
  metrics.forgetColumns();
  watching = what;
  if (what.gzip) text.headers = opening.headers = gzipHeaders;
  homeEdge = at.edge;
  goToEdge();
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
  if (action === viewerAction.poll) {
    if (ladder === undefined) openFeed();
    else if (wantsListed()) fetchSegment(ladder, nowMs);
    else poll(ladder);
  } else if (action === viewerAction.fetch && ladder !== undefined) fetchSegment(ladder, nowMs);
  else sleepUntil(Math.min(untilMs, Math.ceil(wakeAtMs(viewers, 0, nowMs, bufferMsMax))));
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

function wantsListed(): boolean {
  const nextMsn = viewers.nextMsn[0]!;
  if (nextMsn < 0 || nextMsn > viewers.lastMsn[0]!) return false;
  return viewers.bufferMs[0]! < watching.bufferMsMax;
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
  rungs = variants.map(({ uri }) => ({ path: resolvePath(directory, uri), initUri: "" }));
  const peakBitsPerSec = variants.map((variant) => variant.bandwidthBitsPerSec);
  const averageBitsPerSec = variants.map((variant) => variant.averageBandwidthBitsPerSec);
  const durations = durationsOf(lastDurationMs || targetDurationMs);
  ladder = createViewerLadder({ peakBitsPerSec, averageBitsPerSec, ...durations });
  const nowMs = Date.now();
  const { firstRung, choose } = watching.rule;
  selectRung(viewers, 0, firstRung ?? choose(viewers, 0, ladder, nowMs), nowMs);
}

/** The ladder with segments as they are now. */
function ladderFor(rates: ViewerLadder, newTargetDurationMs: number): ViewerLadder {
  const isSame = newTargetDurationMs === targetDurationMs;
  if (isSame && lastDurationMs === rates.segmentDurationMs) return rates;
  targetDurationMs = newTargetDurationMs;
  return withDurations(rates, durationsOf(lastDurationMs));
}

/** A viewer's buffer holds as much as it starts behind the live edge. */
function durationsOf(segmentDurationMs: number) {
  const bufferMsTarget = watching.holdBackTargetDurations * targetDurationMs;
  return { segmentDurationMs, targetDurationMs, bufferMsTarget };
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
  else takeList(tail);
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

/** Keeps the segments that are still to be fetched. */
function takeList(tail: PlaylistTail): void {
  listed = tail;
  const { segments } = tail;
  if (segments.length > 0) lastDurationMs = segments[segments.length - 1]!.durationMs;
}

/** Where segment `msn` ends on the feed's time line; 0 while unknown. */
function endMsOf({ segments, endUnixMs }: PlaylistTail, msn: number): number {
  let endMs = endUnixMs;
  for (let n = segments.length - 1; endMs > 0 && segments[n]!.msn > msn; n--) {
    endMs -= segments[n]!.durationMs;
  }
  return endMs;
}

function fetchSegment(rates: ViewerLadder, nowMs: number): void {
  const { choose, downloaded } = watching.rule;
  const rungIndex = choose(viewers, 0, rates, nowMs);
  if (!selectRung(viewers, 0, rungIndex, nowMs)) return;
  const rung = rungs[rungIndex]!;
  const segment = listed === undefined ? undefined : segmentOf(listed, viewers.nextMsn[0]!);
  if (listed === undefined || segment === undefined) {
    fail("segment", "not in the list");
    return;
  }
  const { mapUri } = listed;
  if (mapUri !== "" && mapUri !== rung.initUri) {
    const path = resolvePath(rung.path, mapUri);
    if (get(`${path}?${cmcd}`, "init", initial) === undefined) return;
    rung.initUri = mapUri;
  }
  const { msn, durationMs } = segment;
  const endMs = endMsOf(listed, msn);
  const response = getSegment(`${resolvePath(rung.path, segment.uri)}?${cmcd}`, msn, endMs);
  if (response === undefined) return;
  const { blocked, connecting, tls_handshaking, duration, receiving } = response.timings;
  const totalMs = blocked + connecting + tls_handshaking + duration;
  const firstByteMs = totalMs - receiving;
  sampleDownload(viewers, 0, receivedBytes, firstByteMs, totalMs);
  countSegment(viewers, 0, rungIndex, receivedBytes);
  const lateMs = appendSegment(viewers, 0, freeMs, durationMs, endMs);
  downloaded?.(viewers, 0, rates, freeMs, rungIndex, totalMs);
  metrics.segmentFirstByteSeconds.add(firstByteMs / 1000);
  metrics.rungKbps.add(rates.peakBitsPerSec[rungIndex]! / 1000);
  metrics.lateSegments.add(lateMs > 0);
  const latencyMs = liveLatencyMs(viewers, 0, freeMs);
  if (latencyMs > 0) metrics.liveLatencySeconds.add(latencyMs / 1000);
}

/**
 * Gets a segment and throws its bytes away, or reads and verifies them when its turn has come: not
 * before one has come whole, which shows how long they are here.
 */
function getSegment(path: string, msn: number, endMs: number): { timings: Timings } | undefined {
  const { segmentCount, attemptCount } = viewers;
  const isUnknown = segmentCount[0] === 0 || attemptCount[0]! > 0;
  if (watching.sampleEvery === 0 || isUnknown || --segmentsToSample > 0) {
    return get(path, "segment", drained);
  }
  segmentsToSample = watching.sampleEvery;
  const response = get(path, "segment", read);
  if (response === undefined) return undefined;
  // Without dates its age is known by how many were listed after it.
  const aheadCount = viewers.lastMsn[0]! - msn + 2;
  const ageMsMax = endMs > 0 ? freeMs - endMs : aheadCount * segmentDurationMs();
  verifySegment(response, ageMsMax / 1000, watching.needsDigest);
  return response;
}

type Timings = RefinedResponse<"none">["timings"];

/** The response when it is good; else the failure is counted and a later attempt arranged. */
function get<RT extends ResponseType>(
  path: string,
  kind: Kind,
  parameters: RefinedParams<RT>,
): RefinedResponse<RT> | undefined {
  const leftMs = watching.lastMs + graceMs - Date.now();
  parameters.timeout = Math.max(1, Math.min(loadMsMax[asked[kind]], leftMs));
  const response = http.get(edgeUrl + path, parameters);
  freeMs = Date.now();
  if (response.status !== 200) {
    fail(kind, String(response.status), response.error_code === timedOut);
    return undefined;
  }
  const { headers } = response;
  receivedBytes = Number(headers["Content-Length"] ?? 0);
  metrics.countBytes(kind, receivedBytes);
  if (kind === "segment") {
    metrics.countSegmentRequest(headers["X-Cache"]);
    if (receivedBytes === 0 || receivedBytes > segmentBytesMax) {
      fail(kind, receivedBytes === 0 ? "no length" : "over 64 MB");
      return undefined;
    }
  }
  return response;
}

function fail(kind: Kind, reason: string, isTimeout = false): void {
  // What was answered, but is no good, HTTP does not know as failed.
  const layer = Number(reason) >= 0 ? "http" : "content";
  metrics.failures.add(1, { kind, reason, layer });
  isGivenUp = !retryAfterFailure(viewers, 0, Date.now(), asked[kind], isTimeout);
  if (!isGivenUp && viewers.attemptCount[0]! % attemptsPerEdge !== 0) return;
  edgesLeft++;
  goToEdge();
  viewers.lastMsn[0] = -1;
}

function goToEdge(): void {
  const { edges } = watching;
  edgeUrl = edges[(homeEdge + edgesLeft) % edges.length]!;
}

/** k6's types say string, but an empty body is null. */
function textOf({ body }: { body: string | null }): string {
  return body ?? "";
}

/** The segments of a playlist's tail follow one another. */
function segmentOf({ segments }: PlaylistTail, msn: number): TailSegment | undefined {
  return segments.length === 0 ? undefined : segments[msn - segments[0]!.msn];
}

/** The path a relative or absolute URI of a playlist means; k6 has no URL. */
function resolvePath(playlistPath: string, uri: string): string {
  if (uri.startsWith("/")) return uri;
  return playlistPath.slice(0, playlistPath.lastIndexOf("/") + 1) + uri;
}
