/** Viewers of the swarm in this process, without a player: they want whatever the room says is there. */
import type { RtcChannel, SwarmStats } from "../../src/swarm/client-ports.ts";
import { RoomClient } from "../../src/swarm/room-client.ts";
import { SwarmClient } from "../../src/swarm/swarm-client.ts";
import { EdgeHttp } from "../swarm/edge-http.ts";
import { lying, stalling, withChannels } from "../swarm/faulty-connection.ts";
import { nodePorts } from "../swarm/node-ports.ts";

export interface SwarmPeer {
  readonly stats: SwarmStats;
  leave(): void;
}

/** `liar`: gives other bytes than those asked for; `staller`: begins to give, and never ends. */
export type PeerKind = "honest" | "liar" | "staller";

const bufferReportMs = 250;
/** As a page that watches at this distance from the live edge. */
const aheadMs = 8_000;

export function joinSwarm(options: {
  edgeUrl: string;
  feed: string;
  kbps: number;
  kind: PeerKind;
}): SwarmPeer {
  const { edgeUrl, feed, kbps, kind } = options;
  const http = new EdgeHttp(edgeUrl);
  const { ports: own, openRoom } = nodePorts({ http, feed });
  const wrap = (channel: RtcChannel): RtcChannel => {
    if (kind === "liar") return lying(channel, () => undefined);
    return kind === "staller" ? stalling(channel) : channel;
  };
  const ports = {
    ...own,
    createConnection: (servers: Parameters<typeof own.createConnection>[0]) =>
      withChannels(own.createConnection(servers), wrap),
  };
  const room = new RoomClient({ ports, open: openRoom });
  const client = new SwarmClient({ room, ports });
  room.listen((event) => {
    if (event.kind !== "segment") return;
    client.want(event.segment, ports.nowMs() + aheadMs, {
      deliver: () => undefined,
      refuse: () => undefined,
    });
  });
  room.open();
  client.rung(kbps);
  client.share("both");
  const timer = setInterval(() => client.buffer(aheadMs), bufferReportMs);
  return {
    get stats() {
      return client.stats;
    },
    leave: () => {
      clearInterval(timer);
      client.close();
      room.close();
      void http.close();
    },
  };
}
