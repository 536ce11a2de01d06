/**
 * A night in steps of one millisecond: each step looks at every viewer and moves every body on, edge
 * by edge, at its max-min share of the link. The plainest form of the model, for the engine to be
 * compared with: no events, no quanta, no relays, no shortcuts. Players are src/viewer's, the audience
 * and all random numbers are the engine's; sharing, timing and sums are this file's own. Without
 * faults, peers, refusals and failing players; requests do not time out.
 */
import { chooseEvenStart } from "../../viewer/even-start.ts";
import { randomWord } from "../../base/prng.ts";
import type { Scenario } from "../../config/schema-scenario.ts";
import {
  acceptPlaylist,
  countSegment,
  nextAction,
  selectRung,
  viewerAction,
  wakeAtMs,
} from "../../viewer/live-following.ts";
import { shortenedByMs, startPatienceMs, stayMs } from "../../viewer/patience.ts";
import { advancePlayback, appendSegment } from "../../viewer/playback.ts";
import { abrRules } from "../../viewer/rules/rule-table.ts";
import { sampleDownload } from "../../viewer/throughput-estimator.ts";
import { createViewers, join, viewerPhase, type Viewers } from "../../viewer/viewers.ts";
import { gatherAudience, ratioOf, stream } from "../audience.ts";
import { nearlyNormal } from "../normal.ts";
import { msnAtStart, planOf, type SimPlan } from "../plan.ts";
import type { World } from "../world.ts";
import { memoryOf } from "./run-night.ts";

/** What a night came to, with all sessions that are open at its end. */
export interface NightSums {
  bytes: number;
  playedMs: number;
  stalledMs: number;
  sessions: number;
  /** Complete segments, by rung. */
  rungSegments: number[];
}

interface Body {
  viewer: Person;
  rung: number;
  bytes: number;
  askedMs: number;
  fromMs: number;
  bitsPerMs: number;
  bitsLeft: number;
}

interface Person {
  i: number;
  edge: number;
  session: number;
  /** Waits until `atMs` for what `then` says; bodies end by themselves. */
  then: "join" | "look" | "answer" | "body";
  atMs: number;
  /** When the session ends. */
  endMs: number;
  /** When the edge looks its playlist up for the poll under way. */
  pollAtEdgeMs: number;
  body: Body | undefined;
  noise: number;
  noiseWindow: number;
}

export function steppedNight(scenario: Scenario): NightSums {
  const night = new SteppedNight(scenario);
  for (let nowMs = 0; nowMs <= 1_000 * scenario.durationSec; nowMs++) night.step(nowMs);
  return night.close(1_000 * scenario.durationSec);
}

class SteppedNight {
  readonly #plan: SimPlan;
  readonly #world: World;
  readonly #viewers: Viewers;
  readonly #people: Person[] = [];
  /** Bodies on each edge's link, by what their paths carry: the slowest first. */
  readonly #links: Body[][];
  readonly #sums: NightSums;

