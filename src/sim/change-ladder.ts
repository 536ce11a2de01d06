/** A change of the cap while the night goes on: another ladder is offered from this window on. */
import type { World } from "./world.ts";

/** Makes ladder `next` of the plan the one in force, for all viewers at once. */
export function changeLadder(world: World, next: number): void {
  const { plan, viewers } = world;
  const before = plan.ladders[world.ladderIndex[0]!]!.rungs;
  const after = plan.ladders[next]!.rungs;
  // A rung that is gone is followed by the next lower one, or the lowest.
  const mapped = Int8Array.from(before, (rung) =>
    Math.max(
      0,
      after.findLastIndex((one) => one <= rung),
    ),
  );
  world.ladderIndex[0] = next;
  for (let i = 0; i < plan.viewerCount; i++) {
    // A body under way counts as of the rung that its own became.
    world.bodyRung[i] = mapped[world.bodyRung[i]!]!;
    const rung = viewers.rungIndex[i]!;
    if (rung >= 0) viewers.rungIndex[i] = mapped[rung]!;
    const followed = viewers.playlistRung[i]!;
    if (followed < 0) continue;
    const index = mapped[followed]!;
    viewers.playlistRung[i] = index;
    // Another playlist than before has to be asked for first.
    if (after[index] !== before[followed]) viewers.lastMsn[i] = -1;
  }
}
