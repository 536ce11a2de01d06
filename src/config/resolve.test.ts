import { expect, test } from "vitest";
import { nest, type SettingsLayer } from "./resolve-layers.ts";
import { resolveConfig } from "./resolve.ts";

function problemsOf(...layers: SettingsLayer[]): string[] {
  const result = resolveConfig(layers);
  if (result.ok) return [];
  return result.problems.map((p) => `${p.source}: ${p.key} ${p.rule}, got ${p.got}`);
}

function layer(source: string, values: Record<string, unknown>): SettingsLayer {
  return { source, values };
}

test("an empty configuration is complete and valid", () => {
  const result = resolveConfig([]);
  expect(result.ok && result.config.feeds.map((feed) => feed.name)).toEqual(["main"]);
  expect(result.ok && result.config.rtmp.application).toBe("live");
});

test("a later layer wins, and every value says where it comes from", () => {
  const result = resolveConfig([
    layer("fullhouse.yaml", { ladder: { capKbps: 450, preset: "hd" } }),
    layer("--set ladder.capKbps", nest("ladder.capKbps", 300)),
  ]);
  if (!result.ok) throw new Error("refused");
  expect(result.config.ladder.capKbps).toBe(300);
  expect(result.config.ladder.preset).toBe("hd");
  expect(result.sources.get("ladder.capKbps")).toBe("--set ladder.capKbps");
  expect(result.sources.get("ladder.preset")).toBe("fullhouse.yaml");
});

test("the result cannot be changed", () => {
  const result = resolveConfig([]);
  if (!result.ok) throw new Error("refused");
  const ladder = result.config.ladder as { capKbps: number | null };
  expect(() => (ladder.capKbps = 1)).toThrow(TypeError);
});

test("all problems come at once, each with its key, rule, value and source", () => {
  const problems = problemsOf(
    layer("fullhouse.yaml", {
      ladder: { capKbps: 99, colour: "red" },
      tier: { listen: "nowhere" },
      parents: ["ftp://parent"],
    }),
    layer("FULLHOUSE_WINDOW__SEGMENT_COUNT", { window: { segmentCount: "many" } }),
  );
  expect(problems).toHaveLength(5);
  expect(problems).toContainEqual(
    "fullhouse.yaml: ladder.capKbps must be at least 100: below that no picture is worth sending, got 99",
  );
  expect(problems).toContainEqual('fullhouse.yaml: ladder.colour is not a known key, got "red"');
  expect(problems.some((text) => text.startsWith("FULLHOUSE_WINDOW__SEGMENT_COUNT: window"))).toBe(
    true,
  );
});

test("a key named __proto__ changes nothing", () => {
  const values = JSON.parse('{"__proto__": {"polluted": true}, "node": {"name": "a"}}') as Record<
    string,
    unknown
  >;
  expect(resolveConfig([layer("file", values)]).ok).toBe(true);
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
});

test("two rungs of one rate are refused, because the rate is the rung's name", () => {
  const rung = { kbps: 400, width: 640, height: 360 };
  expect(problemsOf(layer("file", { ladder: { rungs: [rung, rung] } }))).toEqual([
    expect.stringContaining("file: ladder.rungs must not name the same kbps twice"),
  ]);
});

test("two feeds of one name are refused, because they would share URLs and counters", () => {
  const feeds = [{ name: "main" }, {}];
  expect(problemsOf(layer("file", { feeds }))).toEqual([
    expect.stringContaining("file: feeds must not name the same feed twice"),
  ]);
});

test("a section or list with nothing in it is the default, and leaves what was set before", () => {
  const empty = { rtmp: null, feeds: null, parents: null, ladder: { rungs: null } };
  const result = resolveConfig([
    layer("file", { rtmp: { application: "on-air" } }),
    layer("b", empty),
  ]);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  expect(result.config.rtmp.application).toBe("on-air");
  expect(result.config.feeds.map((feed) => feed.name)).toEqual(["main"]);
  expect(problemsOf(layer("file", { rtmp: { application: null } }))).toHaveLength(1);
});

test("a problem never repeats what may be a stream key or the tiers' secret", () => {
  const problems = problemsOf(
    layer("file", {
      feeds: [{ keyHashes: ["raw-key"] }, { name: "b", standbyKeyHashes: "raw-key" }],
      tier: { secret: 42_424_242 },
    }),
    layer("more", { ladder: { secret: "raw-key" }, window: { a: { keyHashes: ["raw-key"] } } }),
  );
  expect(problems).toHaveLength(5);
  expect(problems.join("\n")).not.toMatch(/raw-key|4242/);
  expect(problems[0]).toMatch(/feeds\.0\.keyHashes\.0 must be sha256: .*, got a value that is not/);
  expect(problemsOf(layer("file", { feeds: [{ keyHash: "raw-key" }] }))).toEqual([
    "file: feeds.0.keyHash is not a known key, got a value that is not shown",
  ]);
});

const turn = { url: "turn:turn.example.org:3478?transport=udp", username: "a", credential: "b" };

test.each([
  ["off is below on", { autoOnMbps: 10, autoOffMbps: 9 }, undefined],
  [
    "off is not below on",
    { autoOnMbps: 10, autoOffMbps: 10 },
    "swarm.autoOffMbps must be below swarm.autoOnMbps",
  ],
  ["STUN needs no credential", { iceServers: [{ url: "stun:[2001:db8::1]:3478" }] }, undefined],
  ["TURN has one", { iceServers: [turn] }, undefined],
  [
    "TURN without one",
    { iceServers: [{ url: turn.url }] },
    "swarm.iceServers.0 must have a username and a credential",
  ],
  ["no ICE server", { iceServers: [{ url: "https://a" }] }, "swarm.iceServers.0.url must be stun:"],
])("the swarm's keys: %s", (_, swarm, problem) => {
  const problems = problemsOf(layer("file", { swarm }));
  expect(problems).toEqual(problem === undefined ? [] : [expect.stringContaining(problem)]);
});

test("a TURN server's credential is not shown in a problem", () => {
  const wrong = { ...turn, username: "", credential: "pass-word" };
  const problems = problemsOf(layer("file", { swarm: { iceServers: [wrong] } }));
  expect(problems).toHaveLength(1);
  expect(problems.join()).not.toContain("pass-word");
});

test("an allowed origin is an origin, not a page", () => {
  check(["https://tv.example.org"], 0);
  check(["https://tv.example.org/watch"], 1);
  check(["*"], 1);
  function check(allowedOrigins: string[], problemCount: number): void {
    expect(problemsOf(layer("file", { room: { allowedOrigins } }))).toHaveLength(problemCount);
  }
});

test("proxies are addresses or networks, and origins are taken in lower case", () => {
  const trustedProxies = ["127.0.0.1", "10.0.0.0/8", "::1", "fd00::/8"];
  const good = resolveConfig([
    layer("a.yaml", {
      viewer: { trustedProxies },
      room: { allowedOrigins: ["https://TV.Example.org"] },
    }),
  ]);
  expect(good.ok && good.config.viewer.trustedProxies).toEqual(trustedProxies);
  expect(good.ok && good.config.room.allowedOrigins).toEqual(["https://tv.example.org"]);
  for (const proxy of ["proxy.example", "10.0.0.0/33", "10.0.0/8", ""]) {
    expect(problemsOf(layer("a.yaml", { viewer: { trustedProxies: [proxy] } }))).toHaveLength(1);
  }
});
