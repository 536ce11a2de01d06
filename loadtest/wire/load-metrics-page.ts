/** The page of metrics that a load test serves while it runs: its own, and its modelled night's. */
import { createServer, type ServerResponse } from "node:http";
import { simMetrics } from "../../src/metrics/sim.ts";
import { familiesOf } from "../../src/node/exposition.ts";
import { listenOn } from "../../src/node/listen.ts";
import { Metrics } from "../../src/node/metrics.ts";
import { exportProcessMetrics } from "../../src/node/process-metrics.ts";
import { LoadMetrics } from "./load-metrics.ts";

export interface LoadMetricsPage {
  port: number;
  load: LoadMetrics;
  /** The simulation server of the night that runs now, if any. */
  night: string | undefined;
  close(): void;
}

/** Shorter than a scrape may take, so that a busy model costs its own families alone. */
const modelMsMax = 2_000;
const modelled: ReadonlySet<string> = new Set(Object.values(simMetrics).map(({ name }) => name));

/** Throws an AppError when it cannot listen there. */
export async function serveLoadMetrics(of: {
  listen: string;
  scenario: string;
}): Promise<LoadMetricsPage> {
  const metrics = new Metrics({ tier: "load", node: "loadtest" });
  exportProcessMetrics(metrics);
  const load = new LoadMetrics(metrics, of.scenario);
  const server = createServer((request, response) => {
    if (request.url !== "/metrics" || request.method !== "GET") {
      response.writeHead(404, { "content-type": "text/plain" }).end("There is GET /metrics.\n");
    } else void scrape(response);
  });
  const scrape = async (response: ServerResponse): Promise<void> => {
    const own = await metrics.text();
    const model = page.night === undefined ? "" : await modelledFamilies(page.night);
    response.writeHead(200, { "content-type": metrics.contentType }).end(own + model);
  };
  const page: LoadMetricsPage = {
    port: await listenOn(server, of.listen, { port: "metrics" }),
    load,
    night: undefined,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
  return page;
}

/** What the server says of its nights; nothing while it is too busy, which shows as a gap. */
async function modelledFamilies(serverUrl: string): Promise<string> {
  try {
    const signal = AbortSignal.timeout(modelMsMax);
    const response = await fetch(`${serverUrl}/metrics`, { signal });
    return familiesOf(await response.text(), modelled);
  } catch {
    return "";
  }
}
