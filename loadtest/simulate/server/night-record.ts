/** What one night has been told and when it ends: kept in order, handed out window by window. */
import {
  inputCountMax,
  type SimInput,
  type SimInputs,
  type SimOrder,
} from "../../../src/config/schema-sim-inputs.ts";
import { orderProblem } from "../../../src/sim/night-inputs.ts";
import type { SimPlan } from "../../../src/sim/plan.ts";

export class NightRecord {
  readonly #plan: SimPlan;
  readonly #inputs: SimInput[] = [];
  #givenCount = 0;
  #joinedCount = 0;
  #endWindow: number;

  constructor(plan: SimPlan) {
    this.#plan = plan;
    this.#endWindow = plan.windowCount;
  }

  /** Viewers of the audience that have been told to come. */
  get joinedCount(): number {
    return this.#joinedCount;
  }

  /** The window after the last one. */
  get endWindow(): number {
    return this.#endWindow;
  }

  /** Has it happen at the start of the window, which is none before the last one told; or says why not. */
  tell(order: SimOrder, window: number): string | undefined {
    const problem = orderProblem(this.#plan, this.#joinedCount, order);
    if (problem !== undefined) return problem;
    if (this.#inputs.length >= inputCountMax) {
      return `the night has been told ${inputCountMax} things: use larger batches`;
    }
    if (order.kind === "join") this.#joinedCount += order.count;
    this.#inputs.push({ ...order, atUs: window * this.#plan.windowUs });
    return undefined;
  }

  /** The night ends at the window, or after the last one that something has been told for. */
  endAt(window: number): void {
    const { windowUs } = this.#plan;
    const toldUs = this.#inputs.at(-1)?.atUs ?? -windowUs;
    this.#endWindow = Math.max(window, toldUs / windowUs + 1);
  }

  /** What the window begins with; windows are asked for in their order. */
  ordersOf(window: number): SimOrder[] {
    const orders: SimOrder[] = [];
    const atUs = window * this.#plan.windowUs;
    while (this.#inputs[this.#givenCount]?.atUs === atUs) {
      orders.push(this.#inputs[this.#givenCount++]!);
    }
    return orders;
  }

  /** What a replay takes, of a night that has ended. */
  recorded(commit: string, capsKbps: readonly number[]): SimInputs {
    const { scenario, windowUs } = this.#plan;
    const endedUs = this.#endWindow * windowUs;
    return { version: 1, commit, scenario, capsKbps: [...capsKbps], inputs: this.#inputs, endedUs };
  }
}
