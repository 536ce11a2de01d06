/** Rules of what a driven night may be told, given its plan: edges there are, caps there may be. */
import type { SimInput, SimOrder } from "../config/schema-sim-inputs.ts";
import type { SimPlan } from "./plan.ts";

/** Undefined, or why the night cannot be told so once `joinedCount` viewers have come, for people. */
export function orderProblem(
  plan: SimPlan,
  joinedCount: number,
  order: SimOrder,
): string | undefined {
  const { audience, topology } = plan.scenario;
  switch (order.kind) {
    case "join": {
      const left = audience.viewerCount - joinedCount;
      if (order.count <= left) return undefined;
      return `count must be at most ${left}: ${joinedCount} of the audience of ${audience.viewerCount} have come, got ${order.count}`;
    }
    case "edge-down":
      if (order.count < topology.edges) return undefined;
      return `count must leave one of ${topology.edges} edges up, got ${order.count}`;
    case "shield-down":
      if (order.count < topology.shields) return undefined;
      return `count must leave one of ${topology.shields} shields up, got ${order.count}`;
    case "cap":
      if (plan.capsKbps.includes(order.capKbps)) return undefined;
      return `capKbps must be one of ${capWords(plan)} (others are named in capsKbps when the run is made), got ${order.capKbps}`;
    case "edge-up":
    case "shield-up":
    case "capacity":
      return undefined;
  }
}

/** The first of the inputs that breaks a rule, by its index, or undefined. */
export function inputsProblem(
  plan: SimPlan,
  inputs: readonly SimInput[],
): { index: number; problem: string } | undefined {
  let joinedCount = 0;
  for (const [index, input] of inputs.entries()) {
    const problem = orderProblem(plan, joinedCount, input);
    if (problem !== undefined) return { index, problem };
    if (input.kind === "join") joinedCount += input.count;
  }
  return undefined;
}

function capWords({ capsKbps }: SimPlan): string {
  const rates = capsKbps.filter((cap) => cap !== null).sort((a, b) => a - b);
  return ["null", ...new Set(rates)].join(", ");
}
