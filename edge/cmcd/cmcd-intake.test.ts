import fc from "fast-check";
import { expect, test } from "vitest";
import { CmcdIntake } from "./cmcd-intake.ts";
import { hasNews, saysStarved, sidInQuery } from "./query-scan.ts";

const sender = { getRemoteAddress: () => new ArrayBuffer(4) };

/** With an audience that lets every session in, but for what a test says. */
function intakeOf(options: { sessionCountMax?: number; reportsPerSecMax?: number } = {}) {
  return new CmcdIntake({
    sessionCountMax: 100,
    reportsPerSecMax: 1_000,
    connectionSessionCountMax: 1,
    audience: { connectionCount: () => 1_000, namelessCount: () => 1_000 },
    ...options,
  });
}

const query = (text: string): string => `CMCD=${encodeURIComponent(text)}`;

test("a query is taken however its keys are ordered and encoded, and beside other keys", () => {
  const texts = [
    query('bl=4000,sid="x-1"'),
    query('sid="x-1",bl=4000'),
    `_HLS_msn=7&${query('bl=4000,sid="x-1"')}&a=b`,
    'CMCD=bl=4000,sid="x-1"',
    new URLSearchParams({ CMCD: 'bl=(4000 900;a),sid="x-1"' }).toString(),
  ];
  for (const text of texts) {
    const intake = intakeOf();
    intake.noteQuery(text, 0, sender);
    expect(intake.sessions.find("x-1"), text).not.toBe(-1);
    expect(intake.taken.query, text).toBe(1);
  }
});

test("a query that only says who asks makes no session and costs no decoding", () => {
  const intake = intakeOf();
  for (const text of ["", "a=b", query('sid="x"'), query('cid="main",mtp=400,ot=m,sid="x"')]) {
    intake.noteQuery(text, 0, sender);
  }
  expect([intake.sessions.count, intake.taken.query]).toEqual([0, 0]);
});

test("the scan finds the session, the news and the flag, and no more than that", () => {
  const scan = (text: string) => [sidInQuery(text), hasNews(text), saysStarved(text)];
  expect(scan(query('bl=1,bs,sid="a_b.c-1",su'))).toEqual(["a_b.c-1", true, true]);
  expect(scan(query('bs,sid="a"'))).toEqual(["a", true, true]);
  expect(scan(query('sid="a",bs'))).toEqual(["a", true, true]);
  expect(scan(query('bsa=(1),bsd=(3),br=(300),sid="a",tbl=(4),st=l'))).toEqual(["a", false, false]);
  expect(scan(query('sid="a",sta=p'))).toEqual(["a", true, false]);
  expect(scan(query('com.x-sid="b",bl=3'))).toEqual(["", true, false]);
  expect(scan("CMCD=bl%3D1%2Csid%3D%22abc")).toEqual(["", true, false]);
  expect(scan("sid=%22a%22")).toEqual(["a", false, false]);
  expect(scan(`CMCD=bl%3D1%2Csid%3D%22${"x".repeat(65)}%22`)).toEqual(["", true, false]);
});

test("a session's queries are decoded seldom; a stall is not missed for it", () => {
  const intake = intakeOf();
  const step = (text: string, nowMs: number): void => intake.noteQuery(query(text), nowMs, sender);
  for (let nowMs = 0; nowMs <= 40_000; nowMs += 2_000) step('bl=4000,sid="a"', nowMs);
  expect(intake.taken.query).toBe(5);
  step('bl=0,bs,sid="a",su', 42_000);
  step('bl=900,bs,sid="a",su', 43_000);
  step('bl=4000,sid="a"', 45_000);
  step('bl=4000,bs,sid="a"', 47_000);
  expect(intake.sessions.totals.stallCount).toBe(2);
  expect(intake.taken.query).toBeLessThanOrEqual(8);
});

test("a post holds events of several sessions, one a line, however lines end", () => {
  const intake = intakeOf();
  const body = 'sid="a",e=ps,sta=p\r\n\nsid="b",e=ps,sta=p\nsid="a",e=ps,sta=r\n';
  expect(intake.takeEvents(body, 0, sender)).toBe("taken");
  expect([intake.taken.event, intake.sessions.count]).toEqual([3, 2]);
  expect(intake.sessions.totals.stallCount).toBe(1);
});

