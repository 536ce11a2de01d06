/**
 * Viewers of one rung in one process, over real HTTP, WebSockets and WebRTC: they come, watch, are
 * replaced and leave; what they did in the measured time is the result.
 */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { createViewers, join } from "../../src/viewer/viewers.ts";
import { machineCpuSec } from "../wire/process-usage.ts";
import { joinCrowd, type Crowd, type CrowdMember } from "./crowd-member.ts";
import type { CrowdFigures, CrowdOptions, CrowdResult } from "./crowd-options.ts";
import { noTotals, quantile, totalsSince, type CrowdTotals } from "./crowd-totals.ts";
import { EdgeHttp } from "./edge-http.ts";
import type { PlayedSegment } from "./swarm-viewer.ts";
import { traitsOf, type ViewerTraits } from "./viewer-traits.ts";

/** How often it is looked whether newcomers have a connection. */
const lookMs = 100;
/** What is under way when the viewers leave may take so long to end. */
const leaveMsMax = 2_000;

/** Runs it from the first join to the last leave. */
export async function runCrowd(options: CrowdOptions): Promise<CrowdResult> {
  const run = new CrowdRun(options);
  try {
    return await run.whole();
  } finally {
    await run.end();
  }
}

/** What is read at the beginning and the end of the measured time. */
interface Moment {
  totals: CrowdTotals;
  cpu: NodeJS.CpuUsage;
  machine: { busy: number; all: number };
  atMs: number;
}

class CrowdRun {
  readonly #options: CrowdOptions;
  readonly #traits: ViewerTraits[];
  readonly #http: EdgeHttp;
  readonly #crowd: Crowd;
  /** Who sits in each place now; joinedMs and whether a connection was seen, for newcomers. */
  readonly #members: (CrowdMember & { joinedMs: number; isConnected: boolean })[] = [];
  readonly #played = new Map<number, Set<string>>();
  readonly #lies: { count: number }[] = [];
  readonly #connectedMs: number[] = [];
  readonly #loopDelay = monitorEventLoopDelay({ resolution: 10 });
  #left = noTotals();
  #fetchMs: number[] = [];
  #nextIndex = 0;
  #replacedCount = 0;
  readonly #timers: NodeJS.Timeout[] = [];

