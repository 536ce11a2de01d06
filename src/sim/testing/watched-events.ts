/**
 * Lets checkers see each event of each viewer, before and after. The engine calls runEvent through
 * its module, and a test that wants to look on replaces that one function, and the short way through
 * a turn that does without it (steady-sweep.test.ts holds the two against each other):
 *
 *   vi.mock("./viewer-step.ts", async (original) => {
 *     const { watchedStep } = await import("./testing/watched-events.ts");
 *     return watchedStep(await original());
 *   });
 *   vi.mock("./steady-sweep.ts", () => import("./testing/plain-sweep.ts"));
 *
 * So the engine itself has nothing in its hot path for being watched.
 */
import type * as ViewerStep from "../viewer-step.ts";
import type { World } from "../world.ts";

/** Viewer i of edge `edge` is about to run the event that its columns say, or has run it. */
export interface EventWatch {
  beforeEvent?(world: World, i: number, edge: number): void;
  afterEvent?(world: World, i: number, edge: number): void;
}

let watching: readonly EventWatch[] = [];

/** The module with a runEvent that tells who watches. */
export function watchedStep(step: typeof ViewerStep): typeof ViewerStep {
  return {
    ...step,
    runEvent(s, i, e) {
      for (const watch of watching) watch.beforeEvent?.(s.world, i, e);
      step.runEvent(s, i, e);
      for (const watch of watching) watch.afterEvent?.(s.world, i, e);
    },
  };
}

/** Has these watch all events from now on; the function returned ends that. */
export function watchEvents(watches: readonly EventWatch[]): () => void {
  watching = watches;
  return () => (watching = []);
}
