import fc from "fast-check";
import { expect, test } from "vitest";
import {
  emptyPath,
  formatPath,
  parsePath,
  parseRung,
  pathKinds,
  pathLengthMax,
  type ParsedPath,
  type PathKind,
} from "./path.ts";

function check(raw: string, expected: Partial<ParsedPath> | undefined): void {
  const wanted = expected === undefined ? undefined : { ...emptyPath(), ...expected };
  expect(parsePath(raw), raw).toEqual(wanted);
}

test("every path of the design is parsed into its fields", () => {
  const feed = "main";
  check("/", { kind: "root" });
  check("/watch/main", { kind: "watch", feed });
  check("/embed/a-1", { kind: "embed", feed: "a-1" });
  check("/live/main/index.m3u8", { kind: "multivariant", feed });
  check("/live/main/300/index.m3u8", { kind: "media", feed, rung: 300 });
  check("/live/main/audio/index.m3u8", { kind: "media", feed, rung: 0 });
  check("/live/main/750/init-0123abcd.mp4", { kind: "init", feed, rung: 750, name: "0123abcd" });
  check("/live/main/750/7-0.m4s", { kind: "segment", feed, rung: 750, epoch: 7, msn: 0 });
  check("/live/main/audio/1795370000-1795370003.m4s", {
    kind: "segment",
    feed,
    rung: 0,
    epoch: 1_795_370_000,
    msn: 1_795_370_003,
  });
  check("/live/main/150/7-12.3.m4s", {
    kind: "part",
    feed,
    rung: 150,
    epoch: 7,
    msn: 12,
    part: 3,
  });
  check("/live/main/status.json", { kind: "status", feed });
  check("/live/main/ladder.json", { kind: "ladder", feed });
  check("/live/main/viewers", { kind: "viewers", feed });
  check("/live/main/room", { kind: "room", feed });
  check("/assets/watch-X3K7.js", { kind: "asset", name: "watch-X3K7.js" });
  check("/cmcd", { kind: "cmcd" });
  check("/qoe", { kind: "qoe" });
});

test("a viewer token is stripped before anything else is looked at", () => {
  check("/t/v1.Az_9-x/live/main/300/7-1.m4s", {
    kind: "segment",
    feed: "main",
    rung: 300,
    epoch: 7,
    msn: 1,
    token: "v1.Az_9-x",
  });
  check("/t/abc/", { kind: "root", token: "abc" });
});

test("whatever is not canonical is refused", () => {
  const refused = [
    "",
    "live",
    "//",
    "/watch/",
    "/watch/Main",
    "/watch/main/",
    `/watch/${"a".repeat(33)}`,
    "/live/main",
    "/live//index.m3u8",
    "/live/main/../../etc/passwd",
    "/live/./main/index.m3u8",
    "/live/main/%2e%2e/index.m3u8",
    "/live/ma%69n/index.m3u8",
    "/live/main/index.m3u8%00",
    "/live/main/index.m3u8\0",
    "/live/main\\300\\index.m3u8",
    "/live/main/0300/index.m3u8",
    "/live/main/0/index.m3u8",
    "/live/main/-1/index.m3u8",
    "/live/main/1e3/index.m3u8",
    "/live/main/audio2/index.m3u8",
    "/live/main/300/index.m3u8/",
    "/live/main/300//7-1.m4s",
    "/live/main/300/07-1.m4s",
    "/live/main/300/7-01.m4s",
    "/live/main/300/7-.m4s",
    "/live/main/300/-1.m4s",
    "/live/main/300/7-1.m4s.m4s",
    "/live/main/300/7-1..m4s",
    "/live/main/300/7-1.2.3.m4s",
    "/live/main/300/7-1234567890123456.m4s",
    "/live/main/300/7-1.ts",
    "/live/main/300/init-0123ABCD.mp4",
    "/live/main/300/init-.mp4",
    "/live/main/300/init-.mp4init-01234567.mp4",
    "/live/main/status.json/",
    "/assets/",
    "/assets/.env",
    "/assets/a/b.js",
    "/t/abc",
    "/t//live/main/index.m3u8",
    "/t/a%2e/live/main/index.m3u8",
    "/t/abc/t/def/",
    "http://host/live/main/index.m3u8",
    "/cmcd/",
    `/assets/${"a".repeat(pathLengthMax)}`,
  ];
  for (const raw of refused) check(raw, undefined);
});

test("a rung's name and number are the same thing", () => {
  expect(["audio", "150", "99999", "0", "", "015", "hd"].map(parseRung)).toEqual([
    0,
    150,
    99_999,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

const characters = (alphabet: string) => fc.constantFrom(...Array.from(alphabet));
const lowerAndDigits = "abcdefghijklmnopqrstuvwxyz0123456789";
const feedName = fc.string({ unit: characters(`${lowerAndDigits}-`), minLength: 1, maxLength: 32 });
const hexName = fc.string({ unit: characters("0123456789abcdef"), minLength: 8, maxLength: 64 });
const fileName = fc.stringMatching(/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,95}$/);
const wholeNumber = fc.integer({ min: 0, max: 999_999_999_999_999 });

const fieldsOf: Record<PathKind, (keyof ParsedPath)[]> = {
  root: [],
  watch: ["feed"],
  embed: ["feed"],
  multivariant: ["feed"],
  media: ["feed", "rung"],
  init: ["feed", "rung"],
  segment: ["feed", "rung", "epoch", "msn"],
  part: ["feed", "rung", "epoch", "msn", "part"],
  status: ["feed"],
  ladder: ["feed"],
  viewers: ["feed"],
  room: ["feed"],
  asset: [],
  cmcd: [],
  qoe: [],
};

const canonicalPath = fc
  .record({
    kind: fc.constantFrom(...pathKinds),
    feed: feedName,
    rung: fc.integer({ min: 0, max: 99_999 }),
    epoch: wholeNumber,
    msn: wholeNumber,
    part: wholeNumber,
    hash: hexName,
    file: fileName,
    token: fc.oneof(fc.constant(""), fileName),
  })
  .map(({ hash, file, ...all }): ParsedPath => {
    const path = emptyPath(all.kind);
    const kept = Object.fromEntries(
      fieldsOf[all.kind].map((field) => [field, all[field as "feed"]]),
    );
    const name = all.kind === "init" ? hash : all.kind === "asset" ? file : "";
    return { ...path, ...kept, name, token: all.token };
  });

test("parsing what was formatted gives the same fields", () => {
  fc.assert(
    fc.property(canonicalPath, (path) => {
      expect(parsePath(formatPath(path))).toEqual(path);
    }),
    { numRuns: 2_000 },
  );
});

test("every accepted path is the canonical one of its fields, whatever the bytes", () => {
  const nearly = fc
    .tuple(canonicalPath, fc.nat(), fc.nat({ max: 3 }), fc.string({ maxLength: 3 }))
    .map(([path, at, removed, inserted]) => {
      const raw = formatPath(path);
      const start = at % (raw.length + 1);
      return raw.slice(0, start) + inserted + raw.slice(start + removed);
    });
  fc.assert(
    fc.property(fc.oneof(nearly, fc.string()), (raw) => {
      const path = parsePath(raw);
      if (path !== undefined) expect(formatPath(path)).toBe(raw);
    }),
    { numRuns: 5_000 },
  );
});

test("a reused object keeps nothing of the path before", () => {
  const reused = emptyPath();
  parsePath("/t/abc/live/main/300/7-1.2.m4s", reused);
  expect(parsePath("/cmcd", reused)).toEqual({ ...emptyPath(), kind: "cmcd" });
});
