import { decodeCmcd, validateCmcd, validateCmcdEvents } from "@svta/cml-cmcd";
import { expect, test } from "vitest";
import { cmcdEvent, cmcdQuery, type PlayFacts } from "./cmcd-text.ts";

const facts: PlayFacts = {
  bufferMs: 11_249.4,
  throughputKbps: 2_351.7,
  rungKbps: 450,
  latencyMs: 14_200.4,
  playbackRate: 1,
};
const unknown: PlayFacts = {
  bufferMs: null,
  throughputKbps: null,
  rungKbps: null,
  latencyMs: null,
  playbackRate: 1,
};

const event = {
  event: "ps",
  sid: "0123456789abcdef",
  cid: "main",
  state: "p",
  atUnixMs: 1_795_370_000_123.7,
  number: 3,
  facts,
  stallCount: 1,
  stallMs: 2_300.2,
  startupMs: 850.9,
  errorCode: null,
} as const;

test("a query is version 1 by the library's rules, and short", () => {
  for (const [isStartup, isStarved] of [
    [true, false],
    [false, true],
  ] as const) {
    const query = cmcdQuery({ sid: "a1", cid: "main", facts, isStartup, isStarved });
    const keys = decodeCmcd(new URLSearchParams(query).get("CMCD")!);
    expect(validateCmcd(keys, { version: 1, reportingMode: "request" }).issues).toEqual([]);
    expect(keys).toEqual({
      bl: 11_200,
      br: 450,
      ...(isStarved ? { bs: true } : {}),
      cid: "main",
      mtp: 2_400,
      ot: "m",
      sf: "h",
      sid: "a1",
      st: "l",
      ...(isStartup ? { su: true } : {}),
    });
    expect(query.length).toBeLessThan(200);
  }
});

test("an event is version 2 by the library's rules", () => {
  const line = cmcdEvent(event);
  const { issues, data } = validateCmcdEvents(line);
  expect(issues).toEqual([]);
  expect(data).toEqual([
    {
      bl: [11_200],
      br: [450],
      bsa: [1],
      bsda: [2_300],
      cid: "main",
      e: "ps",
      ltc: 14_200,
      msd: 851,
      mtp: [2_400],
      sf: "h",
      sid: "0123456789abcdef",
      sn: 3,
      st: "l",
      sta: "p",
      ts: 1_795_370_000_124,
      v: 2,
    },
  ]);
});

test("what is not known is left out, and an error says its code", () => {
  const line = cmcdEvent({
    ...event,
    event: "e",
    state: "f",
    facts: unknown,
    startupMs: null,
    errorCode: "unplayable",
  });
  const { issues, data } = validateCmcdEvents(line);
  expect(issues).toEqual([]);
  expect(data[0]).toMatchObject({ e: "e", ec: ["unplayable"], sta: "f" });
  for (const key of ["bl", "br", "ltc", "msd", "mtp"]) expect(data[0]).not.toHaveProperty(key);
  const query = cmcdQuery({
    sid: "a",
    cid: "main",
    facts: { ...unknown, playbackRate: 1.0499 },
    isStartup: false,
    isStarved: false,
  });
  expect(decodeURIComponent(query)).toBe('CMCD=cid="main",ot=m,pr=1.05,sf=h,sid="a",st=l');
});
