import type { IncomingMessage, ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { mediaObject } from "../packager/media-object.ts";
import { TierExchange } from "./tier-reply.ts";

const object = mediaObject(Buffer.from("0123456789"));

/** Status, Content-Length and Content-Range of an answer. */
function check(method: string, headers: Record<string, string>, expected: unknown[]): void {
  const written: unknown[] = [];
  const request = { method, headers } as unknown as IncomingMessage;
  const response = {
    writeHead: (status: number, head: Record<string, unknown>) =>
      written.push(status, head["content-length"], head["content-range"]),
    end: () => undefined,
  } as unknown as ServerResponse;
  const metrics = { replied: () => undefined };
  new TierExchange(request, response, { metrics }).media(object, "max-age=60");
  expect(written, `${method} ${JSON.stringify(headers)}`).toEqual(expected);
}

test("ranges are GET's alone; HEAD describes the whole", () => {
  check("GET", { range: "bytes=2-5" }, [206, 4, "bytes 2-5/10"]);
  check("GET", { range: "bytes=2-5", "if-range": object.etag }, [206, 4, "bytes 2-5/10"]);
  check("GET", { range: "bytes=2-5", "if-range": '"other"' }, [200, 10, undefined]);
  check("GET", { range: "bytes=10-" }, [416, undefined, "bytes */10"]);
  check("HEAD", { range: "bytes=2-5" }, [200, 10, undefined]);
  check("HEAD", { range: "bytes=10-" }, [200, 10, undefined]);
});
