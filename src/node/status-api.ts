/** `/api/status`: this node and all below it as one JSON document (src/health/status-document.ts). */
import type { Clock } from "../base/clock.ts";
import { statusVersion, type FeedFacts, type StatusDocument } from "../health/status-document.ts";
import type { AdminHandler } from "./admin-server.ts";
import { runningCommit, versionOf } from "./commit.ts";
import type { NodeWatch } from "./node-watch.ts";

export function statusHandler(options: {
  clock: Clock;
  watch: NodeWatch;
  feeds: () => FeedFacts[] | Promise<FeedFacts[]>;
}): AdminHandler {
  const { clock, watch, feeds } = options;
  // Now and not when somebody looks: asking Git holds up the process.
  const program = { version: versionOf(), commit: runningCommit() };
  return async (): Promise<StatusDocument> => {
    return {
      version: statusVersion,
      nowUnixMs: Math.round(clock.unixMs()),
      program,
      feeds: await feeds(),
      nodes: watch.nodes(),
    };
  };
}
