/**
 * The measured half of a load test's report: real viewers over real sockets, and the generator that
 * played them. Gbps are decimal and count media payload; ratios are from 0 to 1. Means of
 * tiers and processes are over the window that was measured, when everybody has arrived; how viewers
 * fared and what caches answered is over the whole run.
 */
import { z } from "zod";
import { byRung, count, figure, share } from "./schema-report-parts.ts";

const timelineRow = z
  .strictObject({
    tSec: figure("Start of the interval, s after the run's."),
    egressGbps: figure("What edges send; against a foreign target, what viewers receive."),
    fillGbps: figure("What edges fetch from shields.").nullable(),
    shieldFillGbps: figure("What shields fetch from the origin.").nullable(),
    viewers: count("Viewers in session."),
    stalledRatio: share("Share of them whose picture stands; null where nobody asked.").nullable(),
    cpu: z
      .record(z.string(), z.number().min(0))
      .describe("CPU in use by process, cores; names as in processes."),
  })
  .describe("One interval, measured.");

const quality = z
  .strictObject({
    startupMsP50: figure(
      "From the instant a viewer meant to join to its first frame: median; null where nobody started.",
    ).nullable(),
    startupMsP95: figure("The same: 95 in 100 are faster.").nullable(),
    startFailureRatio: share("Share of the sessions that never showed a frame."),
    stallRatio: share("Stalled / (stalled + played)."),
    stallsPerHour: figure("Stalls an hour and viewer."),
    switchesPerMin: figure("Changes of the rung, a minute and viewer."),
    latencyMsP50: figure(
      "From the feed's live instant to what a viewer sees: median; null where playlists tell no time.",
    ).nullable(),
    latencyMsP95: figure("The same: 95 in 100 are nearer.").nullable(),
    kbpsPerViewer: figure("Payload that a viewer gets, kbps; over the measured window."),
    rungShare: byRung(
      "Share of the segments fetched, by rung (kbps); null where the rungs are not known.",
    ).nullable(),
    requests: count("Playlists and segments that were asked for."),
    failedRatio: share("Share of them that failed."),
    lateSegmentRatio: share("Share of the segments that came after their deadline."),
    playlistMsP99: figure(
      "From the instant a poll was due to the playlist's last byte: 99 in 100; null where none came.",
    ).nullable(),
    playlistAgeMsP99: figure(
      "Age of the newest segment that a playlist lists: 99 in 100; null where playlists tell no time.",
    ).nullable(),
    digestChecks: count("Segments whose digest was verified."),
    digestFailures: count("Those of them that were not what the origin made."),
  })
  .describe("How the real viewers fared over the whole run, measured.");

const cache = z
  .strictObject({
    hitRatio: share("The edge had it."),
    joinRatio: share("Joined a fill under way."),
    missRatio: share("Began a fill."),
    staleRatio: share("Answered with what was out of date."),
  })
  .describe(
    "Segments by what X-Cache said of them to viewers, measured; the rest had another outcome.",
  );

const tier = z
  .strictObject({
    tier: z.enum(["edge", "shield", "origin"]).describe("Which."),
    nodes: count("Processes."),
    egressBytes: count("Payload sent, over the measured window."),
    fillBytes: count("Payload fetched from the tier above; null at the origin.").nullable(),
    egressGbps: figure("Mean of what it sends."),
    hitRatio: share(
      "Requests for segments that it had; null at the origin, and where nobody asked.",
    ).nullable(),
  })
  .describe("One tier by its own counters, measured.");

const processCost = z
  .strictObject({
    name: z.string().describe("Such as edge-1, shield, origin, k6."),
    cpuSec: figure("CPU time, user and system, over the measured window."),
    cores: figure("The same a second: cores in use on average."),
    cpuCoresPerGbps: figure(
      "Cores for each Gbps that the process sends; received, for the generator; null below 0.05 Gbps.",
    ).nullable(),
    rssBytesMax: count("Most resident memory."),
  })
  .describe("What a process cost, measured.");

export const linkClasses = z
  .array(
    z.strictObject({
      ratio: share("Share of the viewers."),
      kbps: figure("Rate of their line, kbps."),
    }),
  )
  .describe("Classes of viewers' lines; empty: not emulated.");

export const sharedEdgeKbps = figure(
  "Rate that the viewers of an edge share, kbps: the modelled capacity scaled to the real viewers; null: not emulated.",
).nullable();

export const wireSection = z
  .strictObject({
    viewers: count("Real viewers, a session and its sockets each."),
    connectionsPeak: count(
      "Most connections that the edges had open at once; null against a foreign target.",
    ).nullable(),
    durationSec: figure("Of the measured window."),
    edges: count("Real edges; 0 against a foreign target."),
    linkClasses,
    sharedEdgeKbps,
    timeline: z.array(timelineRow).describe("Over the whole run, instants rising."),
    quality,
    cache: cache.nullable(),
    tiers: z.array(tier).describe("From the edge up; empty against a foreign target."),
    processes: z.array(processCost).describe("Of the stack, where it is ours, and the generator."),
  })
  .describe("Through real sockets: every figure measured.");

export const generatorSection = z
  .strictObject({
    k6Version: z.string().describe("Such as v2.2.0."),
    cores: figure("Cores that k6 may use."),
    busyRatio: figure("Share of them that it used, at the busiest of the window."),
    scheduleLagMsP99: figure("How late k6 woke viewers up: 99 in 100 are less late."),
    droppedIterations: count("Viewers that k6 could not start when they were due."),
    vus: count("k6's virtual users; one plays one viewer."),
    rssBytes: count("Resident memory of k6, at most."),
    bytesPerViewer: figure("The same for each viewer."),
    machineBusyRatio: share("Share of all the machine's cores in use, mean."),
  })
  .describe("Health of the load generator, measured.");
