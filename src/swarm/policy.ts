/** What an edge lets its viewers do for each other: pushed to each by the room, changed at any time. */

export interface IceServer {
  /** One `stun:`, `turn:` or `turns:` URL. */
  url: string;
  username: string;
  credential: string;
}

export interface SwarmPolicy {
  mode: "off" | "on";
  /** Ceiling of what a viewer uploads, averaged over a few seconds; 0: what its line gives. */
  uploadKbpsMax: number;
  /** Viewers of a full cell who fetch a segment from the edge at once; smaller cells have fewer. */
  seedCount: number;
  /** Empty by default: then only viewers of one network find each other. */
  iceServers: readonly IceServer[];
}

export const swarmOff: SwarmPolicy = {
  mode: "off",
  uploadKbpsMax: 0,
  seedCount: 0,
  iceServers: [],
};
