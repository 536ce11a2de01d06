/**
 * The tier port of a shield: the same tree as the origin's, for child relays; their viewer counts
 * come in here. Connections and the secret are src/node/tier-server.ts's.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { acceptsGzip } from "../../src/base/accept-encoding.ts";
import { parsePath, type ParsedPath } from "../../src/hls/path.ts";
import { readTrace } from "../../src/node/request-trace.ts";
import { reportBytesMax } from "../../src/health/node-health.ts";
import { readViewerReport } from "../../src/health/viewer-report.ts";
import type { ChildViewers } from "../fill/viewer-reports.ts";
import { Exchange } from "./exchange.ts";
import { NodePort } from "./node-port.ts";
import type { RelayPort } from "./relay-port.ts";
import { afterOf, malformedAfter } from "./request-facts.ts";
import { bodiless, fixedReplies, type FixedReply } from "./response-head.ts";

export interface TierPortOptions {
  relayPort: RelayPort;
  childViewers: ChildViewers;
  /** Takes what a child says of itself and of the nodes below it. */
  takeNodes: (reporter: { node: string; process: number }, nodes: unknown) => void;
}

/** Beside its nodes a report has about 80 bytes. */
const bodyBytesMax = reportBytesMax + 4_096;

export class TierPort {
  readonly #options: TierPortOptions;

  constructor(options: TierPortOptions) {
    this.#options = options;
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    const url = request.url ?? "";
    const mark = url.indexOf("?");
    const path = parsePath(mark < 0 ? url : url.slice(0, mark));
    const query = mark < 0 ? "" : url.slice(mark + 1);
    const { method } = request;
    if (method === "POST") {
      if (path?.kind === "viewers") this.#readReport(request, response, path);
      else refuse(request, response, fixedReplies.notFound);
    } else if (method !== "GET" && method !== "HEAD") {
      refuse(request, response, fixedReplies.methodNotAllowed);
    } else if (path === undefined || !tierKinds.has(path.kind)) {
      refuse(request, response, fixedReplies.notFound);
    } else {
      this.#exchange(request, response, { path, query });
    }
  }

  #exchange(
    request: IncomingMessage,
    response: ServerResponse,
    { path, query }: { path: ParsedPath; query: string },
  ): void {
    const after = afterOf(path, query);
    if (after === malformedAfter) {
      refuse(request, response, fixedReplies.badRequest);
      return;
    }
    const { headers } = request;
    const isHead = request.method === "HEAD";
    const port = new NodePort(response);
    const exchange = new Exchange(this.#options.relayPort, port, path, {
      isHead,
      gzip: acceptsGzip(headers["accept-encoding"] ?? ""),
      // RFC 9110 section 14.2: ranges are defined for GET alone.
      range: isHead ? "" : (headers.range ?? ""),
      ifRange: String(headers["if-range"] ?? ""),
      ifNoneMatch: headers["if-none-match"] ?? "",
      after,
      trace: readTrace(headers),
    });
    port.listen(exchange);
    exchange.run();
  }

  #readReport(request: IncomingMessage, response: ServerResponse, path: ParsedPath): void {
    const { relayPort, childViewers, takeNodes } = this.#options;
    const feed = relayPort.driver.node.state.feedIndex.get(path.feed);
    const chunks: Buffer[] = [];
    let receivedBytes = 0;
    request.on("data", (chunk: Buffer) => {
      receivedBytes += chunk.length;
      if (receivedBytes <= bodyBytesMax) chunks.push(chunk);
      else request.destroy();
    });
    request.once("end", () => {
      const report = readViewerReport(parsed(chunks));
      if (feed === undefined) refuse(request, response, fixedReplies.notFound);
      else if (typeof report === "string") refuse(request, response, fixedReplies.badRequest);
      else {
        childViewers.note(feed, report);
        if (report.nodes !== undefined) takeNodes(report, report.nodes);
        response.writeHead(204).end();
      }
    });
  }
}

const tierKinds: ReadonlySet<ParsedPath["kind"]> = new Set([
  "multivariant",
  "media",
  "init",
  "segment",
  "status",
  "ladder",
]);

/** Undefined where it is not JSON, which is no report. */
function parsed(chunks: readonly Buffer[]): unknown {
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8")) as unknown;
  } catch {
    // The child is answered 400.
    return undefined;
  }
}

function refuse(request: IncomingMessage, response: ServerResponse, fixed: FixedReply): void {
  const port = new NodePort(response);
  port.reply(request.method === "HEAD" ? bodiless(fixed) : fixed);
}
