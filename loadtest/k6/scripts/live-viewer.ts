/**
 * One viewer of a live feed over real sockets: the decisions are src/viewer's, this file makes the
 * requests. A VU is a viewer, so its state is this module's. Requests are made one after another;
 * a poll that falls into a download is late by the rest of it, which counts against the edge.
 */
import { sleep } from "k6";
import http, { type RefinedParams, type RefinedResponse, type ResponseType } from "k6/http";
import { readTail, type PlaylistTail } from "../../../src/hls/read-tail.ts";
import { readVariants } from "../../../src/hls/read-variants.ts";
import {
  acceptPlaylist,
  chooseStart,
  countFailure,
  countSegment,
  nextAction,
  selectRung,
  viewerAction,
  wakeAtMs,
} from "../../../src/viewer/live-following.ts";
import { advancePlayback, appendSegment, liveLatencyMs } from "../../../src/viewer/playback.ts";
import { sampleDownload } from "../../../src/viewer/throughput-estimator.ts";
import {
  createViewerLadder,
  type RungRule,
  withDurations,
  type ViewerLadder,
} from "../../../src/viewer/viewer-ladder.ts";
import { createViewers, join, viewerPhase } from "../../../src/viewer/viewers.ts";
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

/** Requests that fail twice in a row go to the next edge. */
const attemptsPerEdge = 2;

const viewers = createViewers(1);
let edges: readonly string[] = [];
let edgeIndex = 0;
/** As hls.js sends it (CTA-5004): the session id, by which edges tell viewers apart. */
let cmcd = "";
let rule: RungRule;
let ladder: ViewerLadder | undefined;
let rungs: Rung[] = [];
let listed: ListedSegment[] = [];
let mapPath = "";
let lastDurationMs = 0;

/** Makes this VU a viewer who means to start watching at `atMs`, at one edge of several. */
export function joinAt(
  atMs: number,
  options: { edges: readonly string[]; edgeIndex: number; session: string; rule: RungRule },
): void {
  join(viewers, 0, atMs);
  ({ edges, edgeIndex, rule } = options);
  cmcd = `?CMCD=sid%3D%22${options.session}%22`;
  ladder = undefined;
}

/** Watches until `untilMs`, asking for `/live/{feed}/index.m3u8` first. */
export function watch(feed: string, untilMs: number): void {
  for (let nowMs = Date.now(); nowMs < untilMs; nowMs = Date.now()) {
    advancePlayback(viewers, 0, nowMs);
    if (viewers.phase[0] === viewerPhase.ended) sleepUntil(untilMs);
    else act(feed, nowMs, untilMs);
  }
  advancePlayback(viewers, 0, Date.now());
  metrics.reportColumns(viewers, 0);
}

/** How long the feed's segments are; the target duration's usual 4 s before that is known. */
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

function act(feed: string, nowMs: number, untilMs: number): void {
  switch (nextAction(viewers, 0, nowMs)) {
    case viewerAction.poll:
      if (ladder === undefined) openFeed(`/live/${feed}/`);
      else poll(ladder);
      break;
    case viewerAction.fetch:
      fetchSegment(ladder!, nowMs);
      break;
    default:
      sleepUntil(Math.min(untilMs, Math.ceil(wakeAtMs(viewers, 0, nowMs))));
  }
}

function openFeed(directory: string): void {
  const response = get(`${directory}index.m3u8`, "multivariant", "text");
  if (response === undefined) return;
  const variants = readVariants(textOf(response));
  if (variants.length === 0) {
    fail("multivariant", "no variants");
    return;
  }
  rungs = variants.map(({ uri }) => ({ path: resolvePath(directory, uri), initPath: "" }));
  const peakBitsPerSec = variants.map((variant) => variant.bandwidthBitsPerSec);
  const averageBitsPerSec = variants.map((variant) => variant.averageBandwidthBitsPerSec);
  const rates = { peakBitsPerSec, averageBitsPerSec };
  ladder = createViewerLadder({ ...rates, segmentDurationMs: 4_000, targetDurationMs: 4_000 });
  const nowMs = Date.now();
  selectRung(viewers, 0, rule(viewers, 0, ladder, nowMs), nowMs);
}

