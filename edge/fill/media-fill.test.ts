import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { MediaFill, readMediaHead } from "./media-fill.ts";

const bytes = Buffer.from("sixteen bytes it");
const digest = `sha-256=:${createHash("sha256").update(bytes).digest("base64")}:`;
const headers = {
  "content-length": "16",
  "content-type": "video/mp4",
  "repr-digest": digest,
  "cache-control": "max-age=92, immutable",
  etag: '"abc"',
  age: "3",
};

test("a head without length or passport, or with ones that are none, is of no use", () => {
  expect(readMediaHead(headers)).toMatchObject({ totalBytes: 16, digest, ageMs: 3_000 });
  const spoiled = [
    { "content-length": undefined },
    { "content-length": "-1" },
    { "content-length": "1e3" },
    { "repr-digest": undefined },
    { "repr-digest": "sha-256=:short=:" },
    { "repr-digest": digest.replace("sha-256", "md5") },
    { "content-encoding": "gzip" },
    { "content-type": "video/mp4\r\nSet-Cookie: a=b" },
    { etag: '"a\u0000"' },
  ];
  for (const change of spoiled) {
    expect(readMediaHead({ ...headers, ...change }), JSON.stringify(change)).toBeUndefined();
  }
});

test("a tag is made from the passport where the parent gives none", () => {
  const head = readMediaHead({ ...headers, etag: undefined });
  expect(head?.etag).toBe(`"${digest.slice(9, 31)}"`);
});

function newFill(): MediaFill {
  return new MediaFill(readMediaHead(headers)!, 10_000);
}

test("the whole is judged by its digest", () => {
  const right = newFill();
  right.write(bytes);
  expect([right.isWhole, right.digestOk()]).toEqual([true, true]);
  const wrong = newFill();
  wrong.write(Buffer.from("sixteen bytes IT"));
  expect([wrong.isWhole, wrong.digestOk()]).toEqual([true, false]);
});

test("a later attempt is skipped as far as an earlier one came, across pieces", () => {
  const fill = newFill();
  fill.write(bytes.subarray(0, 10));
  fill.restart(10);
  for (let at = 0; at < bytes.length; at += 4) fill.write(bytes.subarray(at, at + 4));
  expect(Buffer.from(fill.entity.bytes).toString()).toBe(bytes.toString());
  expect(fill.digestOk()).toBe(true);
});

test("a body of another length than announced is not whole", () => {
  const short = newFill();
  short.write(bytes.subarray(1));
  expect([short.isWhole, short.digestOk()]).toEqual([false, false]);
  const long = newFill();
  long.write(bytes);
  long.write(Buffer.from("!"));
  expect([long.isWhole, long.digestOk()]).toEqual([false, false]);
});
