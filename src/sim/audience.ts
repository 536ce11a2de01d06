/**
 * Who watches: each viewer's arrival, edge, line and player, drawn before the night begins. Quantiles
 * come from a low-discrepancy sequence turned by the seed, so that a small audience has the same mix
 * of lines as a large one.
 */
import { log } from "../base/float.ts";
import { randomKey, randomWord } from "../base/prng.ts";
import type { Scenario } from "../config/schema-scenario.ts";
import { arrivalSec } from "../viewer/arrival-curve.ts";
import { join } from "../viewer/viewers.ts";
import { normalQuantile } from "./normal.ts";
import type { SimPlan } from "./plan.ts";
import { act, peerRole, type World } from "./world.ts";

/** What random numbers are for; never renumbered, so that runs stay reproducible. */
export const stream = {
  arrival: 1,
  access: 2,
  share: 3,
  marginal: 4,
  edge: 5,
  rule: 6,
  participation: 7,
  nat: 8,
  upload: 9,
  failure: 10,
  stay: 11,
  patience: 12,
  noise: 13,
  peer: 14,
  retry: 15,
  detection: 16,
  block: 17,
} as const;

/** Owner of random numbers that are nobody's in particular. */
const nobody = 0xffff_ffff;

/** Steps of the R2 and R1 sequences (Martin Roberts): powers of the plastic and golden numbers. */
const r2First = 0.7548776662466927;
const r2Second = 0.5698402909980532;
const r1 = 0.6180339887498949;
const ln2to32 = 4_294_967_296;

/** Fills the columns of every viewer; nobody has joined yet. */
export function gatherAudience(world: World): void {
  const { plan } = world;
  const { scenario } = plan;
  const placeOf = placesByEdge(plan);
  const turns = [stream.access, stream.share, stream.rule, stream.participation].map((of) =>
    randomOf(scenario.seed, of),
  );
  for (let order = 0; order < plan.viewerCount; order++) {
    const { index, edge } = placeOf(order);
    const key = randomKey(scenario.seed, index);
    const draw = (of: number): number => ratioOf(randomWord(key, of, 0));
    join(world.viewers, index, 0);
    world.key[index] = key;
    world.edge[index] = edge;
    world.homeEdge[index] = edge;
    world.act[index] = act.join;
    const quantile = (order + draw(stream.arrival)) / plan.viewerCount;
    // Of a driven night nobody comes before an input says so (driven-arrivals.ts).
    world.nextUs[index] = plan.isDriven
      ? Infinity
      : Math.round(1e6 * arrivalSec(scenario.audience.arrivals, quantile));
    world.pathLog2[index] = pathLog2(scenario.audience, {
      access: sequence(turns[0]!, order, r2First),
      share: sequence(turns[1]!, order, r2Second),
      marginal: draw(stream.marginal),
    });
    world.pathNoiseWindow[index] = -1_000_000;
    world.rule[index] = choiceOf(scenario.viewer.abr, sequence(turns[2]!, order, r1));
    const part = sequence(turns[3]!, order, r1);
    const role = peerRoleOf(scenario.swarm, { part, nat: draw(stream.nat) });
    const { uploads } = scenario.swarm;
    world.peerRole[index] = role;
    world.uploadKbps[index] =
      role === peerRole.gives ? uploads[choiceOf(uploads, draw(stream.upload))]!.kbps : 0;
  }
}

/** The n-th of points that fill the unit square evenly, however many there are. */
export function spread(n: number): { access: number; share: number } {
  return { access: sequence(0.5, n, r2First), share: sequence(0.5, n, r2Second) };
}

/** A whole number of 32 bits as a number within 0 and 1, exclusive. */
export function ratioOf(word: number): number {
  return (word + 0.5) / ln2to32;
}

function randomOf(seed: number, of: number): number {
  return ratioOf(randomWord(randomKey(seed, nobody), of, 0));
}

function sequence(turn: number, order: number, step: number): number {
  const value = (turn + order * step) % 1;
  return Math.min(Math.max(value, 1e-9), 1 - 1e-9);
}

/**
 * Where the viewer who arrives as number `order` stands: viewers of an edge are neighbours. Stratified
 * assignment deals one viewer of each run of arrivals to each edge, in an order that chance turns.
 */
export function placesByEdge(plan: SimPlan): (order: number) => { index: number; edge: number } {
  const { viewerCount, edgeCount, scenario } = plan;
  const edges = new Int32Array(viewerCount);
  const counts = new Int32Array(edgeCount + 1);
  const key = randomKey(scenario.seed, nobody);
  const isRandom = scenario.topology.assignment === "random";
  for (let order = 0; order < viewerCount; order++) {
    const round = Math.floor(order / edgeCount);
    const word = randomWord(key, isRandom ? stream.edge : stream.block, isRandom ? order : round);
    const edge = isRandom
      ? Math.floor(ratioOf(word) * edgeCount)
      : (order + (word % edgeCount)) % edgeCount;
    edges[order] = edge;
    counts[edge + 1]!++;
  }
  for (let edge = 0; edge < edgeCount; edge++) counts[edge + 1]! += counts[edge]!;
  const next = counts.slice();
  return (order) => {
    const edge = edges[order]!;
    return { index: next[edge]!++, edge };
  };
}

/** Binary logarithm of a viewer's median rate in bits a microsecond. */
function pathLog2(
  audience: Scenario["audience"],
  at: { access: number; share: number; marginal: number },
): number {
  return (pathLogKbps(audience, at) - log(1_000)) / log(2);
}

/** Natural logarithm of the median rate in kbps of the path at these quantiles, each within 0 and 1. */
export function pathLogKbps(
  audience: Scenario["audience"],
  at: { access: number; share: number; marginal: number },
): number {
  const { links } = audience;
  if (links.length > 0) return log(links[choiceOf(links, at.access)]!.kbps);
  if (at.marginal < audience.marginalRatio) {
    return log(audience.marginalKbpsMedian) + audience.marginalLogSigma * normalQuantile(at.access);
  }
  const access =
    log(audience.accessKbpsMedian) + audience.accessLogSigma * normalQuantile(at.access);
  const share =
    log(audience.pathShareMedian) + audience.pathShareLogSigma * normalQuantile(at.share);
  // A download never gets more than the line.
  return access + Math.min(0, share);
}

/** Index of the entry that the quantile falls into, by the entries' ratios. */
function choiceOf(entries: readonly { ratio: number }[], quantile: number): number {
  let upTo = 0;
  for (let i = 0; i < entries.length - 1; i++) {
    upTo += entries[i]!.ratio;
    if (quantile < upTo) return i;
  }
  return entries.length - 1;
}

function peerRoleOf(swarm: Scenario["swarm"], at: { part: number; nat: number }): number {
  const { participationRatio, takeOnlyRatio, natSuccessRatio } = swarm;
  if (at.nat >= natSuccessRatio) return peerRole.none;
  if (at.part < participationRatio) return peerRole.gives;
  return at.part < participationRatio + takeOnlyRatio ? peerRole.takes : peerRole.none;
}
