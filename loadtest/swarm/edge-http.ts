/** What viewers in Node ask of an edge over HTTP, counted to the byte. */
import { Agent, request } from "undici";
import type { SwarmPorts } from "../../src/swarm/client-ports.ts";
import type { SegmentId } from "../../src/swarm/segment.ts";
import { emptyPath, formatPath } from "../../src/hls/path.ts";

export class EdgeHttp {
  /** Bytes of bodies that came, those of answers given up included. */
  bodyBytes = 0;
  /** Such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** As in the page: a fetch that brings nothing for so long has failed. */
  readonly #agent = new Agent({ connections: 256, bodyTimeout: 10_000, headersTimeout: 10_000 });

  constructor(url: string) {
    this.url = url;
  }

  /** The body, or null when it did not come whole; `progress` learns how much has come. */
  async get(
    path: string,
    signal: AbortSignal,
    progress: (loadedBytes: number) => void = () => undefined,
  ): Promise<Uint8Array | null> {
    try {
      const answer = await request(`${this.url}${path}`, { dispatcher: this.#agent, signal });
      const pieces: Uint8Array[] = [];
      let loadedBytes = 0;
      for await (const piece of answer.body as AsyncIterable<Uint8Array>) {
        pieces.push(piece);
        loadedBytes += piece.length;
        this.bodyBytes += piece.length;
        progress(loadedBytes);
      }
      return answer.statusCode === 200 ? Buffer.concat(pieces) : null;
    } catch {
      // Refused, cut or given up: the caller tries again, as players do.
      return null;
    }
  }

  /** A segment for the swarm's client; `spent` learns what came of it, whether whole or not. */
  fetchSegment(
    feed: string,
    spent: (id: SegmentId, bytes: number) => void = () => undefined,
  ): SwarmPorts["fetchSegment"] {
    return (id, events) => {
      const controller = new AbortController();
      let loaded = 0;
      const path = formatPath({ ...emptyPath("segment"), feed, ...id });
      const progress = (loadedBytes: number): void => {
        loaded = loadedBytes;
        if (!controller.signal.aborted) events.progress(loadedBytes);
      };
      void this.get(path, controller.signal, progress).then((bytes) => {
        spent(id, loaded);
        if (!controller.signal.aborted) events.end(bytes);
      });
      return () => controller.abort();
    };
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }
}
