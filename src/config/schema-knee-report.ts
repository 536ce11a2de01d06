/**
 * `knee.json` of `fullhouse knee`: how many real viewers this machine carries, what broke first, and
 * what a larger audience takes by proportion. Steps, knee and perEdgeCore are measured, what is below
 * extrapolated is not. Gbps are decimal and count payload; ratios are from 0 to 1.
 */
import { z } from "zod";
import { count, figure, share } from "./schema-report-parts.ts";

const text = (description: string) => z.string().describe(description);

const finding = z.strictObject({
  cause: z
    .enum(["edge CPU", "generator", "machine", "quality"])
    .describe(
      "edge CPU: an edge, which is one thread, had no core left; generator: k6 did not keep up; machine: all cores were busy; quality: viewers were served badly.",
    ),
  words: text("The evidence: what was seen, and what is allowed."),
});

const step = z.strictObject({
  viewers: z.int().min(1).describe("Real viewers, a session and a socket each."),
  measuredSec: figure("How long everybody was there: all other figures are over it."),
  gbps: figure("Payload that left the edges."),
  edgeCores: figure("Cores that all edges together used, by their CPU time."),
  busiestEdge: z
    .strictObject({ name: text("Its name."), cores: figure("Cores that it used.") })
    .describe("The edge that used the most."),
  generatorCores: figure("Cores that k6 used."),
  generatorBusyRatio: figure("Most that k6 used of its cores over 8 s, arrivals included."),
  machineBusyRatio: share("Of all cores that may be used, by whatever ran."),
  otherCores: figure("Cores that were used by neither the broadcast nor k6."),
  scheduleLagMsP99: figure("How late k6 woke viewers, p99."),
  startupMsP95: figure("From the instant a viewer meant to join to its first frame."),
  lateSegmentRatio: share("Segments that came after the buffer had run empty."),
  playlistMsP99: figure("From the instant a poll was due to the playlist's last byte."),
  failedRatio: share("Requests that were not answered well."),
  edgeBytes: count("Resident memory of all edges, at its most."),
  generatorBytes: count("Resident memory of k6, at its most."),
  edgeSockets: count("Files that the edges had open, at the most, above those without viewers."),
  broken: z.array(finding).describe("What was out of bounds; empty: the step was good."),
});

const perCore = z.strictObject({
  viewers: figure("Viewers per core of an edge."),
  gbps: figure("Gbps per core of an edge."),
});

const knee = z
  .strictObject({
    viewers: z.int().min(1).describe("Of the largest good step."),
    gbps: figure("Payload that left the edges."),
    edges: z.int().min(1).describe("Edges, a thread each."),
    edgeCores: figure("Cores that all edges together used, by their CPU time."),
    generatorCores: figure("Cores that k6 used."),
    edgeBytesIdle: figure("Resident memory of an edge before the first viewer."),
    edgeBytesPerViewer: figure("What edges grew by since then, per viewer."),
    generatorBytesPerViewer: figure("Resident memory of k6 per viewer."),
    socketsPerViewer: figure("Files that the edges had open for viewers, per viewer."),
    perEdgeCore: z.strictObject({
      asUsed: perCore.describe("Per core in use: CPU time, so an idle half is not counted."),
      atLimit: perCore
        .nullable()
        .describe("Per edge, a whole core each; null unless edge CPU broke first."),
    }),
  })
  .describe(
    "Measured: the most viewers that were served well; where nothing broke (end.by), at least so many, and no knee.",
  );

const end = z.strictObject({
  by: z
    .enum([
      ...["edge CPU", "generator", "machine", "quality"],
      ...["descriptors", "ports", "range", "limits"],
    ] as const)
    .describe(
      "What broke first; or descriptors, ports: open files or local ports allow no more; range: --to was reached; limits: no step or time was left.",
    ),
  viewers: z.int().min(1).describe("Viewers of the broken step; else of the last good one."),
  words: text("The evidence."),
  also: z.array(z.string()).describe("What else was out of bounds in that step."),
});

