/**
 * The short way through a turn, for viewers to whom nothing happens: a segment comes in time, the next
 * poll finds one more, the same rung is asked for. In that case it does what viewer-step.ts and the
 * functions of src/viewer do, in one loop, and leaves the viewer to them at the first thing that is
 * otherwise. A test holds both against each other, bit by bit.
 *
 * It is one long function on purpose. An access to a column through a function's parameters costs V8
 * a dozen instructions, most of a step; with the columns as locals of one function a step takes less
 * than half the time (bench sim, November 2026). Only for the rule of hls.js without peers.
 */
import { halved } from "../base/float.ts";
import { randomWord } from "../base/prng.ts";
import { stayRatio, upRatio } from "../viewer/rules/hlsjs.ts";
import {
  bytesPerMsMax,
  defaultFirstByteMs,
  durationMsMin,
  keptAfterWait,
  sampledRatioMin,
  slowHalfLifeSec,
} from "../viewer/throughput-estimator.ts";
import { viewerPhase } from "../viewer/viewers.ts";
import { stream } from "./audience.ts";
import { countInto } from "./histogram.ts";
import { recentSlot } from "./listing.ts";
import { nearlyNormal } from "./normal.ts";
import { msnAtStart } from "./plan.ts";
import type { Shard } from "./shard.ts";
import {
  firstByteUsMax,
  follow,
  latencySampleMask,
  rateLog2Max,
  rateMax,
  runEvent,
} from "./viewer-step.ts";
import { act, loadRingCount, recentCount, sum, sumCount } from "./world.ts";

const ringMask = loadRingCount - 1;

