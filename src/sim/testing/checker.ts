/** What all checkers of a night have in common: they watch it (run-night.ts) and say what was wrong. */
import type { ModelReport } from "../../config/schema-model-report.ts";
import { act, type World } from "../world.ts";

/** More than this many problems of a kind say nothing new. */
const problemsMax = 5;

export abstract class Checker {
  readonly #problems: string[] = [];
  #count = 0;

  protected require(isRight: boolean, problem: () => string): void {
    if (isRight) return;
    this.#count++;
    if (this.#problems.length < problemsMax) this.#problems.push(problem());
  }

  /** What is found wrong at the end; to be called once. */
  problems(report: ModelReport): string[] {
    this.conclude?.(report);
    const more = this.#count - this.#problems.length;
    return more > 0 ? [...this.#problems, `and ${more} more`] : this.#problems;
  }

  /** Looks at the night as a whole, once it is over. */
  protected conclude?(report: ModelReport): void;
}

/** Whether the viewer's event is the end of a body, complete or not. */
export function endsBody(world: World, i: number): boolean {
  return world.act[i] === act.finish;
}

/** Whether the event that viewer i has just run began a body. */
export function beganBody(world: World, i: number): boolean {
  return world.act[i] === act.finish || world.act[i] === act.flowStart;
}