test("lines that are wrong are counted and leave the others alone", () => {
  const intake = intakeOf();
  expect(intake.takeEvents('(((\ne=t,bl=(4)\nsid="a",e=t', 0, sender)).toBe("taken");
  expect(intake.takeEvents('((,sid="a"\ne=t', 0, sender)).toBe("malformed");
  expect(intake.takeEvents("\n\n", 0, sender)).toBe("malformed");
  expect(intake.refused).toMatchObject({ malformed: 2, "no-session": 3 });
});

test("of 10,000 lines the first 64 are read", () => {
  const intake = intakeOf();
  expect(intake.takeEvents('sid="a",e=t\n'.repeat(10_000), 0, sender)).toBe("taken");
  expect([intake.taken.event, intake.refused["too-large"]]).toEqual([64, 1]);
});

test("who posts more than once a second is told to wait, and loses nothing by it", () => {
  const intake = intakeOf();
  const answers = Array.from({ length: 7 }, () => intake.takeEvents('sid="a",e=t', 0, sender));
  expect(answers).toEqual([...Array<string>(5).fill("taken"), "tooOften", "tooOften"]);
  expect(intake.takeEvents('sid="b",e=t', 0, sender)).toBe("taken");
  expect(intake.takeEvents('sid="a",e=t', 1_000, sender)).toBe("taken");
  expect(intake.refused["too-often"]).toBe(2);
});

test("past the budget of reports a second they are dropped, and taken again later", () => {
  const intake = intakeOf({ reportsPerSecMax: 10 });
  for (let n = 0; n < 15; n++) intake.noteQuery(query(`bl=1,sid="s${n}"`), 0, sender);
  expect(intake.takeEvents('sid="z",e=t', 0, sender)).toBe("taken");
  expect([intake.taken, intake.refused.overload]).toEqual([{ query: 10, event: 0 }, 6]);
  intake.noteQuery(query('bl=1,sid="late"'), 100, sender);
  expect(intake.sessions.find("late")).not.toBe(-1);
});

test("sessions past the limit are counted and refused, and nobody is told", () => {
  const intake = intakeOf({ sessionCountMax: 3 });
  for (let n = 0; n < 5; n++) {
    expect(intake.takeEvents(`sid="s${n}",e=ps,sta=s`, 0, sender)).toBe("taken");
  }
  expect([intake.sessions.count, intake.refused["too-many-sessions"]]).toEqual([3, 2]);
  intake.tick(60_000);
  expect(intake.sessions.count).toBe(0);
});

test("no query and no body whatever throws, and sessions stay bounded", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string().map((value) => `sid="a",${value}`),
    fc.string({ maxLength: 10 }).map((value) => `bl=3,sid="${value}",bs`),
  );
  const intake = intakeOf({ sessionCountMax: 8 });
  let nowMs = 0;
  fc.assert(
    fc.property(text, fc.nat(3_000), (value, waitMs) => {
      nowMs += waitMs;
      intake.noteQuery(`CMCD=${value}`, nowMs, sender);
      intake.noteQuery(query(value), nowMs, sender);
      intake.takeEvents(value, nowMs, sender);
      intake.tick(nowMs);
      expect(intake.sessions.count).toBeLessThanOrEqual(8);
    }),
    { numRuns: 100 },
  );
}, 30_000);

test("posts wait for their viewer, bounded, and then count as of when they came", () => {
  const intake = new CmcdIntake({
    sessionCountMax: 1_000,
    reportsPerSecMax: 1_000,
    connectionSessionCountMax: 1,
    audience: { connectionCount: () => 1_000, namelessCount: () => 0 },
  });
  expect(intake.takeEvents('sid="a",e=ps,sta=s', 1_000, sender)).toBe("taken");
  expect(intake.sessions.count).toBe(0);
  intake.noteQuery(query('sid="a"'), 1_500, sender);
  expect(intake.takeEvents('sid="a",e=ps,sta=p', 3_000, sender)).toBe("taken");
  intake.takeEvents('sid="a",e=t,sta=p', 4_000, sender);
  expect(intake.sessions.totals.startup.sumOf(0)).toBe(2);
  for (let n = 0; n < 300; n++) intake.takeEvents(`sid="x${n}",e=t`, 4_000, sender);
  expect(intake.refused["no-viewer"]).toBe(300 - 256);
  intake.tick(25_000);
  expect(intake.refused["no-viewer"]).toBe(300);
  expect(intake.sessions.count).toBe(1);
});
