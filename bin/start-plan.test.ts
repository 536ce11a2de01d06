import { expect, test } from "vitest";
import { resolveConfig } from "../src/config/resolve.ts";
import { nodeConfig, pinned, planNodes, prometheusPort, type PlannedNode } from "./start-plan.ts";

function configOf(values: Record<string, unknown> = {}) {
  const result = resolveConfig([{ source: "test", values }]);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.config;
}

function addresses(nodes: readonly PlannedNode[]): string[] {
  return nodes.flatMap(({ name, listen }) =>
    Object.entries(listen).map(([port, address]) => `${name} ${port} ${address}`),
  );
}

test("by default publishers and viewers reach it from anywhere, tiers and operators from here", () => {
  expect(addresses(planNodes({ edgeCount: 2 }))).toEqual([
    "origin rtmp 0.0.0.0:1935",
    "origin tier 127.0.0.1:8100",
    "origin admin 127.0.0.1:9100",
    "shield tier 127.0.0.1:8090",
    "shield admin 127.0.0.1:9101",
    "edge-1 viewer 0.0.0.0:8080",
    "edge-1 admin 127.0.0.1:9102",
    "edge-2 viewer 0.0.0.0:8081",
    "edge-2 admin 127.0.0.1:9103",
  ]);
});

test("a port base moves every port, and 0 leaves every port open", () => {
  const moved = addresses(planNodes({ edgeCount: 8, portBase: 9000 })).map((text) =>
    Number(text.split(":")[1]),
  );
  expect(Math.min(...moved)).toBe(9000);
  expect(Math.max(...moved)).toBe(9029);
  expect(addresses(planNodes({ edgeCount: 8, portBase: 0 })).every((a) => a.endsWith(":0"))).toBe(
    true,
  );
});

test("no two ports of a plan are the same", () => {
  for (const portBase of [undefined, 2000]) {
    const nodes = addresses(planNodes({ edgeCount: 8, portBase }));
    const all = [...nodes.map((text) => Number(text.split(":")[1])), prometheusPort(portBase)];
    expect(new Set(all).size).toBe(all.length);
  }
});

test("a node keeps the ports it got", () => {
  const [origin] = planNodes({ edgeCount: 1, portBase: 0 });
  expect(pinned(origin!, { rtmp: 41_000, tier: 41_001, admin: 41_002 }).listen).toEqual({
    rtmp: "0.0.0.0:41000",
    tier: "127.0.0.1:41001",
    admin: "127.0.0.1:41002",
  });
});

test("each node's configuration is valid, and relays know no keys", () => {
  const hash = `sha256:${"a".repeat(64)}`;
  const config = configOf({
    feeds: [{ name: "one", keyHashes: [hash] }, { name: "two" }],
    ladder: { capKbps: 300 },
    viewer: { listen: "127.0.0.1:1" },
  });
  const nodes = planNodes({ edgeCount: 1 });
  const configs = nodes.map((node) =>
    configOf(
      nodeConfig(config, node, {
        stateDir: `/state/${node.name}`,
        parentTierPort: node.parent === undefined ? undefined : 77,
        standbyKeyHash: hash,
      }),
    ),
  );
  const [origin, shield, edge] = configs;
  expect(configs.map(({ ladder }) => ladder.capKbps)).toEqual([300, 300, 300]);
  expect(configs.map(({ parents }) => parents)).toEqual([
    [],
    ["http://127.0.0.1:77"],
    ["http://127.0.0.1:77"],
  ]);
  expect(origin!.feeds.map(({ standbyKeyHashes }) => standbyKeyHashes)).toEqual([[hash], []]);
  expect(origin!.viewer.listen).toBeNull();
  expect(shield!.viewer.listen).toBeNull();
  expect(edge!.tier.listen).toBeNull();
  expect(edge!.viewer.listen).toBe("0.0.0.0:8080");
  expect(JSON.stringify([shield!.feeds, edge!.feeds])).not.toContain("sha256");
});
