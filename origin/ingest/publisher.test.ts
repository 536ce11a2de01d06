import { expect, test } from "vitest";
import { decideSeat } from "./publisher.ts";

const main = { standby: false };
const standby = { standby: true };

test.each([
  ["nobody", undefined, "main", main, "sit"],
  ["nobody", undefined, "standby", standby, "sit"],
  ["main", main, "main", main, "prove"],
  ["standby", standby, "main", main, "take-over"],
  ["main", main, "standby", standby, "refuse"],
  ["standby", standby, "standby", standby, "refuse"],
])(
  "while %s publishes (%j), a newcomer with a %s key gets the right answer",
  (_, seated, __, newcomer, decision) => {
    expect(decideSeat(seated, newcomer)).toBe(decision);
  },
);
