/**
 * An edge for tests of the load generator: passes on what a scripted feed answers, and does wrong what
 * the test wants. It remembers which sessions asked it.
 */
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What an answer may suffer; `undefined` of a rule leaves it alone. */
export interface Fault {
  delayMs?: number;
  /** Answered instead of what the feed says. */
  status?: number;
  isCorrupt?: boolean;
  /** Answered as the last time, and as the first time. */
  isStale?: boolean;
  isOld?: boolean;
  /** Asked without its query: a blocking reload is not held. */
  isQueryIgnored?: boolean;
  isDigestMissing?: boolean;
  /** Sends the first kilobyte and never the rest. */
  isFrozen?: boolean;
  /** Where the answer sends to instead. */
  location?: string;
  /** Zeros that are sent after the body, and counted in its length. */
  paddingBytes?: number;
}

export interface FaultyEdge {
  url: string;
  /** Session ids as players send them (CMCD). */
  sessions: ReadonlySet<string>;
  /** How often files of that ending were asked for. */
  countOf(ending: string): number;
  close(): Promise<void>;
}

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

/** `faultOf` is asked for each request, with its path and how many of its ending came before. */
export async function startFaultyEdge(
  origin: string,
  faultOf: (path: string, n: number) => Fault | undefined = () => undefined,
): Promise<FaultyEdge> {
  const sessions = new Set<string>();
  const counts = new Map<string, number>();
  const first = new Map<string, Answer>();
  const last = new Map<string, Answer>();
  const server = createServer((incoming, response) => {
    const url = new URL(incoming.url ?? "/", origin);
    const sid = /sid="([^"]+)"/.exec(url.searchParams.get("CMCD") ?? "")?.[1];
    if (sid !== undefined) sessions.add(sid);
    const ending = url.pathname.slice(url.pathname.lastIndexOf("."));
    const n = counts.get(ending) ?? 0;
    counts.set(ending, n + 1);
    const fault = faultOf(url.pathname, n) ?? {};
    if (fault.isQueryIgnored === true) url.search = "";
    void answer(url, incoming, response, fault).catch(() => response.destroy());
  });
  const answer = async (
    url: URL,
    incoming: IncomingMessage,
    response: ServerResponse,
    fault: Fault,
  ): Promise<void> => {
    if (fault.delayMs !== undefined) {
      await new Promise((resolve) => setTimeout(resolve, fault.delayMs).unref());
    }
    const known =
      (fault.isStale === true ? last.get(url.pathname) : undefined) ??
      (fault.isOld === true ? first.get(url.pathname) : undefined);
    const given = known ?? (await ask(url, incoming));
    last.set(url.pathname, given);
    if (!first.has(url.pathname)) first.set(url.pathname, given);
    const { status, headers, body } = given;
    const sent: Answer["headers"] = { ...headers, age: "0", "x-cache": "hit" };
    if (fault.isDigestMissing === true) delete sent["repr-digest"];
    if (fault.status !== undefined) {
      response.writeHead(fault.status, { "content-length": 0 }).end();
      return;
    }
    if (fault.location !== undefined) {
      response.writeHead(302, { location: fault.location, "content-length": 0 }).end();
      return;
    }
    if (fault.paddingBytes !== undefined) {
      const padded = Buffer.concat([body, Buffer.alloc(fault.paddingBytes)]);
      response.writeHead(status, { ...sent, "content-length": String(padded.length) }).end(padded);
      return;
    }
    response.writeHead(status, sent);
    if (fault.isFrozen === true) response.write(body.subarray(0, 1_000));
    else response.end(fault.isCorrupt === true ? corrupted(body) : body);
  };
  server.keepAliveTimeout = 65_000;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sessions,
    countOf: (ending) => counts.get(ending) ?? 0,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** With one bit of its middle turned over. */
function corrupted(body: Buffer): Buffer {
  const wrong = Buffer.from(body);
  const middle = wrong.length >> 1;
  if (wrong.length > 0) wrong[middle] = wrong[middle]! ^ 1;
  return wrong;
}

function ask(url: URL, { headers }: IncomingMessage): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { headers }, (answered) => {
      const chunks: Buffer[] = [];
      answered.on("data", (chunk: Buffer) => chunks.push(chunk));
      answered.on("error", reject);
      answered.on("end", () =>
        resolve({
          status: answered.statusCode ?? 502,
          headers: answered.headers,
          body: Buffer.concat(chunks),
        }),
      );
    });
    asked.on("error", reject);
    asked.end();
  });
}
