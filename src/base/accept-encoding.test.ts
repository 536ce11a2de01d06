import { expect, test } from "vitest";
import { acceptsGzip } from "./accept-encoding.ts";

test("gzip is sent to whoever takes it, in every spelling of RFC 9110", () => {
  const takers = ["gzip", "GZIP", "gzip, deflate, br", "br;q=1.0, gzip;q=0.8", "x-gzip", "*"];
  for (const text of takers) expect(acceptsGzip(text), text).toBe(true);
});

test("gzip is not sent to who refuses it or means something else", () => {
  const refusals = ["gzip;q=0", "gzip; q=0.000, br", "gzip ; q=0", "gzip;q=0, *", "*;q=0"];
  const others = ["", "identity", "br", "gzipx", "not-gzip"];
  for (const text of [...refusals, ...others]) expect(acceptsGzip(text), text).toBe(false);
});
