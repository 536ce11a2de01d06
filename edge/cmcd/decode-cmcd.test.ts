import fc from "fast-check";
import { expect, test } from "vitest";
import { stateIndex, type CmcdReport } from "./cmcd-report.ts";
import { decodeReport, reportLengthMax } from "./decode-cmcd.ts";

const nothing: CmcdReport = {
  sid: "a-1",
  event: "",
  state: -1,
  atUnixMs: -1,
  bufferMs: -1,
  throughputKbps: -1,
  rungKbps: -1,
  latencyMs: -1,
  startupMs: -1,
  stallCount: -1,
  stallMs: -1,
  endedStallCount: 0,
  endedStallMs: 0,
  isStarved: false,
  isStartup: false,
  playbackRate: -1,
};

function check(text: string, expected: Partial<CmcdReport>): void {
  expect(decodeReport(`sid="a-1",${text}`), text).toEqual({ ...nothing, ...expected });
}

test("a report of version 1 has single numbers, one of version 2 lists with kinds of objects", () => {
  check('bl=21300,br=750,mtp=2400,bs,su,pr=1.08,ot=v,sf=h,st=l,cid="main"', {
    bufferMs: 21_300,
    rungKbps: 750,
    throughputKbps: 2_400,
    isStarved: true,
    isStartup: true,
    playbackRate: 1.08,
  });
  check("bl=(9000;v 700;a),br=(64;a 450;v),mtp=(900 2400),bsa=(2),bsda=(3100;v),v=2", {
    bufferMs: 700,
    rungKbps: 450,
    throughputKbps: 2_400,
    stallCount: 2,
    stallMs: 3_100,
  });
});

test("an event says what happened, when, and what the player does now", () => {
  check("e=ps,sta=r,ts=1795370000123,ltc=14200,msd=850,bsd=(500 1200),sn=3,v=2", {
    event: "ps",
    state: stateIndex.stalled,
    atUnixMs: 1_795_370_000_123,
    latencyMs: 14_200,
    startupMs: 850,
    endedStallCount: 2,
    endedStallMs: 1_700,
  });
  for (const [token, name] of Object.entries({
    s: "starting",
    p: "playing",
    k: "seeking",
    a: "paused",
    w: "paused",
    e: "ended",
    q: "ended",
    f: "failed",
    d: "preloading",
  } as const)) {
    check(`sta=${token}`, { state: stateIndex[name] });
  }
});

test("what is on the screen goes before what is being fetched", () => {
  check("br=(750),pb=(300)", { rungKbps: 300 });
});

test("values out of range, of the wrong type or of unknown keys are as if not said", () => {
  check("bl=-1,br=0,mtp=99999999999,ltc=999999999,msd=-5,bsa=(-1),bsda=(99999999999),pr=-2", {});
  check('bl="12",br=?1,mtp=:AAAA:,ts=17,e="ps",sta="r",bs=1,su="yes",pr=abc', {});
  check('com.example-x=(1 2),nor="../3.m4s",constructor=5,tostring=1,valueof=(1)', {});
});

test("without a session, or with one that is none, there is no report", () => {
  for (const text of ["", "bl=100", 'sid=""', "sid=abc", `sid="${"x".repeat(65)}"`, 'sid="a b"']) {
    expect(decodeReport(text), text).toBe("no-session");
  }
});

test("text that is no dictionary, or too long, is malformed", () => {
  for (const text of [
    ",",
    'sid="a',
    'sid="a",,',
    'sid="a",bl=(1',
    "\u0000",
    "{}",
    'sid="é\u0001"',
    `sid="a",x="${"y".repeat(reportLengthMax)}"`,
  ]) {
    expect(decodeReport(text), JSON.stringify(text)).toBe("malformed");
  }
});

test("no text whatever throws, and what is taken is in range", () => {
  const key = fc.constantFrom("sid", "bl", "br", "bsd", "bsda", "sta", "e", "ts", "x", "msd", "pb");
  const value = fc.oneof(
    fc.constantFrom('"a"', "r", "ps", "?1", ":AA==:", "@1", '""', "(1 2;v)", "()", "-1", "1e9"),
    fc.integer().map(String),
    fc.double().map(String),
    fc.string(),
  );
  const pairs = fc
    .array(fc.tuple(key, value), { maxLength: 12 })
    .map((all) => all.map(([name, text]) => `${name}=${text}`).join(","));
  fc.assert(
    fc.property(fc.oneof(fc.string(), pairs, fc.string({ unit: "binary" })), (text) => {
      const report = decodeReport(text);
      if (typeof report === "string") return;
      for (const one of Object.values(report)) {
        if (typeof one !== "number") continue;
        expect(Number.isFinite(one) && one >= -1 && one <= 10_000_000_000_000).toBe(true);
      }
    }),
    { numRuns: 200 },
  );
}, 30_000);
