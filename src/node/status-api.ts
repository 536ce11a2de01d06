/** `/api/status`: this node and all below it as one JSON document (src/health/status-document.ts). */
import type { Clock } from "../base/clock.ts";
import { statusVersion, type FeedFacts, type StatusDocument } from "../health/status-document.ts";
import type { AdminHandler } from "./admin-server.ts";
import { commitOf, versionOf } from "./commit.ts";
import type { NodeWatch } from "./node-watch.ts";

export function statusHandler(options: {
  clock: Clock;
  watch: NodeWatch;
  feeds: () => FeedFacts[] | Promise<FeedFacts[]>;
}): AdminHandler {
  const { clock, watch, feeds } = options;
  let program: StatusDocument["program"] | undefined;
  return async (): Promise<StatusDocument> => {
    // Git is asked once, and only where somebody looks.
    program ??= { version: versionOf(), commit: commitOf() };
    return {
      version: statusVersion,
      nowUnixMs: Math.round(clock.unixMs()),
      program,
      feeds: await feeds(),
      nodes: watch.nodes(),
    };
  };
}