  constructor(scenario: Scenario) {
    this.#plan = planOf(scenario);
    const { viewerCount, edgeCount, rungKbps } = this.#plan;
    this.#world = memoryOf(this.#plan).world;
    gatherAudience(this.#world);
    this.#viewers = createViewers(viewerCount);
    this.#links = Array.from({ length: edgeCount }, () => []);
    for (let i = 0; i < viewerCount; i++) {
      this.#people.push({
        i,
        edge: this.#world.edge[i]!,
        session: 0,
        then: "join",
        atMs: this.#world.nextUs[i]! / 1_000,
        endMs: Infinity,
        pollAtEdgeMs: 0,
        body: undefined,
        noise: 0,
        noiseWindow: -1_000_000,
      });
    }
    const rungSegments = rungKbps.map(() => 0);
    const none = { bytes: 0, playedMs: 0, stalledMs: 0, sessions: 0 };
    this.#sums = { ...none, rungSegments };
  }

  /** Everything that happens in the millisecond that ends at `nowMs`. */
  step(nowMs: number): void {
    this.#links.forEach((bodies, edge) => {
      this.#send(bodies, nowMs);
      const ended = bodies.filter(({ bitsLeft }) => bitsLeft === 0);
      if (ended.length === 0) return;
      this.#links[edge] = bodies.filter(({ bitsLeft }) => bitsLeft > 0);
      for (const body of ended) this.#complete(body, nowMs);
    });
    for (const person of this.#people) {
      if (nowMs >= person.endMs && person.then !== "join") this.#leave(person, nowMs);
      // Several things may be due at once: the next session begins where one has ended.
      for (let n = 0; n < 8 && person.then !== "body" && nowMs >= person.atMs; n++) {
        this.#act(person, nowMs);
      }
    }
  }

  close(nowMs: number): NightSums {
    for (const person of this.#people) if (person.then !== "join") this.#leave(person, nowMs);
    return this.#sums;
  }

  /** Max-min: who wants less than an even share gets that, and the others share what is left. */
  #send(bodies: readonly Body[], nowMs: number): void {
    const flowing = bodies.filter(({ fromMs }) => fromMs < nowMs);
    let leftBits = this.#plan.edgeBitsPerUs * 1_000;
    flowing.forEach((body, n) => {
      const wantedBits = body.bitsPerMs * Math.min(1, nowMs - body.fromMs);
      const bits = Math.min(wantedBits, leftBits / (flowing.length - n), body.bitsLeft);
      leftBits -= bits;
      body.bitsLeft -= bits;
      // What is left of a bit is arithmetic.
      if (body.bitsLeft < 1e-6) body.bitsLeft = 0;
    });
  }

  #act(person: Person, nowMs: number): void {
    if (person.then === "join") this.#join(person, nowMs);
    else if (person.then === "answer") this.#takeAnswer(person, nowMs);
    else this.#look(person, nowMs);
  }

  #join(person: Person, nowMs: number): void {
    const { i } = person;
    const { audience } = this.#plan.scenario;
    person.session++;
    this.#sums.sessions++;
    join(this.#viewers, i, nowMs);
    const graceSec = audience.startGraceSec;
    const patience = this.#draw(person, stream.patience);
    const patienceMs = startPatienceMs(patience, graceSec, audience.startLeavePerSecRatio);
    person.endMs = Math.min(this.#plannedEndMs(person), nowMs + patienceMs);
    // Connection, multivariant playlist and init segment.
    const readyMs = nowMs + 3 * audience.rttMs;
    const { firstRung } = this.#rule(i);
    selectRung(this.#viewers, i, firstRung ?? this.#choose(i, nowMs), readyMs);
    person.then = "look";
    person.atMs = readyMs;
  }

  /** Polls, asks for a segment, or waits. */
  #look(person: Person, nowMs: number): void {
    const { i } = person;
    const viewers = this.#viewers;
    const { rttMs } = this.#plan.scenario.audience;
    const { bufferMsMax } = this.#plan.scenario.viewer;
    for (let n = 0; n < 8; n++) {
      advancePlayback(viewers, i, nowMs);
      const action = nextAction(viewers, i, nowMs, bufferMsMax);
      const isWanted =
        viewers.nextMsn[i]! >= 0 &&
        viewers.nextMsn[i]! <= viewers.lastMsn[i]! &&
        viewers.bufferMs[i]! < bufferMsMax;
      // What is listed and wanted goes before a poll.
      if (action === viewerAction.poll && !isWanted) {
        person.then = "answer";
        person.atMs = nowMs + rttMs;
        person.pollAtEdgeMs = nowMs + rttMs / 2;
        return;
      }
      if (action === viewerAction.wait) break;
      const rung = this.#choose(i, nowMs);
      if (!selectRung(viewers, i, rung, nowMs)) continue;
      this.#ask(person, rung, nowMs);
      return;
    }
    person.atMs = Math.max(wakeAtMs(viewers, i, nowMs, bufferMsMax), nowMs + 1);
  }

  #takeAnswer(person: Person, nowMs: number): void {
    const { i, pollAtEdgeMs } = person;
    const { segmentMs, scenario } = this.#plan;
    const { playlistCount } = scenario.segment;
    let msn = msnAtStart;
    while (this.#listedMs(msn + 1) <= pollAtEdgeMs) msn++;
    while (this.#listedMs(msn) > pollAtEdgeMs) msn--;
    if (this.#viewers.nextMsn[i]! <= msn - playlistCount) {
      const distanceMs = scenario.viewer.holdBackTargetDurations * segmentMs;
      chooseEvenStart(this.#viewers, i, msn, playlistCount, segmentMs, distanceMs);
    }
    acceptPlaylist(this.#viewers, i, nowMs, msn, segmentMs, segmentMs);
    person.then = "look";
    this.#look(person, nowMs);
  }

  #ask(person: Person, rung: number, nowMs: number): void {
    const { rttMs } = this.#plan.scenario.audience;
    const msn = this.#viewers.nextMsn[person.i]!;
    const bytes = this.#plan.sizeBytes[rung]!;
    const body: Body = {
      viewer: person,
      rung,
      bytes,
      askedMs: nowMs,
      fromMs: Math.max(nowMs + rttMs, this.#readyMs(msn, bytes) + rttMs / 2),
      bitsPerMs: this.#pathBitsPerMs(person, nowMs),
      bitsLeft: 8 * bytes,
    };
    person.then = "body";
    person.body = body;
    const link = this.#links[person.edge]!;
    const at = link.findIndex(({ bitsPerMs }) => bitsPerMs > body.bitsPerMs);
    link.splice(at === -1 ? link.length : at, 0, body);
  }

  #complete({ viewer: person, rung, bytes, askedMs, fromMs }: Body, nowMs: number): void {
    const { i } = person;
    const viewers = this.#viewers;
    const { segmentMs, scenario } = this.#plan;
    person.body = undefined;
    person.then = "look";
    person.atMs = nowMs;
    this.#sums.bytes += bytes;
    this.#sums.rungSegments[rung]!++;
    sampleDownload(viewers, i, bytes, fromMs - askedMs, nowMs - askedMs);
    countSegment(viewers, i, rung, bytes);
    const isFirst = viewers.phase[i] === viewerPhase.joining;
    const mediaEndMs = (viewers.nextMsn[i]! + 1 - msnAtStart) * segmentMs;
    const lateMs = appendSegment(viewers, i, nowMs, segmentMs, mediaEndMs);
    if (isFirst) person.endMs = this.#plannedEndMs(person);
    else {
      const soonerMs = shortenedByMs(lateMs, scenario.audience.stallLeaveSecPerSec);
      person.endMs = lateMs > 0 ? Math.max(nowMs, person.endMs - soonerMs) : person.endMs;
    }
    const ladder = this.#plan.ladders[0]!.viewerLadder;
    this.#rule(i).downloaded?.(viewers, i, ladder, nowMs, rung, nowMs - askedMs);
  }

  /** The session ends, and the next one in its place begins at once. */
  #leave(person: Person, nowMs: number): void {
    const { i, body } = person;
    const viewers = this.#viewers;
    const sums = this.#sums;
    if (body !== undefined) {
      sums.bytes += body.bytes - body.bitsLeft / 8;
      this.#links[person.edge] = this.#links[person.edge]!.filter((one) => one !== body);
      person.body = undefined;
    }
    advancePlayback(viewers, i, nowMs);
    sums.playedMs += viewers.playedMs[i]!;
    sums.stalledMs += viewers.stalledMs[i]!;
    person.then = "join";
    person.atMs = nowMs;
    person.endMs = Infinity;
  }

  /** Each tier holds its child's request for news: an edge lists half a round trip after its parent. */
  #listedMs(msn: number): number {
    const { segment, topology } = this.#plan.scenario;
    const atOriginMs = (msn + 1 - msnAtStart) * segment.durationMs + segment.publishDelayMs;
    return atOriginMs + (topology.originRttMs + topology.shieldRttMs) / 2;
  }

  /** Each tier asks for a segment when it lists it: a round trip, and the bytes on each uplink. */
  #readyMs(msn: number, bytes: number): number {
    const { originRttMs, shieldRttMs, uplinkKbps } = this.#plan.scenario.topology;
    const fillMs = (8 * bytes) / uplinkKbps;
    const shieldMs = this.#listedMs(msn) - shieldRttMs / 2 + originRttMs + fillMs;
    const askedMs = this.#listedMs(msn) + shieldRttMs / 2;
    return Math.max(askedMs, shieldMs) + shieldRttMs / 2 + fillMs;
  }

  /** The path's median rate, times a noise that is correlated from segment to segment. */
  #pathBitsPerMs(person: Person, nowMs: number): number {
    const { segmentMs, scenario } = this.#plan;
    const { pathNoiseCorrelationSec, pathNoiseLogSigma } = scenario.audience;
    const window = Math.floor(nowMs / segmentMs);
    if (window > person.noiseWindow) {
      const passedSec = ((window - person.noiseWindow) * segmentMs) / 1_000;
      const kept = Math.exp(-passedSec / pathNoiseCorrelationSec);
      const fresh = nearlyNormal(randomWord(this.#world.key[person.i]!, stream.noise, window));
      person.noise = kept * person.noise + Math.sqrt(1 - kept * kept) * fresh;
      person.noiseWindow = window;
    }
    const medianBitsPerMs = 1_000 * 2 ** this.#world.pathLog2[person.i]!;
    return medianBitsPerMs * Math.exp(pathNoiseLogSigma * person.noise);
  }

  #rule(i: number) {
    return abrRules[this.#plan.scenario.viewer.abr[this.#world.rule[i]!]!.rule];
  }

  #choose(i: number, nowMs: number): number {
    const { parameters } = this.#plan.scenario.viewer.abr[this.#world.rule[i]!]!;
    const ladder = this.#plan.ladders[0]!.viewerLadder;
    return this.#rule(i).choose(this.#viewers, i, ladder, nowMs, ...parameters);
  }

  #plannedEndMs(person: Person): number {
    const { churnPerMinRatio } = this.#plan.scenario.audience;
    const joinedMs = this.#viewers.joinedMs[person.i]!;
    return joinedMs + stayMs(this.#draw(person, stream.stay), churnPerMinRatio);
  }

  /** A number of this session's, within 0 and 1. */
  #draw({ i, session }: Person, of: number): number {
    return ratioOf(randomWord(this.#world.key[i]!, of, session));
  }
}
