/**
 * The model run that is held against a run on the wire: the same viewers on the same lines, and the
 * feed as its playlists and segments are. What the wire does not have is switched off. Pure.
 */
import { resolveScenario } from "../../src/config/resolve-scenario.ts";
import type { Scenario } from "../../src/config/schema-scenario.ts";
import type { FeedFacts } from "./feed-facts.ts";
import type { WireSetup } from "./wire-setup.ts";

/** Rates and capacities that limit nothing, where the wire has no limit. */
const ampleKbps = 1e7;

/** Throws when the feed cannot be said as a scenario, which would be a bug. */
export function twinScenario(
  scenario: Scenario,
  { setup, feed, seed }: { setup: WireSetup; feed: FeedFacts; seed: number },
): Scenario {
  const { audience, viewer } = scenario;
  const { durationSec, sharedEdgeKbps, edgeCount, viewerCount } = setup;
  const isEmulated = setup.links.length > 0;
  const result = resolveScenario([
    {
      source: "twin",
      values: {
        name: "wire-twin",
        title: `${viewerCount} viewers, as on the wire`,
        seed,
        durationSec,
        plateau: { fromSec: 0, toSec: durationSec },
        segment: {
          durationMs: feed.segmentDurationMs,
          publishDelayMs: feed.publishDelayMs,
          playlistCount: feed.playlistCount,
          sizesBytes: feed.sizesBytes,
        },
        ladder: {
          rungsKbps: feed.rungs.map(({ peakKbps }) => peakKbps),
          averagesKbps: feed.rungs.map(({ averageKbps }) => averageKbps),
        },
        viewer: {
          ...viewer,
          // Real players count in target durations, the model in segments.
          holdBackTargetDurations:
            (viewer.holdBackTargetDurations * feed.targetDurationMs) / feed.segmentDurationMs,
        },
        audience: {
          ...audience,
          viewerCount,
          sampleWeight: 1,
          arrivals: setup.arrivals,
          links: isEmulated ? setup.links : [{ ratio: 1, kbps: ampleKbps }],
          ...(isEmulated ? {} : { pathNoiseLogSigma: 0 }),
          marginalRatio: 0,
          rttMs: setup.rttMs,
          failedSessionRatio: 0,
        },
        topology: {
          edges: edgeCount,
          shields: 1,
          edgeKbpsPerViewer:
            sharedEdgeKbps === null ? ampleKbps : (sharedEdgeKbps * edgeCount) / viewerCount,
          shieldRttMs: 0,
          originRttMs: 0,
          uplinkKbps: ampleKbps,
        },
      },
    },
  ]);
  if (!result.ok) throw new Error(`no twin: ${JSON.stringify(result.problems)}`);
  return result.scenario;
}
