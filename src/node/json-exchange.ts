/** JSON over HTTP as the programs' own APIs take and give it: bodies within bounds, answers uncached. */
import type { IncomingMessage, ServerResponse } from "node:http";

export type BodyText = { ok: true; text: string } | { ok: false; status: number; error: string };

/**
 * The body of a POST, not yet parsed; a refusal where it is not declared as JSON (which no page of
 * another site can send unasked) or is over `bytesMax`.
 */
export async function readJsonText(request: IncomingMessage, bytesMax: number): Promise<BodyText> {
  const type = (request.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") {
    return { ok: false, status: 415, error: "send JSON, with Content-Type: application/json" };
  }
  const bytes = await readBytes(request, bytesMax);
  if (bytes === "too-long") {
    return { ok: false, status: 413, error: `the body is over ${bytesMax} bytes` };
  }
  return { ok: true, text: bytes.toString("utf8") };
}

/** The body, cut where the client goes away. Not by iteration: leaving that destroys the socket. */
function readBytes(request: IncomingMessage, bytesMax: number): Promise<Buffer | "too-long"> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytesCount = 0;
    request.on("data", (chunk: Buffer) => {
      bytesCount += chunk.length;
      if (bytesCount <= bytesMax) chunks.push(chunk);
      else resolve("too-long");
    });
    request.once("close", () => resolve(Buffer.concat(chunks)));
    request.once("end", () => resolve(Buffer.concat(chunks)));
  });
}

export function sayJson(response: ServerResponse, status: number, value: unknown): void {
  sayJsonText(response, status, `${JSON.stringify(value)}\n`);
}

/** The same for JSON that is text already. */
export function sayJsonText(response: ServerResponse, status: number, text: string): void {
  // The rest of a refused body is not read.
  if (status === 413) response.setHeader("connection", "close");
  response.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "cache-control": "no-store",
  });
  response.end(text);
}
