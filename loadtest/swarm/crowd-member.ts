/** One viewer of a crowd, put together: room, swarm's client with the viewer's line and faults, player. */
import { RoomClient } from "../../src/swarm/room-client.ts";
import type { RtcChannel, RtcConnection, SwarmPorts } from "../../src/swarm/client-ports.ts";
import { SwarmClient } from "../../src/swarm/swarm-client.ts";
import type { Viewers } from "../../src/viewer/viewers.ts";
import type { CrowdOptions } from "./crowd-options.ts";
import type { CrowdTotals } from "./crowd-totals.ts";
import type { EdgeHttp } from "./edge-http.ts";
import { lying, stalling, withChannels, withoutPath } from "./faulty-connection.ts";
import { nodePorts } from "./node-ports.ts";
import { SwarmViewer, type PlayedSegment } from "./swarm-viewer.ts";
import { Uplink } from "./uplink.ts";
import type { ViewerTraits } from "./viewer-traits.ts";

export interface CrowdMember {
  client: SwarmClient;
  /** Ends when the viewer has left. */
  watching: Promise<void>;
  leave(): void;
}

export interface Crowd {
  options: CrowdOptions;
  http: EdgeHttp;
  viewers: Viewers;
  totals: CrowdTotals;
  played: (segment: PlayedSegment) => void;
  /** Told of each new connection of a liar; what it returns, of each segment it then sends wrong. */
  newLiar: () => () => void;
}

/** Makes it join: from here on it watches as the viewer of that index in the crowd's columns. */
export function joinCrowd(crowd: Crowd, index: number, traits: ViewerTraits): CrowdMember {
  const { options, http, viewers, totals } = crowd;
  const { feed, kbps, latencyMs } = options;
  // Bytes are counted where they come in, whatever becomes of them.
  const spent = ({ msn }: { msn: number }, bytes: number): void => {
    if (viewer.isStartup(msn)) totals.startupBytes += bytes;
    else totals.httpBytes += bytes;
  };
  const { ports: own, openRoom } = nodePorts({ http, feed, spent });
  const ports = { ...own, createConnection: connectionsOf(traits, own, crowd.newLiar) };
  const room = new RoomClient({ ports, open: openRoom });
  const client = new SwarmClient({ room, ports });
  const viewer = new SwarmViewer({
    ...{ viewers, index, client, feed, kbps, latencyMs, totals },
    getBytes: (path, signal) => http.get(path, signal),
    nowMs: ports.nowMs,
    played: crowd.played,
  });
  room.open();
  client.rung(kbps);
  client.share(traits.share);
  const watching = viewer.watch();
  return {
    client,
    watching,
    leave: () => {
      viewer.leave();
      room.close();
    },
  };
}

function connectionsOf(
  { fault, uplinkKbps }: ViewerTraits,
  ports: SwarmPorts,
  newLiar: () => () => void,
): SwarmPorts["createConnection"] {
  const { createConnection } = ports;
  if (fault === "unreachable") return (servers) => withoutPath(createConnection(servers));
  const uplink = uplinkKbps < Infinity ? new Uplink(uplinkKbps, ports) : null;
  const pace = (channel: RtcChannel): RtcChannel => uplink?.pace(channel) ?? channel;
  return (servers): RtcConnection => {
    const connection = createConnection(servers);
    if (fault === "liar") {
      const lied = newLiar();
      return withChannels(connection, (channel) => lying(pace(channel), lied));
    }
    if (fault === "staller") return withChannels(connection, (channel) => stalling(pace(channel)));
    return uplink === null ? connection : withChannels(connection, pace);
  };
}