  constructor(options: CrowdOptions) {
    this.#options = options;
    this.#traits = traitsOf(options);
    this.#http = new EdgeHttp(options.edgeUrl);
    this.#crowd = {
      options,
      http: this.#http,
      viewers: createViewers(options.viewerCount + replacementCountMax(options)),
      totals: noTotals(),
      played: (segment) => this.#notePlayed(segment),
      newLiar: () => {
        const lies = { count: 0 };
        this.#lies.push(lies);
        return () => {
          lies.count++;
        };
      },
    };
  }

  async whole(): Promise<CrowdResult> {
    const { viewerCount, joinMs, settleMs, measuredMs, replaceEveryMs } = this.#options;
    this.#timers.push(setInterval(() => this.#lookForConnections(), lookMs));
    for (let place = 0; place < viewerCount; place++) {
      this.#takePlace(place);
      await delay(joinMs / viewerCount);
    }
    if (replaceEveryMs > 0) {
      this.#timers.push(setInterval(() => this.#replaceOne(), replaceEveryMs));
    }
    await delay(settleMs);
    this.#fetchMs = [];
    this.#loopDelay.enable();
    const before = this.#moment();
    await delay(measuredMs);
    this.#loopDelay.disable();
    const measured = this.#figuresSince(before);
    for (const timer of this.#timers) clearInterval(timer);
    const total = this.#totals();
    const members = [...this.#members];
    for (const member of members) this.#leave(member);
    await Promise.race([Promise.all(members.map(({ watching }) => watching)), delay(leaveMsMax)]);
    return {
      measured,
      total,
      httpBodyBytes: this.#http.bodyBytes,
      played: Object.fromEntries([...this.#played].map(([msn, digests]) => [msn, [...digests]])),
      liesPerConnectionMax: Math.max(0, ...this.#lies.map(({ count }) => count)),
      lieCount: this.#lies.reduce((sum, { count }) => sum + count, 0),
    };
  }

  async end(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    for (const member of this.#members.splice(0)) member.leave();
    await this.#http.close();
  }

  #takePlace(place: number): void {
    const joinedMs = performance.now();
    const index = this.#nextIndex++;
    join(this.#crowd.viewers, index, joinedMs);
    const member = joinCrowd(this.#crowd, index, this.#traits[place]!);
    this.#members[place] = { ...member, joinedMs, isConnected: false };
  }

  /** Whoever has been there longest leaves: places in turn. */
  #replaceOne(): void {
    const place = this.#replacedCount++ % this.#options.viewerCount;
    if (this.#nextIndex === this.#crowd.viewers.count) return;
    this.#leave(this.#members[place]!);
    this.#takePlace(place);
  }

  #leave(member: CrowdMember): void {
    member.leave();
    addStats(this.#left, member);
  }

  #lookForConnections(): void {
    const nowMs = performance.now();
    for (const member of this.#members) {
      if (member.isConnected || member.client.stats.peerCount === 0) continue;
      member.isConnected = true;
      this.#connectedMs.push(nowMs - member.joinedMs);
    }
  }

  #notePlayed({ msn, sha256, fetchMs, isStartup }: PlayedSegment): void {
    const digests = this.#played.get(msn) ?? new Set();
    this.#played.set(msn, digests.add(sha256));
    if (!isStartup) this.#fetchMs.push(fetchMs);
  }

  /** Of all viewers so far: what each counted by itself, and what playback came to. */
  #totals(): CrowdTotals {
    const totals = { ...this.#crowd.totals };
    totals.receivedBytes = this.#left.receivedBytes;
    totals.uploadedBytes = this.#left.uploadedBytes;
    totals.refusedCount = this.#left.refusedCount;
    totals.bannedCount = this.#left.bannedCount;
    for (const member of this.#members) addStats(totals, member);
    const { stallCount, stalledMs, playedMs } = this.#crowd.viewers;
    for (let i = 0; i < this.#nextIndex; i++) {
      totals.stallCount += stallCount[i]!;
      totals.stalledMs += stalledMs[i]!;
      totals.playedMs += playedMs[i]!;
    }
    return totals;
  }

  #moment(): Moment {
    const machine = machineCpuSec();
    return { totals: this.#totals(), cpu: process.cpuUsage(), machine, atMs: performance.now() };
  }

  #figuresSince(before: Moment): CrowdFigures {
    const now = this.#moment();
    const totals = totalsSince(before.totals, now.totals);
    const cpuUs = now.cpu.user + now.cpu.system - before.cpu.user - before.cpu.system;
    const busySec = now.machine.busy - before.machine.busy;
    const peerCounts = this.#members.map(({ client }) => client.stats.peerCount);
    return {
      ...totals,
      offloadRatio: totals.peerBytes / (totals.peerBytes + totals.httpBytes),
      fetchMsP50: quantile(this.#fetchMs, 0.5),
      fetchMsP99: quantile(this.#fetchMs, 0.99),
      connectedMsP50: quantile(this.#connectedMs, 0.5),
      connectedCount: this.#connectedMs.length,
      peerCountMean: peerCounts.reduce((sum, count) => sum + count, 0) / peerCounts.length,
      cpuCores: cpuUs / 1_000 / (now.atMs - before.atMs),
      loopLagMsMax: this.#loopDelay.max / 1e6,
      machineBusyRatio: busySec / (now.machine.all - before.machine.all),
      rssBytes: process.memoryUsage.rss(),
    };
  }
}

function addStats(totals: CrowdTotals, { client }: CrowdMember): void {
  const { peerBytes, uploadedBytes, refusedCount, bannedCount } = client.stats;
  totals.receivedBytes += peerBytes;
  totals.uploadedBytes += uploadedBytes;
  totals.refusedCount += refusedCount;
  totals.bannedCount += bannedCount;
}

function replacementCountMax({ replaceEveryMs, settleMs, measuredMs }: CrowdOptions): number {
  return replaceEveryMs > 0 ? Math.ceil((settleMs + measuredMs) / replaceEveryMs) + 2 : 0;
}
