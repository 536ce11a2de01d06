/** Exposes what the room of an edge counts, and what its viewers report of the swarm. */
import { roomMetrics } from "../../src/metrics/room.ts";
import { swarmMetrics } from "../../src/metrics/swarm.ts";
import type { Metrics } from "../../src/node/metrics.ts";
import { roomCount } from "./room-counts.ts";
import type { Room } from "./room.ts";
import type { SwarmSwitch } from "./swarm-switch.ts";
import { swarmTotal } from "./swarm-totals.ts";

const refusals = [
  ["full", roomCount.refusedFull],
  ["address", roomCount.refusedAddress],
  ["origin", roomCount.refusedOrigin],
  ["session", roomCount.refusedSession],
] as const;
const closings = [
  ["budget", roomCount.closedBudget],
  ["backlog", roomCount.closedBacklog],
  ["malformed", roomCount.closedMalformed],
  ["idle", roomCount.closedIdle],
  ["crowded", roomCount.closedCrowded],
] as const;
const directions = [
  ["in", roomCount.messagesIn, roomCount.bytesIn],
  ["out", roomCount.messagesOut, roomCount.bytesOut],
] as const;
const signalOutcomes = [
  ["relayed", roomCount.signalsRelayed],
  ["refused", roomCount.signalsRefused],
  ["dropped", roomCount.signalsDropped],
] as const;
const sources = [
  ["edge", swarmTotal.httpBytes],
  ["peers", swarmTotal.peerBytes],
] as const;

export interface RoomMetricsOptions {
  metrics: Metrics;
  audience: { room: Pick<Room, "counts" | "totals">; swarm: Pick<SwarmSwitch, "isOn"> };
  feeds: readonly string[];
}

export function exportRoomMetrics(options: RoomMetricsOptions): void {
  exportRoom(options);
  exportSwarm(options);
}

function exportRoom({ metrics, audience }: RoomMetricsOptions): void {
  const { counts } = audience.room;
  metrics.totals(roomMetrics.sockets, [{}], () => counts[roomCount.sockets]!);
  metrics.totals(
    roomMetrics.refused,
    refusals.map(([reason]) => ({ reason })),
    (index) => counts[refusals[index]![1]]!,
  );
  metrics.totals(
    roomMetrics.closed,
    closings.map(([reason]) => ({ reason })),
    (index) => counts[closings[index]![1]]!,
  );
  metrics.totals(
    roomMetrics.messages,
    directions.map(([direction]) => ({ direction })),
    (index) => counts[directions[index]![1]]!,
  );
  metrics.totals(
    roomMetrics.bytes,
    directions.map(([direction]) => ({ direction })),
    (index) => counts[directions[index]![2]]!,
  );
  metrics.totals(
    roomMetrics.signals,
    signalOutcomes.map(([outcome]) => ({ outcome })),
    (index) => counts[signalOutcomes[index]![1]]!,
  );
}

function exportSwarm({ metrics, audience, feeds }: RoomMetricsOptions): void {
  const { counts, totals } = audience.room;
  const each = feeds.map((feed) => ({ feed }));
  metrics.totals(swarmMetrics.on, each, (feed) => (audience.swarm.isOn(feed) ? 1 : 0));
  metrics.totals(swarmMetrics.cells, [{}], () => counts[roomCount.cells]!);
  metrics.totals(swarmMetrics.waiting, [{}], () => counts[roomCount.waiting]!);
  metrics.totals(swarmMetrics.members, [{}], () => counts[roomCount.cellMembers]!);
  metrics.totals(swarmMetrics.bans, [{}], () => counts[roomCount.bans]!);
  const ofFeed = (feed: number, slot: number): number => totals.of(feed)[slot]!;
  const received = feeds.flatMap((name, feed) =>
    sources.map(([from, slot]) => ({ feed, slot, labels: { feed: name, from } })),
  );
  metrics.totals(
    swarmMetrics.receivedBytes,
    received.map(({ labels }) => labels),
    (index) => ofFeed(received[index]!.feed, received[index]!.slot),
  );
  metrics.totals(swarmMetrics.uploadedBytes, each, (feed) =>
    ofFeed(feed, swarmTotal.uploadedBytes),
  );
  metrics.totals(swarmMetrics.refusedSegments, each, (feed) =>
    ofFeed(feed, swarmTotal.refusedCount),
  );
  metrics.totals(swarmMetrics.lateSegments, each, (feed) => ofFeed(feed, swarmTotal.lateCount));
}
