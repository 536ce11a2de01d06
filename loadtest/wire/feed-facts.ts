/**
 * What the feed under test is, as its playlists say and its segments weigh: the parameters of the
 * model run that is held against the wire.
 */
import { AppError } from "../../src/base/errors.ts";
import { readTail, type PlaylistTail } from "../../src/hls/read-tail.ts";
import { readVariants, type Variant } from "../../src/hls/read-variants.ts";

export interface FeedFacts {
  segmentDurationMs: number;
  targetDurationMs: number;
  /** Segments that a media playlist lists. */
  playlistCount: number;
  /** From the end of a segment's last frame to its listing, by the feed's own dates. */
  publishDelayMs: number;
  /** Lowest first. */
  rungs: readonly RungFacts[];
  /** Bytes of each listed segment: a row a segment, a column a rung. */
  sizesBytes: readonly (readonly number[])[];
}

/** What an edge offers, as its playlists alone say. */
export interface OfferedFeed {
  targetDurationMs: number;
  /** Lowest first. */
  rungs: readonly RungFacts[];
}

export interface RungFacts {
  /** BANDWIDTH and AVERAGE-BANDWIDTH. */
  peakKbps: number;
  averageKbps: number;
}

const requestMsMax = 20_000;
const playlistBytesMax = 1_000_000;
/** As in loadtest/k6/scripts/live-viewer.ts, which refuses longer ones. */
const segmentBytesMax = 64_000_000;
/** Where the feed says no dates. As the scenario's default. */
const publishDelayMsAssumed = 300;

/**
 * What an edge offers; nothing is asked for that viewers would not. Throws an
 * AppError (TARGET_UNREACHABLE) when there is no such feed, or one that viewers in k6 cannot watch:
 * they take all paths from the edge they are at, and weigh segments by their Content-Length.
 */
export async function readOffer(
  baseUrl: string,
  feed: string,
  signal?: AbortSignal,
): Promise<OfferedFeed> {
  const url = multivariantUrl(baseUrl, feed);
  const variants = await variantsAt(url, signal);
  refuseAbsolute(
    url,
    variants.map(({ uri }) => uri),
  );
  const lowest = new URL(variants[0]!.uri, url);
  const tail = readTail(await textAt(lowest, signal), -1);
  const last = tail?.segments.at(-1);
  if (tail === undefined || last === undefined) throw unreadable(lowest, "lists no segments");
  refuseAbsolute(lowest, [...tail.segments.map(({ uri }) => uri), tail.mapUri]);
  await requireLength(new URL(last.uri, lowest), signal);
  return { targetDurationMs: 1_000 * tail.targetDurationSec, rungs: variants.map(factsOf) };
}

function refuseAbsolute(url: URL, uris: readonly string[]): void {
  const found = uris.find((uri) => /^(?:[a-z][a-z0-9+.-]*:|\/\/)/i.test(uri));
  if (found === undefined) return;
  throw new AppError(
    "TARGET_UNREACHABLE",
    `${url.href} names whole addresses (${found}), which viewers here do not follow: have the edge serve relative URIs`,
  );
}

/** Asked as viewers ask; only the head of the answer is awaited. */
async function requireLength(url: URL, signal: AbortSignal | undefined): Promise<void> {
  const headers = { "accept-encoding": "identity" };
  const response = await answerOf(url, { headers }, signal);
  await response.body?.cancel().catch(() => undefined);
  const byteCount = Number(response.headers.get("content-length"));
  if (byteCount > segmentBytesMax) {
    throw new AppError(
      "TARGET_UNREACHABLE",
      `${url.href} says that it has ${byteCount} bytes, over 64 MB, which no segment has: have the edge serve shorter ones`,
    );
  }
  if (byteCount > 0) return;
  throw new AppError(
    "TARGET_UNREACHABLE",
    `${url.href} comes without Content-Length, by which viewers here weigh segments: have the edge send whole segments, not chunks`,
  );
}

/**
 * Reads the feed at the base URL of one of our own edges, which holds requests for news. Throws an
 * AppError (TARGET_UNREACHABLE) when there is no such feed or nothing of it can be read.
 */
