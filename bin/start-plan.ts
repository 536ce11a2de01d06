/**
 * Which processes a broadcast on one machine has, on which ports, and the configuration of each.
 * Pure: ports come from the options, or from what the parent reported.
 */
import type { Config } from "../src/config/schema.ts";
import type { ReadyPorts } from "../src/node/ready.ts";

export type PortName = keyof ReadyPorts;

export interface PlannedNode {
  name: string;
  program: "origin" | "edge";
  /** Name of the node it fills from; the origin has none. */
  parent: string | undefined;
  /** `host:port` of each port it opens. */
  listen: Readonly<Partial<Record<PortName, string>>>;
}

/** Publishers and viewers come from other machines; tiers and operators of a `start` do not. */
const everywhere = "0.0.0.0";
const here = "127.0.0.1";

/** Origin, shield and edges, parents first. `portBase` 0 means any free ports. */
export function planNodes(options: {
  edgeCount: number;
  portBase?: number | undefined;
}): PlannedNode[] {
  const ports = portsOf(options.portBase);
  const admin = (index: number): string => `${here}:${ports.admin(index)}`;
  return [
    {
      name: "origin",
      program: "origin",
      parent: undefined,
      listen: {
        rtmp: `${everywhere}:${ports.rtmp}`,
        tier: `${here}:${ports.originTier}`,
        admin: admin(0),
      },
    },
    {
      name: "shield",
      program: "edge",
      parent: "origin",
      listen: { tier: `${here}:${ports.shieldTier}`, admin: admin(1) },
    },
    ...Array.from({ length: options.edgeCount }, (_, index): PlannedNode => {
      const viewer = `${everywhere}:${ports.viewer(index)}`;
      const listen = { viewer, admin: admin(index + 2) };
      return { name: `edge-${index + 1}`, program: "edge", parent: "shield", listen };
    }),
  ];
}

/** Of Prometheus, for `start --prometheus`; 0: any free one. */
export function prometheusPort(portBase: number | undefined): number {
  return portsOf(portBase).prometheus;
}

/** A base takes one block of 30 ports: publishers first, then viewers, tiers, operators. */
function portsOf(base: number | undefined) {
  if (base === undefined) {
    return {
      rtmp: 1_935,
      viewer: (index: number) => 8_080 + index,
      shieldTier: 8_090,
      originTier: 8_100,
      prometheus: 9_090,
      admin: (index: number) => 9_100 + index,
    };
  }
  const at = (offset: number): number => (base === 0 ? 0 : base + offset);
  return {
    rtmp: at(0),
    viewer: (index: number) => at(1 + index),
    shieldTier: at(10),
    originTier: at(11),
    prometheus: at(12),
    admin: (index: number) => at(20 + index),
  };
}

/** The same node on the ports it got, so that it comes back on them after a crash. */
export function pinned(node: PlannedNode, ports: ReadyPorts): PlannedNode {
  const listen = Object.fromEntries(
    Object.entries(node.listen).map(([name, address]) => {
      const port = ports[name as PortName];
      const host = address.slice(0, address.lastIndexOf(":"));
      return [name, port === undefined ? address : `${host}:${port}`];
    }),
  );
  return { ...node, listen };
}

/** Settings that `start` decides for its children, whatever the configuration says. */
export const ownKeys = [
  "node.name",
  "rtmp.listen",
  "tier.listen",
  "viewer.listen",
  "admin.listen",
  "parents",
] as const;

/** The configuration of one node: what is configured for all, and what `start` decides. */
export function nodeConfig(
  config: Config,
  node: PlannedNode,
  own: { stateDir: string; parentTierPort: number | undefined; standbyKeyHash: string | undefined },
): Record<string, unknown> {
  const { rtmp, tier, viewer, admin } = node.listen;
  const isOrigin = node.program === "origin";
  const standby = own.standbyKeyHash === undefined ? [] : [own.standbyKeyHash];
  return {
    ...config,
    node: { ...config.node, name: node.name },
    // Relays do not need to know who may publish. The test card is for the first feed.
    feeds: config.feeds.map((feed, index) =>
      isOrigin
        ? {
            ...feed,
            standbyKeyHashes: [...feed.standbyKeyHashes, ...(index === 0 ? standby : [])],
          }
        : { name: feed.name },
    ),
    rtmp: { ...config.rtmp, listen: rtmp ?? null },
    tier: { ...config.tier, listen: tier ?? null },
    viewer: { ...config.viewer, listen: viewer ?? null },
    admin: { ...config.admin, listen: admin ?? null },
    parents: own.parentTierPort === undefined ? [] : [`http://${here}:${own.parentTierPort}`],
    stateDir: own.stateDir,
  };
}
