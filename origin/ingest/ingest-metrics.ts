/** The RTMP port's metrics; bytes and tags are counted in numbers and copied at each scrape. */
import { originMetrics } from "../../src/metrics/origin.ts";
import type { Metrics } from "../../src/node/metrics.ts";
import type { FlvTag } from "../../src/rtmp/flv.ts";
import type { SessionEndCode } from "../../src/rtmp/session-event.ts";
import type { ConnectionLimits } from "./make-room.ts";
import type { KeyGrant } from "./stream-keys.ts";

export interface IngestMetrics {
  received(byteCount: number): void;
  tag(kind: FlvTag["kind"]): void;
  paused(feed: string): void;
  publisher(grant: KeyGrant, count: 0 | 1): void;
  ended(code: SessionEndCode): void;
  limitReached(limit: keyof ConnectionLimits): void;
}

export function ingestMetrics(
  metrics: Metrics,
  sources: {
    feeds: readonly string[];
    connections: () => Iterable<{ isPublishing: boolean; isClosing: boolean }>;
  },
): IngestMetrics {
  const received = metrics.counter(originMetrics.rtmpReceived);
  const tags = metrics.counter(originMetrics.rtmpTags);
  const connections = metrics.gauge(originMetrics.rtmpConnections);
  const publishers = metrics.gauge(originMetrics.rtmpPublishers);
  const pauses = metrics.counter(originMetrics.rtmpPauses);
  const ends = metrics.counter(originMetrics.rtmpEnds);
  const limits = metrics.counter(originMetrics.rtmpLimits);
  let receivedBytes = 0;
  const tagCounts = { audio: 0, video: 0, script: 0 };
  for (const feed of sources.feeds) {
    publishers.set(0, { feed, kind: "main" });
    publishers.set(0, { feed, kind: "standby" });
    pauses.add(0, { feed });
  }
  metrics.onCollect(() => {
    received.add(receivedBytes);
    receivedBytes = 0;
    for (const kind of ["audio", "video", "script"] as const) {
      tags.add(tagCounts[kind], { kind });
      tagCounts[kind] = 0;
    }
    const counts = { pending: 0, publishing: 0, closing: 0 };
    for (const connection of sources.connections()) {
      counts[stateOf(connection)]++;
    }
    for (const state of ["pending", "publishing", "closing"] as const) {
      connections.set(counts[state], { state });
    }
  });
  return {
    received: (byteCount) => (receivedBytes += byteCount),
    tag: (kind) => tagCounts[kind]++,
    paused: (feed) => pauses.add(1, { feed }),
    publisher: ({ feed, standby }, count) =>
      publishers.set(count, { feed, kind: standby ? "standby" : "main" }),
    ended: (reason) => ends.add(1, { reason }),
    limitReached: (limit) => limits.add(1, { limit }),
  };
}

function stateOf(connection: {
  isPublishing: boolean;
  isClosing: boolean;
}): "pending" | "publishing" | "closing" {
  if (connection.isClosing) return "closing";
  return connection.isPublishing ? "publishing" : "pending";
}
