/**
 * The simulation server: the model as a program that k6 drives over HTTP while real viewers watch.
 * The composition root. This thread only answers; those that compute run at low priority.
 */
import { commitOf } from "../../../src/node/commit.ts";
import { listenOn } from "../../../src/node/listen.ts";
import type { Log } from "../../../src/node/log.ts";
import { Metrics } from "../../../src/node/metrics.ts";
import { exportProcessMetrics } from "../../../src/node/process-metrics.ts";
import { reportReady, type ReadyPorts } from "../../../src/node/ready.ts";
import { createControlServer } from "./control-server.ts";
import { exportSimMetrics, exposedRunCount } from "./sim-metrics.ts";
import { SimRuns } from "./sim-runs.ts";

export interface SimServer {
  ports: ReadyPorts;
  close(): Promise<void>;
}

/** Listens on a free port of 127.0.0.1. */
export async function runSimServer(of: { stateDir: string; log: Log }): Promise<SimServer> {
  const { stateDir, log } = of;
  const runs = new SimRuns({
    commit: commitOf(),
    onFailure: (id, error) => log.error({ err: error }, `run ${id} broke down`),
  });
  const metrics = new Metrics({ tier: "simulator", node: "sim" });
  exportProcessMetrics(metrics);
  exportSimMetrics(metrics, () => runs.newest(exposedRunCount));
  const server = createControlServer(runs, metrics);
  const port = await listenOn(server, "127.0.0.1:0", { port: "control" });
  const ports: ReadyPorts = { control: port };
  reportReady(stateDir, ports);
  log.info({ ports }, "the simulation server is ready");
  return {
    ports,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await runs.close();
    },
  };
}
