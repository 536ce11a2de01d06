/** The RTMP port's metrics; bytes and tags are counted in slots and read at each scrape. */
import { originMetrics } from "../../src/metrics/origin.ts";
import type { Metrics } from "../../src/node/metrics.ts";
import type { FlvTag } from "../../src/rtmp/flv.ts";
import { sessionEndCodes, type SessionEndCode } from "../../src/rtmp/session-event.ts";
import type { ConnectionLimits } from "./make-room.ts";
import type { KeyGrant } from "./stream-keys.ts";

export interface IngestMetrics {
  received(byteCount: number): void;
  tag(kind: FlvTag["kind"]): void;
  paused(): void;
  publisher(grant: KeyGrant, count: 0 | 1): void;
  ended(code: SessionEndCode): void;
  limitReached(limit: keyof ConnectionLimits): void;
}

interface ConnectionState {
  isPublishing: boolean;
  isClosing: boolean;
}

const tagKinds = ["audio", "video", "script"] as const;
const states = ["pending", "publishing", "closing"] as const;
const limitNames = ["connectionCountMax", "pendingCountMax", "pendingPerAddressMax"] as const;

export function ingestMetrics(
  metrics: Metrics,
  sources: { feeds: readonly string[]; connections: () => Iterable<ConnectionState> },
): IngestMetrics {
  const publishers = metrics.gauge(originMetrics.rtmpPublishers);
  const pauses = metrics.counter(originMetrics.rtmpPauses);
  const ends = metrics.counter(originMetrics.rtmpEnds);
  const limits = metrics.counter(originMetrics.rtmpLimits);
  const tagCounts = new Float64Array(tagKinds.length);
  let receivedBytes = 0;
  for (const feed of sources.feeds) {
    publishers.set(0, { feed, kind: "main" });
    publishers.set(0, { feed, kind: "standby" });
  }
  pauses.add(0);
  for (const reason of sessionEndCodes) ends.add(0, { reason });
  for (const limit of limitNames) limits.add(0, { limit });
  metrics.totals(originMetrics.rtmpReceived, [{}], () => receivedBytes);
  metrics.totals(
    originMetrics.rtmpTags,
    tagKinds.map((kind) => ({ kind })),
    (slot) => tagCounts[slot]!,
  );
  metrics.totals(
    originMetrics.rtmpConnections,
    states.map((state) => ({ state })),
    (index) => [...sources.connections()].filter((one) => stateOf(one) === states[index]).length,
  );
  return {
    received: (byteCount) => (receivedBytes += byteCount),
    tag: (kind) => (tagCounts[tagKinds.indexOf(kind)]! += 1),
    paused: () => pauses.add(1),
    publisher: ({ feed, standby }, count) =>
      publishers.set(count, { feed, kind: standby ? "standby" : "main" }),
    ended: (reason) => ends.add(1, { reason }),
    limitReached: (limit) => limits.add(1, { limit }),
  };
}

function stateOf({ isPublishing, isClosing }: ConnectionState): (typeof states)[number] {
  if (isClosing) return "closing";
  return isPublishing ? "publishing" : "pending";
}