function poll(rates: ViewerLadder): void {
  const dueMs = viewers.pollAtMs[0]!;
  const path = rungs[viewers.playlistRung[0]!]!.path;
  const response = get(path, "playlist", "text");
  if (response === undefined) return;
  const nowMs = Date.now();
  metrics.playlistSeconds.add((nowMs - dueMs) / 1000);
  const nextMsn = viewers.nextMsn[0]!;
  const tail = readTail(textOf(response), nextMsn < 0 ? -1 : nextMsn - 1);
  if (tail === undefined || tail.lastMsn < tail.firstMsn) {
    fail("playlist", "broken or empty");
    return;
  }
  if (tail.lastMsn < viewers.lastMsn[0]!) metrics.regressions.add(1);
  else takeList(path, tail);
  const targetDurationMs = 1000 * tail.targetDurationSec;
  ladder = withDurations(rates, lastDurationMs, targetDurationMs);
  if (nextMsn < tail.firstMsn) {
    const durationsMs = tail.segments.map((segment) => segment.durationMs);
    chooseStart(viewers, 0, tail.lastMsn, durationsMs, targetDurationMs);
  }
  if (tail.ended) viewers.endMsn[0] = tail.lastMsn;
  acceptPlaylist(viewers, 0, nowMs, tail.lastMsn, lastDurationMs, targetDurationMs);
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
  const rungIndex = rule(viewers, 0, rates, nowMs);
  if (!selectRung(viewers, 0, rungIndex, nowMs)) return;
  const rung = rungs[rungIndex]!;
  if (mapPath !== "" && mapPath !== rung.initPath) {
    if (get(mapPath, "init", "none") === undefined) return;
    rung.initPath = mapPath;
  }
  const segment = listed.find(({ msn }) => msn === viewers.nextMsn[0]);
  if (segment === undefined) {
    fail("segment", "not in the list");
    return;
  }
  const response = get(segment.path, "segment", "none");
  if (response === undefined) return;
  const byteCount = lengthOf(response);
  if (byteCount === 0) fail("segment", "no length");
  const { blocked, connecting, tls_handshaking, duration, receiving } = response.timings;
  const totalMs = blocked + connecting + tls_handshaking + duration;
  sampleDownload(viewers, 0, byteCount, totalMs - receiving, totalMs);
  countSegment(viewers, 0, rungIndex, byteCount);
  reportSegment(appendSegment(viewers, 0, Date.now(), segment.durationMs, segment.endMs), totalMs);
  metrics.rungKbps.add(rates.peakBitsPerSec[rungIndex]! / 1000);
}

function reportSegment(lateMs: number, totalMs: number): void {
  if (viewers.segmentCount[0] === 1) metrics.startupSeconds.add(viewers.startupMs[0]! / 1000);
  metrics.segmentSeconds.add(totalMs / 1000);
  metrics.segmentLateSeconds.add(lateMs / 1000);
  metrics.lateSegments.add(lateMs > 0);
  const latencyMs = liveLatencyMs(viewers, 0, Date.now());
  if (latencyMs > 0) metrics.liveLatencySeconds.add(latencyMs / 1000);
}

/** The response when it is good; else the failure is counted and a later attempt arranged. */
function get<RT extends ResponseType>(
  path: string,
  kind: string,
  responseType: RT,
): RefinedResponse<RT> | undefined {
  const parameters: RefinedParams<RT> = {
    responseType,
    tags: { name: kind },
    timeout: "20s",
    // As browsers ask: playlists come compressed, media does not.
    headers: responseType === "text" ? { "Accept-Encoding": "gzip" } : {},
  };
  const response = http.get(edges[edgeIndex]! + path + cmcd, parameters);
  if (response.status !== 200) {
    fail(kind, String(response.status));
    return undefined;
  }
  metrics.bytes.add(lengthOf(response), { kind });
  return response;
}

function fail(kind: string, reason: string): void {
  metrics.failures.add(1, { kind, reason });
  countFailure(viewers, 0, Date.now());
  if (viewers.attemptCount[0]! % attemptsPerEdge !== 0) return;
  edgeIndex = (edgeIndex + 1) % edges.length;
  viewers.lastMsn[0] = -1;
}

/** k6's types say string, but an empty body is null. */
function textOf(response: { body: string | null }): string {
  return response.body ?? "";
}

function lengthOf(response: { headers: Record<string, string> }): number {
  return Number(response.headers["Content-Length"] ?? 0);
}

/** The path a relative or absolute URI of a playlist means; k6 has no URL. */
function resolvePath(playlistPath: string, uri: string): string {
  if (uri.startsWith("/")) return uri;
  return playlistPath.slice(0, playlistPath.lastIndexOf("/") + 1) + uri;
}
