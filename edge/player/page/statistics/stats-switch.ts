/** Opens and closes the statistics, whose code is loaded when somebody first wants to see them. */
import type { StatsPanel, StatsSource } from "./stats-panel.ts";

export class StatsSwitch {
  readonly #source: StatsSource;
  #panel: StatsPanel | null = null;
  #isLoading = false;

  constructor(source: StatsSource) {
    this.#source = source;
  }

  toggle(): void {
    if (this.#panel !== null) this.#panel.toggle();
    else if (!this.#isLoading) void this.#load();
  }

  async #load(): Promise<void> {
    this.#isLoading = true;
    try {
      const { StatsPanel } = await import("./stats-panel.ts");
      this.#panel = new StatsPanel(this.#source);
      this.#panel.toggle();
    } catch {
      // No network just now: the next press tries again.
    } finally {
      this.#isLoading = false;
    }
  }
}
