import { expect, test } from "vitest";
import { Metrics } from "../../src/node/metrics.ts";
import { exportRoomMetrics } from "./export-room-metrics.ts";
import { roomCount, roomCountSlots } from "./room-counts.ts";
import { SwarmTotals, swarmTotal } from "./swarm-totals.ts";

/** Each sample of rooms and swarm, without the labels of the node. */
async function samplesOf(metrics: Metrics): Promise<Record<string, number>> {
  const lines = (await metrics.text()).split("\n");
  const samples = lines.filter((line) => /^live_(room|swarm)_/.test(line));
  return Object.fromEntries(
    samples.map((line) => {
      const [, name = "", labels = "", value = ""] = /^(\w+)\{(.*)\} (\S+)$/.exec(line) ?? [];
      const own = labels.split(",").filter((label) => !/^(tier|node)=/.test(label));
      return [[name, ...own].join(" "), Number(value)];
    }),
  );
}

test("each counter of the room stands in the metrics under its name, and what members report", async () => {
  const metrics = new Metrics({ tier: "edge", node: "test" });
  const counts = Float64Array.from({ length: roomCountSlots }, (_, slot) => 100 + slot);
  const totals = new SwarmTotals(1);
  for (const slot of Object.values(swarmTotal)) totals.of(0)[slot] = 200 + slot;
  exportRoomMetrics({
    metrics,
    audience: { room: { counts, totals }, swarm: { isOn: () => true } },
    feeds: ["main"],
  });
  const of = (name: keyof typeof roomCount): number => 100 + roomCount[name];
  const total = (name: keyof typeof swarmTotal): number => 200 + swarmTotal[name];
  const expected = {
    live_room_sockets: of("sockets"),
    'live_room_refused_total reason="full"': of("refusedFull"),
    'live_room_refused_total reason="address"': of("refusedAddress"),
    'live_room_refused_total reason="origin"': of("refusedOrigin"),
    'live_room_refused_total reason="session"': of("refusedSession"),
    'live_room_closed_total reason="budget"': of("closedBudget"),
    'live_room_closed_total reason="backlog"': of("closedBacklog"),
    'live_room_closed_total reason="malformed"': of("closedMalformed"),
    'live_room_closed_total reason="idle"': of("closedIdle"),
    'live_room_closed_total reason="crowded"': of("closedCrowded"),
    'live_room_bytes_total direction="in"': of("bytesIn"),
    'live_room_bytes_total direction="out"': of("bytesOut"),
    'live_room_messages_total direction="in"': of("messagesIn"),
    'live_room_messages_total direction="out"': of("messagesOut"),
    'live_room_signals_total outcome="relayed"': of("signalsRelayed"),
    'live_room_signals_total outcome="refused"': of("signalsRefused"),
    'live_room_signals_total outcome="dropped"': of("signalsDropped"),
    live_swarm_waiting: of("waiting"),
    live_swarm_cells: of("cells"),
    live_swarm_members: of("cellMembers"),
    live_swarm_bans_total: of("bans"),
  };
  const samples = await samplesOf(metrics);
  expect(samples).toMatchObject(expected);
  expect(new Set(Object.values(expected)).size).toBe(roomCountSlots);
  const reported = Object.entries(samples).filter(([, value]) => value >= 200);
  expect(Object.fromEntries(reported)).toEqual({
    'live_swarm_received_bytes_total feed="main" from="edge"': total("httpBytes"),
    'live_swarm_received_bytes_total feed="main" from="peers"': total("peerBytes"),
    'live_swarm_uploaded_bytes_total feed="main"': total("uploadedBytes"),
    'live_swarm_refused_segments_total feed="main"': total("refusedCount"),
    'live_swarm_late_segments_total feed="main"': total("lateCount"),
  });
});
