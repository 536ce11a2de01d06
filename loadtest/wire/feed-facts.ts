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

export interface RungFacts {
  /** BANDWIDTH and AVERAGE-BANDWIDTH. */
  peakKbps: number;
  averageKbps: number;
}

const requestMsMax = 20_000;
const playlistBytesMax = 1_000_000;
/** Where the feed says no dates. As the scenario's default. */
const publishDelayMsAssumed = 300;

/**
 * The rungs that an edge offers, lowest first; nothing is asked for that viewers would not. Throws an
 * AppError (TARGET_UNREACHABLE) when there is no such feed, or one that viewers in k6 cannot watch:
 * they take all paths from the edge they are at, and weigh segments by their Content-Length.
 */
export async function readRungs(baseUrl: string, feed: string): Promise<readonly RungFacts[]> {
  const url = multivariantUrl(baseUrl, feed);
  const variants = await variantsAt(url);
  refuseAbsolute(
    url,
    variants.map(({ uri }) => uri),
  );
  const lowest = new URL(variants[0]!.uri, url);
  const tail = readTail(await textAt(lowest), -1);
  const last = tail?.segments.at(-1);
  if (tail === undefined || last === undefined) throw unreadable(lowest, "lists no segments");
  refuseAbsolute(lowest, [...tail.segments.map(({ uri }) => uri), tail.mapUri]);
  await requireLength(new URL(last.uri, lowest));
  return variants.map(factsOf);
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
async function requireLength(url: URL): Promise<void> {
  const response = await answerOf(url, { headers: { "accept-encoding": "identity" } });
  await response.body?.cancel().catch(() => undefined);
  if (Number(response.headers.get("content-length")) > 0) return;
  throw new AppError(
    "TARGET_UNREACHABLE",
    `${url.href} comes without Content-Length, by which viewers here weigh segments: have the edge send whole segments, not chunks`,
  );
}

/**
 * Reads the feed at the base URL of one of our own edges, which holds requests for news. Throws an
 * AppError (TARGET_UNREACHABLE) when there is no such feed or nothing of it can be read.
 */
export async function readFeedFacts(baseUrl: string, feed: string): Promise<FeedFacts> {
  const url = multivariantUrl(baseUrl, feed);
  const variants = await variantsAt(url);
  const rungs = await Promise.all(variants.map((variant) => readRung(new URL(variant.uri, url))));
  const { tail } = rungs[0]!;
  const rowCount = Math.min(...rungs.map(({ bytes }) => bytes.length));
  if (rowCount === 0) throw unreadable(url, "lists no segments");
  const durations = tail.segments.map(({ durationMs }) => durationMs);
  return {
    segmentDurationMs: Math.round(durations.reduce((sum, ms) => sum + ms, 0) / durations.length),
    targetDurationMs: 1_000 * tail.targetDurationSec,
    playlistCount: tail.segments.length,
    publishDelayMs: await publishDelay(new URL(variants[0]!.uri, url)),
    rungs: variants.map(factsOf),
    sizesBytes: Array.from({ length: rowCount }, (_, row) =>
      rungs.map(({ bytes }) => bytes.at(row - rowCount)!),
    ),
  };
}

function multivariantUrl(baseUrl: string, feed: string): URL {
  return new URL(`/live/${feed}/index.m3u8`, baseUrl);
}

async function variantsAt(url: URL): Promise<Variant[]> {
  const variants = readVariants(await textAt(url));
  if (variants.length === 0) throw unreadable(url, "is no multivariant playlist");
  return variants;
}

function factsOf(variant: Variant): RungFacts {
  return {
    peakKbps: Math.round(variant.bandwidthBitsPerSec / 1_000),
    averageKbps: Math.round(variant.averageBandwidthBitsPerSec / 1_000),
  };
}

async function readRung(url: URL): Promise<{ tail: PlaylistTail; bytes: number[] }> {
  const tail = readTail(await textAt(url), -1);
  if (tail === undefined) throw unreadable(url, "is no media playlist");
  // The oldest may leave while they are asked for.
  const kept = tail.segments.slice(1);
  return { tail, bytes: await Promise.all(kept.map(({ uri }) => bytesAt(new URL(uri, url)))) };
}

async function bytesAt(url: URL): Promise<number> {
  const response = await answerOf(url, { method: "HEAD" });
  const bytes = Number(response.headers.get("content-length"));
  if (!(bytes > 0)) throw unreadable(url, "says no length");
  return bytes;
}

/** Waits for the next segment's listing and compares its end with the clock. */
async function publishDelay(url: URL): Promise<number> {
  const now = readTail(await textAt(url), -1);
  if (now === undefined) return publishDelayMsAssumed;
  const next = new URL(url);
  next.searchParams.set("_HLS_msn", String(now.lastMsn + 1));
  const tail = readTail(await textAt(next), now.lastMsn);
  if (tail === undefined || tail.endUnixMs === 0 || tail.lastMsn <= now.lastMsn) {
    return publishDelayMsAssumed;
  }
  return Math.max(0, Math.round(Date.now() - tail.endUnixMs));
}

async function textAt(url: URL): Promise<string> {
  const { body } = await answerOf(url);
  const chunks: Uint8Array[] = [];
  let byteCount = 0;
  try {
    for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
      byteCount += chunk.length;
      if (byteCount > playlistBytesMax) break;
      chunks.push(chunk);
    }
  } catch (error) {
    throw unreadable(url, `does not answer wholly (${wordsOf(error)})`);
  }
  if (byteCount > playlistBytesMax) throw unreadable(url, "is over 1 MB, which no playlist is");
  return Buffer.concat(chunks).toString("utf8");
}

async function answerOf(url: URL, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { ...init, signal: AbortSignal.timeout(requestMsMax) });
  } catch (error) {
    throw unreadable(url, `does not answer (${wordsOf(error)})`);
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
