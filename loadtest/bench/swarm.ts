/** The swarm: pages in a browser and viewers in Node, each runnable alone as well. */
import type { BenchOptions, BenchResult } from "./harness/bench-result.ts";
import { run as runPages } from "./swarm-browser.ts";
import { run as runNodes } from "./swarm-nodes.ts";

export async function run(options: BenchOptions): Promise<BenchResult> {
  const pages = await runPages(options);
  const nodes = await runNodes(options);
  return {
    results: [...pages.results, ...nodes.results],
    ratios: { ...pages.ratios, ...nodes.ratios },
    targets: [...pages.targets, ...nodes.targets],
  };
}
