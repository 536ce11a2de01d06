/** One scheduler under test: inputs by hand, decisions as they come, the time as it is set. */
import type { PeerMessage } from "../peer-message.ts";
import type { DropReason } from "../room-messages.ts";
import type { SwarmDecision, SwarmInput } from "../scheduler-io.ts";
import { Scheduler } from "../scheduler.ts";
import type { SegmentFacts, SegmentId } from "../segment.ts";

export const segmentBytes = 45_000;

export function idOf(msn: number, rung = 360): SegmentId {
  return { rung, epoch: 1, msn };
}

export function factsOf(msn: number, rung = 360): SegmentFacts {
  return { ...idOf(msn, rung), bytes: segmentBytes, sha256: `digest of ${msn}` };
}

export class SchedulerBench {
  readonly scheduler = new Scheduler({ random: () => 0.5 });
  /** Why peers were given up, in order. */
  readonly reasons: DropReason[] = [];
  /** Numbers of the comparisons asked for, by MSN: the latest. */
  readonly checks = new Map<number, number>();
  nowMs = 0;

  /** In a swarm, sharing, at rung 360, with an edge that takes 200 ms for a segment. */
  static playing(): SchedulerBench {
    const bench = new SchedulerBench();
    bench.setPolicy("on");
    bench.take({ kind: "share", allowed: true });
    bench.take({ kind: "rung", rung: 360 });
    bench.gain(1);
    return bench;
  }

  /** Takes the input, and returns what was decided. */
  take(input: SwarmInput): SwarmDecision[] {
    this.scheduler.take(input, this.nowMs);
    const decisions = this.scheduler.drain();
    for (const one of decisions) {
      if (one.kind === "drop") this.reasons.push(one.reason);
      if (one.kind === "verify") this.checks.set(one.id.msn, one.check);
    }
    return decisions;
  }

  /** Lets all ticks happen that are due until then. */
  passTo(atMs: number): SwarmDecision[] {
    const decisions: SwarmDecision[] = [];
    for (let count = 0; this.scheduler.nextTickMs <= atMs; count++) {
      if (count > 1_000) throw new Error("ticks without end");
      this.nowMs = Math.max(this.nowMs, this.scheduler.nextTickMs);
      decisions.push(...this.take({ kind: "tick" }));
    }
    this.nowMs = atMs;
    return decisions;
  }

  setPolicy(mode: "on" | "off"): SwarmDecision[] {
    const policy = { mode, uploadKbpsMax: 0, seedCount: 1, iceServers: [] };
    return this.take({ kind: "policy", policy });
  }

  announce(msn: number, { isSeed = false, hasSeeds = true, rung = 360 } = {}): SwarmDecision[] {
    return this.take({ kind: "segment", segment: factsOf(msn, rung), hasSeeds, isSeed });
  }

  want(msn: number, withinMs: number): SwarmDecision[] {
    return this.take({ kind: "want", id: idOf(msn), deadlineMs: this.nowMs + withinMs });
  }

  hear(peer: string, message: PeerMessage): SwarmDecision[] {
    return this.take({ kind: "message", peer, message });
  }

  have(peer: string, ...msns: number[]): SwarmDecision[] {
    return this.hear(peer, { kind: "have", segments: msns.map((msn) => idOf(msn)) });
  }

  open(...peers: string[]): void {
    for (const peer of peers) this.take({ kind: "peerOpen", peer });
  }

  /** A piece of a transfer, of zeros. */
  chunk(peer: string, transfer: number, offsetBytes: number, bytes = 15_000): SwarmDecision[] {
    const message = { kind: "chunk", transfer, offsetBytes, bytes: new Uint8Array(bytes) } as const;
    return this.hear(peer, message);
  }

  /** The whole of a transfer, over a time. */
  transfer(peer: string, transfer: number, tookMs = 300): SwarmDecision[] {
    const decisions = this.chunk(peer, transfer, 0);
    this.nowMs += tookMs / 2;
    decisions.push(...this.chunk(peer, transfer, 15_000));
    this.nowMs += tookMs / 2;
    decisions.push(...this.chunk(peer, transfer, 30_000));
    return decisions;
  }

  verified(msn: number, ok: boolean | null): SwarmDecision[] {
    return this.take({ kind: "verified", check: this.checks.get(msn) ?? -1, ok });
  }

  fetched(msn: number, bytes: Uint8Array | null = new Uint8Array(segmentBytes)): SwarmDecision[] {
    return this.take({ kind: "fetchEnd", id: idOf(msn), bytes });
  }

  /** Gets a segment from the edge in 200 ms, as at the start of playing; a second passes. */
  gain(msn: number): void {
    this.announce(msn);
    this.want(msn, 0);
    this.nowMs += 200;
    this.fetched(msn);
    this.verified(msn, true);
    this.nowMs += 800;
  }
}

/** What was sent to whom, of the decisions. */
export function sent(decisions: readonly SwarmDecision[]): [string, PeerMessage][] {
  return decisions.flatMap((decision) =>
    decision.kind === "send" ? [[decision.peer, decision.message]] : [],
  );
}

export function kinds(decisions: readonly SwarmDecision[]): string[] {
  return decisions.map((decision) =>
    decision.kind === "send" ? `${decision.message.kind} to ${decision.peer}` : decision.kind,
  );
}