export async function readFeedFacts(
  baseUrl: string,
  feed: string,
  signal?: AbortSignal,
): Promise<FeedFacts> {
  const url = multivariantUrl(baseUrl, feed);
  const variants = await variantsAt(url, signal);
  const rungs = await Promise.all(
    variants.map((variant) => readRung(new URL(variant.uri, url), signal)),
  );
  const { tail } = rungs[0]!;
  const rowCount = Math.min(...rungs.map(({ bytes }) => bytes.length));
  if (rowCount === 0) throw unreadable(url, "lists no segments");
  const durations = tail.segments.map(({ durationMs }) => durationMs);
  return {
    segmentDurationMs: Math.round(durations.reduce((sum, ms) => sum + ms, 0) / durations.length),
    targetDurationMs: 1_000 * tail.targetDurationSec,
    playlistCount: tail.segments.length,
    publishDelayMs: await publishDelay(new URL(variants[0]!.uri, url), signal),
    rungs: variants.map(factsOf),
    sizesBytes: Array.from({ length: rowCount }, (_, row) =>
      rungs.map(({ bytes }) => bytes.at(row - rowCount)!),
    ),
  };
}

function multivariantUrl(baseUrl: string, feed: string): URL {
  return new URL(`/live/${feed}/index.m3u8`, baseUrl);
}

async function variantsAt(url: URL, signal: AbortSignal | undefined): Promise<Variant[]> {
  const variants = readVariants(await textAt(url, signal));
  if (variants.length === 0) throw unreadable(url, "is no multivariant playlist");
  return variants;
}

function factsOf(variant: Variant): RungFacts {
  return {
    peakKbps: Math.round(variant.bandwidthBitsPerSec / 1_000),
    averageKbps: Math.round(variant.averageBandwidthBitsPerSec / 1_000),
  };
}

async function readRung(
  url: URL,
  signal: AbortSignal | undefined,
): Promise<{ tail: PlaylistTail; bytes: number[] }> {
  const tail = readTail(await textAt(url, signal), -1);
  if (tail === undefined) throw unreadable(url, "is no media playlist");
  // The oldest may leave while they are asked for.
  const kept = tail.segments.slice(1);
  const bytes = await Promise.all(kept.map(({ uri }) => bytesAt(new URL(uri, url), signal)));
  return { tail, bytes };
}

async function bytesAt(url: URL, signal: AbortSignal | undefined): Promise<number> {
  const response = await answerOf(url, { method: "HEAD" }, signal);
  const bytes = Number(response.headers.get("content-length"));
  if (!(bytes > 0)) throw unreadable(url, "says no length");
  return bytes;
}

/** Waits for the next segment's listing and compares its end with the clock. */
async function publishDelay(url: URL, signal: AbortSignal | undefined): Promise<number> {
  const now = readTail(await textAt(url, signal), -1);
  if (now === undefined) return publishDelayMsAssumed;
  const next = new URL(url);
  next.searchParams.set("_HLS_msn", String(now.lastMsn + 1));
  const tail = readTail(await textAt(next, signal), now.lastMsn);
  if (tail === undefined || tail.endUnixMs === 0 || tail.lastMsn <= now.lastMsn) {
    return publishDelayMsAssumed;
  }
  return Math.max(0, Math.round(Date.now() - tail.endUnixMs));
}

async function textAt(url: URL, signal: AbortSignal | undefined): Promise<string> {
  const { body } = await answerOf(url, {}, signal);
  const chunks: Uint8Array[] = [];
  let byteCount = 0;
  try {
    for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
      byteCount += chunk.length;
      if (byteCount > playlistBytesMax) break;
      chunks.push(chunk);
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw unreadable(url, `does not answer wholly (${wordsOf(error)})`);
  }
  if (byteCount > playlistBytesMax) throw unreadable(url, "is over 1 MB, which no playlist is");
  return Buffer.concat(chunks).toString("utf8");
}

/** Follows no redirect, as viewers do not: it would lead past the edge and the emulated lines. */
async function answerOf(
  url: URL,
  init: RequestInit,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const late = AbortSignal.timeout(requestMsMax);
  const either = signal === undefined ? late : AbortSignal.any([signal, late]);
  let response: Response;
  try {
    response = await fetch(url, { ...init, signal: either, redirect: "manual" });
  } catch (error) {
    signal?.throwIfAborted();
    throw unreadable(url, `does not answer (${wordsOf(error)})`);
  }
  if (response.status >= 300 && response.status < 400) {
    const to = response.headers.get("location") ?? "nowhere";
    throw new AppError(
      "TARGET_UNREACHABLE",
      `${url.href} answers ${response.status}, a redirect to ${to}, which viewers here do not follow: give the address of the edge itself`,
    );
  }
  if (!response.ok) throw unreadable(url, `answers ${response.status}`);
  return response;
}

function wordsOf(error: unknown): string {
  const { cause, message } = error as Error;
  return cause instanceof Error ? cause.message : message;
}

function unreadable(url: URL, what: string): AppError {
  return new AppError(
    "TARGET_UNREACHABLE",
    `${url.href} ${what}; check the address, and that its feed is live`,
  );
}