/** Runs each viewer of edge e through the turn. */
// eslint-disable-next-line max-lines-per-function, complexity -- see above
export function runSteadily(s: Shard, e: number, members: Int32Array): void {
  const { world, plan, ladder, ladderRungs, rungCount, turnEndUs, bufferMsMax } = s;
  const { nextUs, act: kinds, endUs, key, pathLog2, pathNoise, pathNoiseWindow } = world;
  const { bodyBytes, bodyAskedUs, bodyFromUs, bodyBitsPerUs, bodyDoneUs, bodyRung } = world;
  const { newestMsn, listedUs, readyUs, demand, rungSegments, loadRing } = world;
  const { phase, clockMs, bufferMs, bufferEndMs, playedMs, skipMs, pollAtMs } = world.viewers;
  const { nextMsn, lastMsn, playlistRung, rungIndex, switchUpCount, switchDownCount } =
    world.viewers;
  const { fastBitsPerSec, slowBitsPerSec, fastSampledRatio, slowSampledRatio } = world.viewers;
  const { firstByteMs, firstByteSampledRatio, estimateKbps, estimateFirstByteMs } = world.viewers;
  const { attemptCount, retryAtMs, segmentCount, segmentBytes } = world.viewers;
  const { segmentMs, rttUs, quantaPerUs, windowsPerUs, publishDelayUs, sizeBytes } = plan;
  const { sizeRowCount } = plan;
  const { playlistCount } = plan.scenario.segment;
  const { peakBitsPerSec, averageBitsPerSec } = ladder;
  const { noiseKept, noiseAdded, noiseSigma, loadTimeoutUs, inPlateau } = s;
  const { latencyMs } = s.counts;
  const deepMs = 2 * ladder.segmentDurationMs;
  const noiseLast = noiseKept.length - 1;
  const ringRow = e * loadRingCount;
  const edgeRow = e * rungCount;
  let lastWaitMs = -1;
  let waitKept = 0;
  let sentBytes = 0;
  let requests = 0;
  let steps = 0;
  let joined = 0;

  // eslint-disable-next-line @typescript-eslint/prefer-for-of -- an iterator costs as much as a step
  for (let n = 0; n < members.length; n++) {
    const i = members[n]!;
    for (;;) {
      let nowUs = nextUs[i]!;
      if (nowUs >= turnEndUs) break;
      const kind = kinds[i]!;
      const leavesUs = endUs[i]!;
      if (nowUs >= leavesUs || phase[i] !== viewerPhase.playing) {
        runEvent(s, i, e);
        continue;
      }

      // The segment under way is complete, in time.
      if (kind === act.finish) {
        const nowMs = nowUs / 1_000;
        const elapsedMs = nowMs - clockMs[i]!;
        const leftMs = bufferMs[i]! - elapsedMs;
        const isDone = nowUs >= bodyDoneUs[i]!;
        if (!isDone || elapsedMs <= 0 || leftMs < 0 || skipMs[i] !== 0) {
          runEvent(s, i, e);
          continue;
        }
        const bytes = bodyBytes[i]!;
        const rung = bodyRung[i]!;
        const askedUs = bodyAskedUs[i]!;
        sentBytes += bytes;
        rungSegments[edgeRow + ladderRungs[rung]!]! += 1;
        // The estimator takes the sample (throughput-estimator.ts).
        const waitMs = (bodyFromUs[i]! - askedUs) * 0.001;
        const totalMs = (nowUs - askedUs) * 0.001;
        if (waitMs !== lastWaitMs) {
          waitKept = keptAfterWait(waitMs);
          lastWaitMs = waitMs;
        }
        const waitSampled = 1 - waitKept;
        const waitAverage = Math.max(waitMs, 5) * waitSampled + waitKept * firstByteMs[i]!;
        const waitRatio = waitSampled + waitKept * firstByteSampledRatio[i]!;
        const expectedMs =
          waitRatio < sampledRatioMin ? defaultFirstByteMs : waitAverage / waitRatio;
        firstByteMs[i] = waitAverage;
        firstByteSampledRatio[i] = waitRatio;
        estimateFirstByteMs[i] = expectedMs;
        const downloadMs = totalMs - Math.min(waitMs, expectedMs);
        const countedMs = Math.min(durationMsMin, bytes * (1 / bytesPerMsMax));
        const weightSec = Math.max(downloadMs, countedMs) * 0.001;
        const bitsPerSec = (8 * bytes) / weightSec;
        const slowKept = halved(weightSec * (1 / slowHalfLifeSec));
        const fastKept = slowKept * slowKept * slowKept;
        const fast = bitsPerSec * (1 - fastKept) + fastKept * fastBitsPerSec[i]!;
        const slow = bitsPerSec * (1 - slowKept) + slowKept * slowBitsPerSec[i]!;
        const fastRatio = 1 - fastKept + fastKept * fastSampledRatio[i]!;
        const slowRatio = 1 - slowKept + slowKept * slowSampledRatio[i]!;
        fastBitsPerSec[i] = fast;
        slowBitsPerSec[i] = slow;
        fastSampledRatio[i] = fastRatio;
        slowSampledRatio[i] = slowRatio;
        if (slowRatio >= sampledRatioMin) {
          estimateKbps[i] = Math.min(fast / fastRatio, slow / slowRatio) * 0.001;
        }
        // It is counted and appended (live-following.ts, playback.ts).
        const before = rungIndex[i]!;
        if (rung > before) switchUpCount[i]! += 1;
        else if (rung < before) switchDownCount[i]! += 1;
        rungIndex[i] = rung;
        segmentCount[i]! += 1;
        segmentBytes[i]! += bytes;
        attemptCount[i] = 0;
        clockMs[i] = nowMs;
        playedMs[i]! += elapsedMs;
        const filledMs = leftMs + segmentMs;
        bufferMs[i] = filledMs;
        const msn = nextMsn[i]!;
        const mediaEndMs = (msn + 1 - msnAtStart) * segmentMs;
        bufferEndMs[i] = mediaEndMs;
        nextMsn[i] = msn + 1;
        if (inPlateau && ((msn + i) & latencySampleMask) === 0) {
          countInto(latencyMs, nowMs - (mediaEndMs - filledMs));
        }
        const isNextListed = msn < lastMsn[i]!;
        if (retryAtMs[i]! > nowMs || (isNextListed && filledMs >= bufferMsMax)) {
          follow(s, i, e, nowUs);
          continue;
        }
        // Unless the next one is listed or a poll is due, it waits for the poll.
        const dueMs = pollAtMs[i]!;
        if (!isNextListed && dueMs > nowMs) {
          nowUs = Math.min(leavesUs, Math.max(Math.ceil(1_000 * dueMs), nowUs + 1_000));
        }
        kinds[i] = act.wake;
        nextUs[i] = nowUs;
        if (nowUs >= turnEndUs) break;
        if (nowUs >= leavesUs) continue;
      } else if (kind !== act.wake || nextMsn[i]! <= lastMsn[i]!) {
        runEvent(s, i, e);
        continue;
      }

      const followed = playlistRung[i]!;
      const msn = nextMsn[i]!;
      if (followed < 0 || estimateKbps[i] === 0) {
        runEvent(s, i, e);
        continue;
      }
      const globalRung = ladderRungs[followed]!;
      const row = edgeRow + globalRung;
      let askedUs = nowUs;
      let buffered = bufferMs[i]!;

      // Unless it is listed already, the poll finds the segment that is wanted next.
      if (msn > lastMsn[i]!) {
        const nowMs = nowUs / 1_000;
        const arrivesUs = nowUs + rttUs / 2;
        askedUs = arrivesUs + rttUs / 2;
        const answerMs = askedUs / 1_000;
        const polledMs = nowMs - clockMs[i]!;
        const answeredMs = answerMs - nowMs;
        const leftMs = buffered - polledMs;
        const dueMs = pollAtMs[i]!;
        const againMs = dueMs + segmentMs;
        const isSteady =
          askedUs < leavesUs &&
          polledMs >= 0 &&
          answeredMs > 0 &&
          leftMs >= answeredMs &&
          dueMs <= nowMs &&
          againMs > answerMs &&
          retryAtMs[i]! <= nowMs &&
          leftMs - answeredMs < bufferMsMax;
        if (!isSteady) {
          runEvent(s, i, e);
          continue;
        }
        const atOrigin = Math.floor((arrivesUs - publishDelayUs) * windowsPerUs) - 1 + msnAtStart;
        let listed = Math.min(newestMsn[row]!, atOrigin + 1);
        while (listed > msn && listedUs[recentSlot(row, listed)]! > arrivesUs) listed--;
        const isThere = listed >= msn && listedUs[recentSlot(row, listed)]! <= arrivesUs;
        if (!isThere || listed - msn >= playlistCount) {
          runEvent(s, i, e);
          continue;
        }
        requests++;
        lastMsn[i] = listed;
        pollAtMs[i] = againMs;
        attemptCount[i] = 0;
        clockMs[i] = answerMs;
        playedMs[i] = playedMs[i]! + polledMs + answeredMs;
        buffered = leftMs - answeredMs;
        bufferMs[i] = buffered;
      }

      // The rule chooses (rules/hlsjs.ts).
      const estimate = estimateKbps[i]! * 1000;
      const base = rungIndex[i]!;
      const rates = buffered >= deepMs ? averageBitsPerSec : peakBitsPerSec;
      const stayBudget = estimate * stayRatio;
      const upBudget = estimate * upRatio;
      let rung = rates.length - 1;
      while (rung > 0 && (rung > base ? upBudget : stayBudget) < rates[rung]!) rung--;
      if (rung !== followed) {
        follow(s, i, e, askedUs);
        continue;
      }
      requests++;

      // The next segment is asked for (viewer-step.ts, beginBody).
      steps++;
      demand[row]! += 1;
      const sizeRow = sizeRowCount === 1 ? 0 : (msn % sizeRowCount) * rungCount;
      const bytes = sizeBytes[sizeRow + globalRung]!;
      const window = Math.floor((askedUs + 0.5) * windowsPerUs);
      const passed = window - pathNoiseWindow[i]!;
      let noise = pathNoise[i]!;
      if (passed > 0) {
        const at = Math.min(passed, noiseLast);
        const fresh = nearlyNormal(randomWord(key[i]!, stream.noise, window));
        noise = noiseKept[at]! * noise + noiseAdded[at]! * fresh;
        pathNoise[i] = noise;
        pathNoiseWindow[i] = window;
      }
      const belowMax = rateLog2Max - (pathLog2[i]! + noiseSigma * noise);
      const bitsPerUs = rateMax * halved(Math.max(0, belowMax));
      const behind = newestMsn[row]! - msn;
      const isRecent = behind >= 0 && behind < recentCount;
      let thereUs = isRecent ? readyUs[recentSlot(row, msn)]! : Number.NaN;
      if (thereUs > askedUs + rttUs / 2) joined++;
      if (thereUs !== thereUs) {
        thereUs = askedUs + rttUs / 2 + plan.shieldRttUs + (8 * bytes) / plan.uplinkBitsPerUs;
      }
      const fromUs = Math.max(askedUs + rttUs, thereUs + rttUs / 2);
      const timeoutUs = fromUs - askedUs > firstByteUsMax ? firstByteUsMax : loadTimeoutUs;
      const stopUs = Math.min(leavesUs, askedUs + timeoutUs);
      const lastBitUs = fromUs + (8 * bytes) / bitsPerUs;
      const doneUs = Math.ceil(lastBitUs);
      const untilUs = Math.min(doneUs, stopUs);
      bodyBytes[i] = bytes;
      bodyAskedUs[i] = askedUs;
      bodyFromUs[i] = fromUs;
      bodyBitsPerUs[i] = bitsPerUs;
      bodyRung[i] = rung;
      bodyDoneUs[i] = doneUs;
      kinds[i] = act.finish;
      nextUs[i] = untilUs;
      if (untilUs <= fromUs) continue;
      // The edge's load rises, and falls at its end (load.ts).
      const begins = fromUs * quantaPerUs;
      const ends = Math.min(lastBitUs, untilUs) * quantaPerUs;
      const beginQuantum = Math.floor(begins);
      const endQuantum = Math.floor(ends);
      const beginLater = bitsPerUs * (begins - beginQuantum);
      const endLater = -bitsPerUs * (ends - endQuantum);
      loadRing[ringRow + (beginQuantum & ringMask)]! += bitsPerUs - beginLater;
      loadRing[ringRow + ((beginQuantum + 1) & ringMask)]! += beginLater;
      loadRing[ringRow + (endQuantum & ringMask)]! += -bitsPerUs - endLater;
      loadRing[ringRow + ((endQuantum + 1) & ringMask)]! += endLater;
    }
  }
  world.sums[e * sumCount + sum.edgeBytes]! += sentBytes;
  world.sums[e * sumCount + sum.requests]! += requests;
  world.sums[e * sumCount + sum.asked]! += steps;
  world.sums[e * sumCount + sum.joined]! += joined;
  s.counts.steps[0]! += steps;
}
