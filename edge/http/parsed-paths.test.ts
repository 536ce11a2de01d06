import { expect, test } from "vitest";
import { parsePath } from "../../src/hls/path.ts";
import { ParsedPaths, parsedCountMax } from "./parsed-paths.ts";

const segment = "/live/main/300/7-107.m4s";

test("a path that was delivered is known by its text", () => {
  const paths = new ParsedPaths();
  expect(paths.get(segment)).toBeUndefined();
  paths.remember(parsePath(segment)!);
  expect(paths.get(segment)).toEqual(parsePath(segment));
});

test("made-up tokens neither come in nor drive out what is known", () => {
  const paths = new ParsedPaths();
  paths.remember(parsePath(segment)!);
  for (let n = 0; n < parsedCountMax; n++) paths.remember(parsePath(`/t/x${n}${segment}`)!);
  expect(paths.get(segment)).toEqual(parsePath(segment));
  expect(paths.get(`/t/x0${segment}`)).toBeUndefined();
});

test("so many paths are kept and no more", () => {
  const paths = new ParsedPaths();
  const urls = Array.from({ length: 3_000 }, (_, msn) => `/live/main/300/7-${msn + 1}.m4s`);
  for (const url of urls) paths.remember(parsePath(url)!);
  const kept = urls.filter((url) => paths.get(url) !== undefined);
  expect(kept.length).toBeLessThanOrEqual(parsedCountMax);
  expect(kept).toContain(urls.at(-1));
});
