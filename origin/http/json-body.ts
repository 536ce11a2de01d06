/** The JSON body of a small request, read within a limit. */
import type { IncomingMessage } from "node:http";
import { reportBytesMax } from "../../src/health/node-health.ts";

/** A viewer report, of which all but some 80 bytes is what a child says of its nodes. */
const bodyBytesMax = reportBytesMax + 4_096;

export type JsonBody =
  { ok: true; value: unknown } | { ok: false; status: 400 | 413 | 415; problem: string };

/** Calls back once with the body, or not at all when the peer hangs up first. */
export function readJsonBody(request: IncomingMessage, done: (body: JsonBody) => void): void {
  const contentType = (request.headers["content-type"] ?? "").split(";")[0]!.trim().toLowerCase();
  if (contentType !== "application/json") {
    request.resume();
    return done({ ok: false, status: 415, problem: "The body must be application/json." });
  }
  const chunks: Uint8Array[] = [];
  let byteCount = 0;
  request.on("data", (chunk: Uint8Array) => {
    byteCount += chunk.length;
    if (byteCount <= bodyBytesMax) chunks.push(chunk);
  });
  request.on("end", () => {
    if (byteCount > bodyBytesMax) {
      const problem = `The body must have at most ${bodyBytesMax} bytes.`;
      return done({ ok: false, status: 413, problem });
    }
    done(parse(Buffer.concat(chunks).toString("utf8")));
  });
}

function parse(text: string): JsonBody {
  try {
    return { ok: true, value: JSON.parse(text) as unknown };
  } catch {
    // The peer's fault, and said so.
    return { ok: false, status: 400, problem: "The body is not JSON." };
  }
}
