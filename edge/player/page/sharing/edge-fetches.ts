/**
 * Segments that the swarm fetches from the edge, and how the line did with each. What other viewers
 * send and what hls.js fetches itself comes over the same line, so the time that a fetch took says
 * what the line can do only if nothing else came meanwhile. In a cell that may not happen for long;
 * then a fetch that shared the line says it too, reckoned by the bytes that came over it in all.
 * Playlists are not counted: they are a thousandth of the media.
 */
import type { SwarmPorts } from "../../../../src/swarm/client-ports.ts";
import { segmentKey, type SegmentId } from "../../../../src/swarm/segment.ts";
import type { EdgeAnswer, EdgeTiming } from "../playback/segment-source.ts";

/** A fetch that brings nothing for so long has failed; hls.js waits as long for a first byte. */
const silenceMsMax = 10_000;
/** More than are waited for at a time. */
const finishedCountMax = 16;
/** Five segments; hls.js forgets half of what it knew of a line in 9 s (`abrEwmaSlowLive`). */
const sampleGapMsMax = 20_000;

type FetchEvents = Parameters<SwarmPorts["fetchSegment"]>[1];

interface Fetch extends EdgeTiming {
  response: Response | null;
  /** What had come over the line when it began, and when its first byte came. */
  lineBytesAtStart: number;
  lineBytesAtFirst: number;
}

interface Finished {
  response: Response;
  timing: EdgeTiming;
  isAlone: boolean;
  /** Part of what came over the line since the first byte. */
  ownRatio: number;
}

export class EdgeFetches {
  readonly #url: (id: SegmentId) => string;
  readonly #changed: (id: SegmentId, timing: EdgeTiming | null) => void;
  readonly #otherBytes: () => number;
  readonly #running = new Map<string, Fetch>();
  readonly #finished = new Map<string, Finished>();
  /** Of all fetches here, whatever became of them. */
  #loadedBytes = 0;
  /** Until then hls.js fetched in its own way, and took its samples. */
  #sampledMs = performance.now();

  constructor(options: {
    url: (id: SegmentId) => string;
    /** Is told of a running fetch, and with null when it was given up. */
    changed: (id: SegmentId, timing: EdgeTiming | null) => void;
    /** Bytes that have come over the line in other ways; never fewer than before. */
    otherBytes: () => number;
  }) {
    this.#url = options.url;
    this.#changed = options.changed;
    this.#otherBytes = options.otherBytes;
  }

  running(id: SegmentId): EdgeTiming | null {
    return this.#running.get(segmentKey(id)) ?? null;
  }

  /** The edge's answer with a segment that came whole; once, so that it is one sample. */
  take(id: SegmentId): EdgeAnswer | null {
    const key = segmentKey(id);
    const finished = this.#finished.get(key);
    if (finished === undefined) return null;
    this.#finished.delete(key);
    return { response: finished.response, timing: this.#sample(finished) };
  }

  start(id: SegmentId, events: FetchEvents): () => void {
    const fetched: Fetch = {
      startMs: performance.now(),
      firstMs: 0,
      endMs: 0,
      loadedBytes: 0,
      totalBytes: 0,
      response: null,
      lineBytesAtStart: this.#lineBytes(),
      lineBytesAtFirst: 0,
    };
    const key = segmentKey(id);
    this.#running.set(key, fetched);
    this.#changed(id, fetched);
    const controller = new AbortController();
    const over = (): boolean => {
      clearTimeout(watchdog);
      return this.#running.get(key) === fetched && this.#running.delete(key);
    };
    const fail = (): void => {
      if (!over()) return;
      controller.abort();
      this.#changed(id, null);
      events.end(null);
    };
    let watchdog = setTimeout(fail, silenceMsMax);
    const piece = (bytes: number): void => {
      this.#loadedBytes += bytes;
      clearTimeout(watchdog);
      watchdog = setTimeout(fail, silenceMsMax);
      this.#changed(id, fetched);
      events.progress(fetched.loadedBytes);
    };
    const first = (): void => {
      fetched.lineBytesAtFirst = this.#lineBytes();
    };
    load(this.#url(id), { fetched, signal: controller.signal, first, piece }).then((bytes) => {
      if (!over()) return;
      fetched.endMs = performance.now();
      this.#keep(key, fetched);
      events.end(bytes);
    }, fail);
    return () => {
      if (!over()) return;
      controller.abort();
      this.#changed(id, null);
    };
  }

  #lineBytes(): number {
    return this.#loadedBytes + this.#otherBytes();
  }

  #keep(key: string, fetched: Fetch): void {
    const { response, loadedBytes } = fetched;
    if (response === null) return;
    const lineBytes = this.#lineBytes();
    this.#finished.delete(key);
    this.#finished.set(key, {
      response,
      timing: fetched,
      isAlone: lineBytes - fetched.lineBytesAtStart <= loadedBytes,
      ownRatio: Math.min(1, loadedBytes / Math.max(lineBytes - fetched.lineBytesAtFirst, 1)),
    });
    for (const oldest of this.#finished.keys()) {
      if (this.#finished.size <= finishedCountMax) break;
      this.#finished.delete(oldest);
    }
  }

  #sample({ timing, isAlone, ownRatio }: Finished): EdgeTiming | null {
    const nowMs = performance.now();
    if (!isAlone && nowMs - this.#sampledMs < sampleGapMsMax) return null;
    this.#sampledMs = nowMs;
    if (isAlone) return timing;
    // As if the line had been its own: the same bytes in the part of the time that was theirs.
    const laterMs = (timing.endMs - timing.firstMs) * (1 - ownRatio);
    return { ...timing, startMs: timing.startMs + laterMs, firstMs: timing.firstMs + laterMs };
  }
}

/** Rejects unless the whole segment came. */
async function load(
  url: string,
  options: {
    fetched: Fetch;
    signal: AbortSignal;
    first: () => void;
    piece: (bytes: number) => void;
  },
): Promise<Uint8Array> {
  const { fetched, signal, first, piece } = options;
  const response = await fetch(url, { signal });
  if (!response.ok || response.body === null) throw new Error(`HTTP ${response.status}`);
  fetched.response = response;
  fetched.firstMs = performance.now();
  fetched.totalBytes = Number(response.headers.get("Content-Length") ?? 0);
  first();
  const reader = response.body.getReader();
  const pieces: Uint8Array[] = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    pieces.push(value);
    fetched.loadedBytes += value.length;
    piece(value.length);
  }
  const bytes = new Uint8Array(fetched.loadedBytes);
  let offset = 0;
  for (const one of pieces) {
    bytes.set(one, offset);
    offset += one.length;
  }
  return bytes;
}
