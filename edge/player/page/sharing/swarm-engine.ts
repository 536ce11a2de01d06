/**
 * The part of the page's swarm that is loaded only when it is used: the client over WebRTC, and the
 * fetches from the edge that it asks for.
 */
import type { RtcConnection, SwarmStats } from "../../../../src/swarm/client-ports.ts";
import type { IceServer } from "../../../../src/swarm/policy.ts";
import type { RoomClient, Share } from "../../../../src/swarm/room-client.ts";
import { segmentKey, type SegmentId } from "../../../../src/swarm/segment.ts";
import { SwarmClient } from "../../../../src/swarm/swarm-client.ts";
import { EdgeFetches } from "./edge-fetches.ts";
import { pagePorts } from "./page-room.ts";
import type { SegmentAnswer } from "../playback/segment-source.ts";

export class SwarmEngine {
  readonly #client: SwarmClient;
  readonly #fetches: EdgeFetches;
  readonly #answers = new Map<string, Set<SegmentAnswer>>();

  constructor(options: {
    room: RoomClient;
    segmentUrl: (id: SegmentId) => string;
    /** Bytes of media that hls.js has fetched in its own way. */
    ownBytes: () => number;
  }) {
    this.#fetches = new EdgeFetches({
      url: options.segmentUrl,
      changed: (id, timing) => {
        for (const answer of this.#answers.get(segmentKey(id)) ?? []) answer.edge(timing);
      },
      otherBytes: () => this.#client.receivedBytes + options.ownBytes(),
    });
    this.#client = new SwarmClient({
      room: options.room,
      ports: {
        ...pagePorts,
        createConnection,
        sha256,
        fetchSegment: (id, events) => this.#fetches.start(id, events),
      },
    });
  }

  get stats(): SwarmStats {
    return this.#client.stats;
  }

  rung(rung: number | null): void {
    this.#client.rung(rung);
  }

  share(share: Share): void {
    this.#client.share(share);
  }

  buffer(aheadMs: number): void {
    this.#client.buffer(aheadMs);
  }

  addHttpBytes(bytes: number): void {
    this.#client.addHttpBytes(bytes);
  }

  /** hls.js fetches a segment in its own way; the result is to be called when that is over. */
  ownFetch(id: SegmentId, deadlineMs: number): () => void {
    return this.#client.ownFetch(id, deadlineMs);
  }

  /** Asks for a segment; the result gives the question up. */
  want(id: SegmentId, deadlineMs: number, answer: SegmentAnswer): () => void {
    const key = segmentKey(id);
    const answers = this.#answers.get(key) ?? new Set();
    this.#answers.set(key, answers.add(answer));
    const forget = (): void => {
      answers.delete(answer);
      if (answers.size === 0) this.#answers.delete(key);
    };
    const running = this.#fetches.running(id);
    if (running !== null) answer.edge(running);
    const cancel = this.#client.want(id, deadlineMs, {
      deliver: (bytes, source) => {
        forget();
        const from = source === "edge" ? this.#fetches.take(id) : null;
        // The loader's caller has returned by then; hls.js may keep or give away these bytes.
        queueMicrotask(() => answer.deliver(bytes.slice().buffer, from));
      },
      refuse: () => {
        forget();
        queueMicrotask(() => answer.refuse());
      },
    });
    return () => {
      forget();
      cancel();
    };
  }
}

function createConnection(iceServers: readonly IceServer[]): RtcConnection {
  const connection = new RTCPeerConnection({
    iceServers: iceServers.map(({ url, username, credential }) =>
      username === "" ? { urls: url } : { urls: url, username, credential },
    ),
  });
  // What is used of it; its handlers are typed with `this`, and descriptions more widely.
  return connection as unknown as RtcConnection;
}

async function sha256(bytes: Uint8Array): Promise<string> {
  // A view of memory that nobody shares, which the types do not say.
  const digest = await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
