/** Addresses of somebody else's edge: what is taken, and what is refused with what to do. */
import { expect, test } from "vitest";
import { foreignTarget } from "./run-target.ts";

const plain = { linkClassCount: 0 };

test.each([
  ["http://edge", "http://edge", "main"],
  ["http://edge:80/", "http://edge", "main"],
  ["http://edge:8080/live/other/index.m3u8", "http://edge:8080", "other"],
  ["https://edge/live/main/index.m3u8", "https://edge", "main"],
])("%s is the edge %s with the feed %s", (url, edgeUrl, feed) => {
  expect(foreignTarget(url, plain)).toMatchObject({ edgeUrls: [edgeUrl], feed, isOwn: false });
});

test.each([
  ["localhost", /must be a URL/],
  ["ftp://edge", /must be a URL/],
  ["http://edge/hls/main.m3u8", /must have no path, or \/live\/FEED\/index.m3u8 .*got \/hls/],
  ["http://edge/live/main/", /must have no path/],
  ["http://edge/live/main/2/index.m3u8", /must have no path/],
  ["http://edge/live/main/index.m3u8?token=1", /must have no path/],
])("%s is refused", (url, words) => {
  expect(() => foreignTarget(url, plain)).toThrow(words);
});

test.each([
  "http://alice:s3cret@edge/live/main/index.m3u8",
  "http://s3cret@edge",
  "ftp://a:s3cret@b",
])("%s is refused for what it gives away, which is not repeated", (url) => {
  expect(() => foreignTarget(url, plain)).toThrow(/^--target must have no user name or password/);
  expect(() => foreignTarget(url, plain)).not.toThrow(/s3cret/);
});

test("https is refused where lines are emulated, with the setting that allows it", () => {
  const emulated = { linkClassCount: 3 };
  expect(() => foreignTarget("https://edge", emulated)).toThrow(/wire\.linkClassCount=0/);
  expect(foreignTarget("http://edge", emulated).edgeUrls).toEqual(["http://edge"]);
});
