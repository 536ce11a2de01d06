/** The part of a scenario that is about its load test: real viewers on real sockets (docs/loadtest.md). */
import { z } from "zod";
import { flag, integer, real } from "./schema-parts.ts";

export const wire = z.strictObject({
  viewerCount: integer(2_000, { min: 1, max: 100_000 }, "Real viewers beside the modelled ones."),
  edges: integer(2, { min: 1, max: 8 }, "Real edges, below one real shield."),
  source: z.enum(["replay", "live"]).default("replay").meta({
    doc: "What the origin has: replay: a recording, so that no encoder takes the CPU; live: the test card over RTMP.",
  }),
  linkClassCount: integer(
    8,
    { min: 0, max: 32 },
    "Classes that the viewers' lines are sorted into, an emulated rate each; 0: no emulation, viewers have all that the machine gives.",
  ),
  hasScaledEdges: flag(
    true,
    "Whether the real viewers of an edge share as much capacity as the scenario has for as many.",
  ),
  timeRatio: real(
    10,
    { min: 0.1, max: 1_000 },
    "How many seconds of the modelled night pass in one of the load test's.",
  ),
  joinBatchViewerCount: integer(
    250,
    { min: 1, max: 100_000 },
    "Modelled viewers that k6 lets join at a time.",
  ),
  validationCounts: z
    .array(z.int().min(1).max(20_000))
    .max(6)
    .default([100, 300, 1_000])
    .meta({ doc: "Numbers of real viewers at which the model is held against the wire." }),
  validationSec: integer(60, { min: 20, max: 3_600 }, "How long each of those runs takes."),
  sampleEvery: integer(
    40,
    { min: 0, max: 100_000 },
    "Each viewer reads one segment in so many and verifies its digest; 0: none.",
  ),
});
