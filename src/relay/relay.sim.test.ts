/** Whole tiers in virtual time: what a viewer may rely on while links fail. */
import { expect, test } from "vitest";
import { emptyPath, type ParsedPath } from "../hls/path.ts";
import { outcome } from "./answer.ts";
import { countIndex } from "./counts.ts";
import { rigOptions } from "./testing/rig.ts";
import {
  randomFrom,
  segmentBytes,
  VirtualNode,
  VirtualOrigin,
  VirtualTime,
  type LinkFaults,
} from "./testing/virtual-tiers.ts";

const playlist: ParsedPath = { ...emptyPath("media"), feed: "main", rung: 300 };
const segment = (msn: number): ParsedPath => ({
  ...emptyPath("segment"),
  feed: "main",
  rung: 300,
  epoch: 7,
  msn,
});
const options = { ...rigOptions, cacheBytesMax: 50_000_000 };

interface Run {
  origin: VirtualOrigin;
  shields: VirtualNode[];
  edges: VirtualNode[];
  /** What viewers met, by outcome, after the first half minute. */
  met: Float64Array;
  /** A log of everything that happened, for comparing runs. */
  trace: string;
}

/** Two shields, four edges, 5,000 viewers an edge who poll each 4.267 s, for ten minutes. */
function rehearse(seed: number, faults: LinkFaults): Run {
  const time = new VirtualTime();
  const random = randomFrom(seed);
  const origin = new VirtualOrigin(time);
  const node = (parents: (VirtualOrigin | VirtualNode)[]): VirtualNode =>
    new VirtualNode({ time, relay: options, parents, random, faults });
  const shields = [node([origin]), node([origin])];
  const edges = Array.from({ length: 4 }, (_, index) =>
    node(index % 2 === 0 ? shields : [...shields].reverse()),
  );
  const met = new Float64Array(9);
  for (let atMs = 1_000; atMs < 600_000; atMs += 1_067) {
    for (const edge of edges) {
      time.at(atMs + Math.round(random() * 500), () => {
        const count = (found: number): void => {
          if (time.nowMs > 30_000) met[found]! += 1_250;
        };
        count(edge.view(playlist, 1_250));
        const { lastMsn, listed } = edge.relay.state.tracks[0]!;
        if (listed) count(edge.view(segment(lastMsn - 2), 1_250));
      });
    }
  }
  time.runUntil(600_000);
  const trace = JSON.stringify(
    [...shields, ...edges].map((n) => [n.lastMsns, [...n.relay.state.counts]]),
  );
  return { origin, shields, edges, met, trace };
}

const noFaults: LinkFaults = { failRatio: 0, silentRatio: 0, latencyMsMax: 40 };

test("without faults every viewer hits, and each tier fetches each segment once", () => {
  const { origin, shields, edges, met } = rehearse(1, noFaults);
  const total = met.reduce((sum, count) => sum + count, 0);
  expect(met[outcome.hit]).toBe(total);
  for (const [path, count] of origin.requests) {
    if (path.endsWith(".m4s")) expect(count, path).toBeLessThanOrEqual(shields.length);
  }
  for (const node of [...shields, ...edges]) {
    const { counts } = node.relay.state;
    expect(node.fillBytes).toBe(counts[countIndex.fill]! * segmentBytes);
    expect(counts[countIndex.retry]! + counts[countIndex.hedge]!).toBe(0);
  }
});

test("a playlist at an edge is a fraction of a second behind the origin's", () => {
  const { origin, edges } = rehearse(2, noFaults);
  for (const edge of edges) expect(edge.lastMsns.at(-1)).toBe(origin.lastMsn);
});

test("the same seed gives the same run, another seed another one", () => {
  const faults = { failRatio: 0.1, silentRatio: 0.05, latencyMsMax: 300 };
  expect(rehearse(7, faults).trace).toBe(rehearse(7, faults).trace);
  expect(rehearse(7, faults).trace).not.toBe(rehearse(8, faults).trace);
});

test("with failing and silent links MSN never goes back and nearly everybody is served", () => {
  for (const seed of [11, 12, 13]) {
    const faults = { failRatio: 0.1, silentRatio: 0.05, latencyMsMax: 300 };
    const { shields, edges, met } = rehearse(seed, faults);
    for (const { lastMsns } of [...shields, ...edges]) {
      expect(lastMsns).toEqual([...new Set(lastMsns)].sort((a, b) => a - b));
    }
    const total = met.reduce((sum, count) => sum + count, 0);
    const refused =
      total - met[outcome.hit]! - met[outcome.join]! - met[outcome.miss]! - met[outcome.stale]!;
    expect(met[outcome.hit]! / total, `seed ${seed}`).toBeGreaterThan(0.97);
    expect(refused / total, `seed ${seed}`).toBeLessThan(0.005);
  }
});

test("a shield that falls silent costs its edges no playlist: the other one is asked", () => {
  const time = new VirtualTime();
  const random = randomFrom(3);
  const origin = new VirtualOrigin(time);
  const dead = { ask: () => undefined };
  const node = (parents: ConstructorParameters<typeof VirtualNode>[0]["parents"]): VirtualNode =>
    new VirtualNode({ time, relay: options, parents, random, faults: noFaults });
  const edge = node([dead, node([origin])]);
  const met = new Set<number>();
  for (let atMs = 0; atMs < 120_000; atMs += 500) {
    time.at(atMs, () => {
      const found = edge.view(playlist, 100);
      if (atMs >= 10_000) met.add(found);
    });
  }
  time.runUntil(120_000);
  expect([...met]).toEqual([outcome.hit]);
  expect(edge.relay.state.counts[countIndex.ejection]).toBeGreaterThan(0);
});