const extrapolatedFigure = (description: string) =>
  z
    .strictObject({ value: z.number(), formula: text("How, with its numbers.") })
    .describe(description);

const machines = (description: string) =>
  extrapolatedFigure(description).extend({
    decidedBy: z.enum(["cores", "network", "memory", "sockets"]).describe("What is short first."),
    byResource: z
      .strictObject({
        cores: count("For the cores."),
        network: count("For the network."),
        memory: count("For the memory."),
        sockets: count("For the sockets."),
      })
      .describe("Machines that each resource alone would take."),
  });

const extrapolated = z
  .strictObject({
    viewers: z.int().min(1).describe("The audience that was asked about."),
    machine: z
      .strictObject({
        cores: count("Cores."),
        nicGbps: figure("Network, Gbps."),
        memoryBytes: count("Memory."),
        sockets: count("Connections."),
      })
      .describe("The machine that machines are counted in; an assumption."),
    gbps: extrapolatedFigure("Payload that leaves the edges."),
    edgeCores: extrapolatedFigure("Cores for edges, an edge each."),
    generatorCores: extrapolatedFigure("Cores to generate it with k6."),
    nicsAt10GbE: extrapolatedFigure("Cards of 10 Gbps."),
    nicsAt25GbE: extrapolatedFigure("Cards of 25 Gbps."),
    nicsAt100GbE: extrapolatedFigure("Cards of 100 Gbps."),
    edgeBytes: extrapolatedFigure("Memory of the edges."),
    generatorBytes: extrapolatedFigure("Memory of the generators."),
    sockets: extrapolatedFigure("Connections at the edges, and as many at the generators."),
    edgeMachines: machines("Machines for edges."),
    generatorMachines: machines("Machines to generate it with."),
  })
  .describe("By proportion from the knee: nothing of it was run.");

const kneeReport = z.strictObject({
  evidence: z.literal("measured and extrapolated").describe("What is in the report."),
  version: z.literal(1).describe("Version of this form."),
  scenario: text("Name of the scenario."),
  seed: count("Random numbers follow from it."),
  commit: text("The code that ran."),
  startedUnixMs: count("When, ms since 1970."),
  stepSec: figure("Length of a step, arrivals included."),
  rungsKbps: z.array(z.number()).min(1).describe("Rates that the feed offered."),
  end: end.describe("Why the search ended."),
  steps: z.array(step).min(1).describe("Measured, in the order in which they ran."),
  knee,
  extrapolated,
  caveats: z.array(z.string()).describe("What a reader has to know before believing figures."),
  host: z
    .strictObject({
      cores: count("Cores that this machine lets the run use."),
      memoryBytes: count("Memory of the machine."),
      cpu: text("Model of the processor."),
      kernel: text("Operating system and release."),
      node: text("Version of Node."),
      k6: text("Version of k6."),
      openFilesMax: count("Files that a program may have open."),
    })
    .describe("The machine: everything measured ran on it."),
  command: text("The command that runs it again."),
});

export type KneeReport = z.output<typeof kneeReport>;

/** A report whose knee is not the largest good step below the broken ones is refused. */
export const kneeReportSchema = kneeReport.superRefine(({ steps, knee: found }, context) => {
  const good = steps.filter(({ broken }) => broken.length === 0).map(({ viewers }) => viewers);
  const bad = steps.filter(({ broken }) => broken.length > 0).map(({ viewers }) => viewers);
  if (found.viewers !== Math.max(...good)) {
    context.addIssue({ code: "custom", message: "knee: is not the largest good step" });
  }
  if (Math.max(...good) >= Math.min(...bad)) {
    context.addIssue({ code: "custom", message: "steps: a good one is not below a broken one" });
  }
});

/** The form as JSON Schema, by the name of the file in docs/ that holds it. */
export function kneeReportJsonSchemas(): Record<string, unknown> {
  return { "knee-report": z.toJSONSchema(kneeReport) };
}
