/** The boards as the files that Grafana is provisioned with. The committed ones are held against it. */
import { buildBoard } from "./board.ts";
import { edge } from "./edge.ts";
import { loadTest } from "./load-test.ts";
import { origin } from "./origin.ts";
import { overview } from "./overview.ts";
import { swarm } from "./swarm.ts";
import { viewers } from "./viewers.ts";

/** Path in the repository to JSON. */
export function boardFiles(): [path: string, content: string][] {
  return [overview, origin, edge, viewers, swarm, loadTest].map((spec) => [
    `grafana/dashboards/${spec.name}.json`,
    `${JSON.stringify(buildBoard(spec), null, 2)}\n`,
  ]);
}
