import { expect, test } from "vitest";
import { openFileCountMax, requireOpenFiles, type LinkPlan } from "./plan.ts";

const plan: LinkPlan = {
  stateDir: "state",
  edges: ["127.0.0.1:1", "127.0.0.1:2"],
  classes: [{ kbps: 300 }, { kbps: 600 }, { kbps: 900 }],
  rttMs: 80,
  noise: null,
  freeHeadBytes: 0,
  seed: 1,
  sharedKbpsPerEdge: null,
  connectionCountMax: 1_000,
};

test("a plan that needs more open files than the process may have is refused, with the command", () => {
  // Two a connection, six ports, 64 of the program's own.
  expect(() => requireOpenFiles(plan, 2_070)).not.toThrow();
  expect(() => requireOpenFiles(plan, 2_069)).toThrow(
    "connectionCountMax 1000 needs 2070 open files, and this process may have 2069: " +
      "raise it (ulimit -n 2070), or plan fewer connections",
  );
});

test("the limit is the process's own", () => {
  expect(openFileCountMax()).toBeGreaterThanOrEqual(256);
});
