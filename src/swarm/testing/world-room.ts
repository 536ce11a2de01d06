/**
 * The room of the virtual world: the edge's own cells, with a delay where it has a socket. What it
 * tells a viewer comes after the viewer's way to the edge.
 */
import { Cells } from "../cells.ts";
import type { DropReason, PeerId } from "../room-messages.ts";
import type { SegmentFacts } from "../segment.ts";
import type { World, WorldViewer } from "./world-viewer.ts";

/** Announcements a newcomer is given: those in the playlist. */
const windowMs = 20_000;
const tickMs = 1_000;

export class WorldRoom {
  readonly #world: World;
  readonly #seedCount: number;
  readonly #cells: Cells;
  readonly #viewers = new Map<PeerId, WorldViewer>();
  readonly #published: { facts: SegmentFacts; atMs: number }[] = [];

  constructor(world: World, seedCount: number) {
    this.#world = world;
    this.#seedCount = seedCount;
    this.#cells = new Cells({ random: () => world.draw(10) });
    this.#tick();
  }

  join(viewer: WorldViewer): void {
    const { nowMs } = this.#world.events;
    this.#viewers.set(viewer.id, viewer);
    viewer.afterEdgeDelay(() => {
      for (const { facts, atMs } of this.#published) {
        if (atMs < nowMs - windowMs) continue;
        viewer.take({ kind: "segment", segment: facts, hasSeeds: false, isSeed: false });
      }
    });
    this.setGives(viewer, false);
  }

  /** Whether the viewer says that it gives. */
  setGives(viewer: WorldViewer, gives: boolean): void {
    if (!this.#viewers.has(viewer.id)) return;
    const { id, rung } = viewer;
    const { nowMs } = this.#world.events;
    this.#cells.enter({ id, addressKey: `home of ${id}` }, { rung, gives }, nowMs);
    this.#perform();
  }

  leave(viewer: WorldViewer): void {
    this.#viewers.delete(viewer.id);
    this.#cells.forget(viewer.id);
    this.#perform();
  }

  dropped(by: PeerId, peer: PeerId, reason: DropReason): void {
    this.#cells.dropped({ by, peer, reason }, this.#world.events.nowMs);
    this.#perform();
  }

  /** One calls or answers the other. */
  noteDescription(from: PeerId, to: PeerId): void {
    this.#cells.noteDescription(from, to);
  }

  noteOpen(viewer: WorldViewer): void {
    this.#cells.noteOpen(viewer.id, viewer.links.size);
  }

  get banCount(): number {
    return this.#cells.banCount;
  }

  publish(facts: SegmentFacts): void {
    const { nowMs } = this.#world.events;
    const atMs = (facts.msn + 1) * this.#world.options.segmentMs;
    this.#published.push({ facts, atMs });
    for (const cell of this.#cells.ofRung(facts.rung)) {
      const seeds = cell.takeSeeds(this.#seedCount, nowMs);
      for (const { id } of cell.members) {
        const announced = { hasSeeds: seeds.length > 0, isSeed: seeds.includes(id) };
        const viewer = this.#viewers.get(id);
        viewer?.afterEdgeDelay(() =>
          viewer.take({ kind: "segment", segment: facts, ...announced }),
        );
      }
    }
  }

  #tick(): void {
    this.#cells.tick(this.#world.events.nowMs);
    this.#perform();
    this.#world.events.after(tickMs, () => this.#tick());
  }

  #perform(): void {
    for (const decision of this.#cells.take()) {
      if (decision.kind === "size") continue;
      const viewer = this.#viewers.get(decision.peer);
      viewer?.afterEdgeDelay(() => {
        if (decision.kind === "gone") viewer.close(decision.left);
        else if (decision.kind === "dial") viewer.dial(decision.peers);
        else if (decision.cell === null) viewer.closeAll();
      });
    }
  }
}
