/**
 * The short way through a turn for viewers to whom nothing happens: a segment comes in time, the next
 * poll finds one more, the same rung is asked for. It does exactly what viewer-step.ts and src/viewer
 * do in that case, in one loop without their calls, and leaves the viewer to them at the first thing
 * that is otherwise; a test holds both against each other, bit by bit. Only for hls.js's rule, whose
 * viewers remember nothing else. It halves the time of a night (bench sim).
 */
import { hlsjs } from "../viewer/rules/hlsjs.ts";
import { sampleDownload } from "../viewer/throughput-estimator.ts";
import { viewerPhase } from "../viewer/viewers.ts";
import { countInto } from "./histogram.ts";
import { newestAtEdge } from "./listing.ts";
import { msnAtStart } from "./plan.ts";
import type { Shard } from "./shard.ts";
import { beginBody, follow, latencySampleMask, runEvent } from "./viewer-step.ts";
import { act, sum, sumCount } from "./world.ts";

/** Runs each viewer of edge e through the turn. */
export function runSteadily(s: Shard, e: number, members: Int32Array): void {
  const { nextUs } = s.world;
  const { turnEndUs } = s;
  for (let n = 0; n < members.length; n++) {
    const i = members[n]!;
    while (nextUs[i]! < turnEndUs) {
      if (!completeSteadily(s, i, e)) {
        runEvent(s, i, e);
        continue;
      }
      if (nextUs[i]! < turnEndUs && !pollSteadily(s, i, e)) runEvent(s, i, e);
    }
  }
}

/** The segment under way has come in time. False, and nothing done, where that is not so. */
function completeSteadily(s: Shard, i: number, e: number): boolean {
  const { world } = s;
  const { viewers } = world;
  const nowUs = world.nextUs[i]!;
  const nowMs = nowUs / 1_000;
  const elapsedMs = nowMs - viewers.clockMs[i]!;
  const bufferMs = viewers.bufferMs[i]!;
  if (world.act[i] !== act.finish || nowUs < world.bodyDoneUs[i]! || nowUs >= world.endUs[i]!) {
    return false;
  }
  if (viewers.phase[i] !== viewerPhase.playing || viewers.skipMs[i] !== 0) return false;
  if (elapsedMs <= 0 || elapsedMs > bufferMs || world.bodyFromPeer[i] === 1) return false;
  const { segmentMs } = s.plan;
  const bytes = world.bodyBytes[i]!;
  const rung = world.bodyRung[i]!;
  const askedUs = world.bodyAskedUs[i]!;
  world.sums[e * sumCount + sum.edgeBytes]! += bytes;
  world.rungSegments[e * s.rungCount + s.ladderRungs[rung]!]! += 1;
  sampleDownload(
    viewers,
    i,
    bytes,
    (world.bodyFromUs[i]! - askedUs) * 0.001,
    (nowUs - askedUs) * 0.001,
  );
  const before = viewers.rungIndex[i]!;
  if (rung > before) viewers.switchUpCount[i]! += 1;
  else if (rung < before) viewers.switchDownCount[i]! += 1;
  viewers.rungIndex[i] = rung;
  viewers.segmentCount[i]! += 1;
  viewers.segmentBytes[i]! += bytes;
  viewers.attemptCount[i] = 0;
  viewers.clockMs[i] = nowMs;
  viewers.playedMs[i]! += elapsedMs;
  const filledMs = bufferMs - elapsedMs + segmentMs;
  viewers.bufferMs[i] = filledMs;
  const msn = viewers.nextMsn[i]!;
  const mediaEndMs = (msn + 1 - msnAtStart) * segmentMs;
  viewers.bufferEndMs[i] = mediaEndMs;
  viewers.nextMsn[i] = msn + 1;
  if (s.inPlateau && ((msn + i) & latencySampleMask) === 0) {
    countInto(s.counts.latencyMs, nowMs - (mediaEndMs - filledMs));
  }
  const pollAtMs = viewers.pollAtMs[i]!;
  if (msn < viewers.lastMsn[i]! || pollAtMs <= nowMs || viewers.retryAtMs[i]! > nowMs) {
    follow(s, i, e, nowUs);
    return true;
  }
  world.act[i] = act.wake;
  world.nextUs[i] = Math.min(world.endUs[i]!, Math.max(Math.ceil(1_000 * pollAtMs), nowUs + 1_000));
  return true;
}

/** The poll finds the next segment, and it is asked for. False, and nothing done, where not so. */
function pollSteadily(s: Shard, i: number, e: number): boolean {
  const { world, plan } = s;
  const { viewers } = world;
  const nowUs = world.nextUs[i]!;
  const followed = viewers.playlistRung[i]!;
  if (world.act[i] !== act.wake || nowUs >= world.endUs[i]! || followed < 0) return false;
  const nowMs = nowUs / 1_000;
  const arrivesUs = nowUs + plan.rttUs / 2;
  const answerUs = arrivesUs + plan.rttUs / 2;
  const answerMs = answerUs / 1_000;
  const bufferMs = viewers.bufferMs[i]!;
  const polledMs = nowMs - viewers.clockMs[i]!;
  const answeredMs = answerMs - nowMs;
  const leftMs = bufferMs - polledMs;
  if (polledMs <= 0 || polledMs > bufferMs || answeredMs <= 0 || answeredMs > leftMs) return false;
  const pollAtMs = viewers.pollAtMs[i]!;
  const againMs = pollAtMs + plan.segmentMs;
  if (pollAtMs > nowMs || againMs <= answerMs || viewers.retryAtMs[i]! > nowMs) return false;
  if (leftMs - answeredMs >= s.bufferMsMax || viewers.phase[i] !== viewerPhase.playing)
    return false;
  const msn = viewers.nextMsn[i]!;
  const row = e * s.rungCount + s.ladderRungs[followed]!;
  if (viewers.lastMsn[i] !== msn - 1 || newestAtEdge(world, row, arrivesUs) !== msn) return false;
  world.sums[e * sumCount + sum.requests]! += 1;
  viewers.lastMsn[i] = msn;
  viewers.pollAtMs[i] = againMs;
  viewers.attemptCount[i] = 0;
  viewers.clockMs[i] = answerMs;
  viewers.playedMs[i] = viewers.playedMs[i]! + polledMs + answeredMs;
  viewers.bufferMs[i] = leftMs - answeredMs;
  const rung = hlsjs(viewers, i, s.ladder);
  if (rung === followed) beginBody(s, i, e, answerUs, rung);
  else follow(s, i, e, answerUs);
  return true;
}
