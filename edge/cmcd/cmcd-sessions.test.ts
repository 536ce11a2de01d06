import fc from "fast-check";
import { expect, test } from "vitest";
import { stateIndex, type CmcdReport } from "./cmcd-report.ts";
import { CmcdSessions } from "./cmcd-sessions.ts";
import { decodeReport } from "./decode-cmcd.ts";

/** The unix time at which the edge's clock of these tests stands at 0. */
const unixMs = 1_795_370_000_000;

/** An evening of one session: its reports as text, each at a time of the edge's clock. */
class Evening {
  nowMs = 0;
  readonly sessions: CmcdSessions;

  constructor(sessionCountMax = 10) {
    this.sessions = new CmcdSessions({ sessionCountMax });
  }

  /** An event that happened `delayMs` before it came. */
  event(text: string, { delayMs = 0, sid = "a" } = {}): void {
    this.events([{ text, delayMs }], sid);
  }

  events(all: readonly { text: string; delayMs?: number }[], sid = "a"): void {
    const events = all.map(({ text, delayMs = 0 }) => {
      const report = read(`sid="${sid}",ts=${unixMs + this.nowMs - delayMs},${text}`);
      return { session: this.sessions.place(sid, this.nowMs), report };
    });
    this.sessions.takeEvents(events, this.nowMs);
  }

  request(text: string, sid = "a"): void {
    const session = this.sessions.place(sid, this.nowMs);
    this.sessions.takeRequest(session, read(`sid="${sid}",${text}`), this.nowMs);
  }

  after(ms: number): this {
    this.nowMs += ms;
    return this;
  }

  get sums() {
    const { stallCount, stallMs, playMs, startFailureCount, errorCount } = this.sessions.totals;
    return { stallCount, stallMs, playMs, startFailureCount, errorCount };
  }
}

function read(text: string): CmcdReport {
  const report = decodeReport(text);
  if (typeof report === "string") throw new Error(`${report}: ${text}`);
  return report;
}

const nothing = { stallCount: 0, stallMs: 0, playMs: 0, startFailureCount: 0, errorCount: 0 };

test("events of states are counted by the times they happened, not by those they came", () => {
  const evening = new Evening();
  evening.event("e=ps,sta=s");
  evening.after(900).event("e=ps,sta=p");
  evening.after(10_000).event("e=t,sta=p");
  evening.after(5_000).event("e=ps,sta=r", { delayMs: 3_000 });
  evening.after(1_000).event("e=ps,sta=p", { delayMs: 500 });
  evening.after(2_000).event("e=ps,sta=a");
  evening.after(30_000).event("e=ps,sta=p");
  evening.after(1_000).event("e=ps,sta=q");
  expect(evening.sums).toEqual({
    ...nothing,
    stallCount: 1,
    stallMs: 3_500,
    playMs: 12_000 + 2_500 + 1_000,
  });
  expect(evening.sessions.totals.startup.sumOf(0)).toBeCloseTo(0.9);
});

test("waiting for the first picture, seeking and pausing are no stalls", () => {
  const evening = new Evening();
  for (const sta of ["d", "s", "r", "s", "p", "a", "p", "k", "p"]) {
    evening.event(`e=ps,sta=${sta}`);
    evening.after(1_000);
  }
  expect(evening.sums).toEqual({ ...nothing, playMs: 1_000 + 1_000 });
});

test("a stall that a jump to live interrupts is one stall", () => {
  const evening = new Evening();
  for (const sta of ["p", "r", "k", "r", "p", "k", "r", "p"]) {
    evening.event(`e=ps,sta=${sta}`);
    evening.after(1_000);
  }
  expect(evening.sums).toEqual({ ...nothing, stallCount: 1, stallMs: 3_000, playMs: 2_000 });
});

test("the player's own word on its start counts before what was seen of it, and once", () => {
  const evening = new Evening();
  evening.event("e=ps,sta=s");
  evening.after(5_000).event("e=ps,sta=p");
  evening.after(20_000).event("e=t,sta=p,msd=850");
  evening.after(20_000).event("e=t,sta=p,msd=99");
  const { startup } = evening.sessions.totals;
  expect([startup.sumOf(0), startup.countIn(0, 2)]).toEqual([0.85, 1]);
});

test.each([
  [["s", "k", "p"], 2],
  [["s", "k", "s", "p"], 3],
  [["d", "s", "p"], 1],
  [["s", "d", "p"], 2],
  [["s", "d", "s", "p"], 1],
  [["s", "a", "p"], 0],
  [["k", "p"], 0],
])("of the states %j the start has taken %d s", (states, sec) => {
  const evening = new Evening();
  for (const sta of states) {
    evening.event(`e=ps,sta=${sta}`);
    evening.after(1_000);
  }
  evening.event("e=t,sta=p");
  expect(evening.sessions.totals.startup.sumOf(0)).toBe(sec);
});

test("a start told in one batch is timed by the player's clock", () => {
  const evening = new Evening();
  evening.events([{ text: "e=ps,sta=s", delayMs: 2_000 }, { text: "e=ps,sta=p" }]);
  evening.after(1_000).event("e=t,sta=p");
  expect(evening.sessions.totals.startup.sumOf(0)).toBe(2);
});

test("a session that ends or falls silent before a picture is a failed start", () => {
  const evening = new Evening();
  evening.event("e=ps,sta=s", { sid: "quits" });
  evening.event("e=ps,sta=s", { sid: "silent" });
  evening.event("e=ps,sta=s", { sid: "fails" });
  evening.event("e=ps,sta=d", { sid: "only-preloads" });
  evening.event("e=t,bl=(100)", { sid: "says-nothing" });
  evening.after(1_000).event("e=ps,sta=q", { sid: "quits" });
  evening.event("e=ps,sta=f", { sid: "fails" });
  evening.event('e=e,sta=f,ec=("x")', { sid: "fails" });
  expect(evening.sums).toEqual({ ...nothing, startFailureCount: 2, errorCount: 1 });
  evening.after(60_000);
  evening.sessions.expire(evening.nowMs);
  expect(evening.sums.startFailureCount).toBe(3);
  expect(evening.sessions.count).toBe(0);
});

test("stalls whose events were lost are made up for by the player's own counts", () => {
  const evening = new Evening();
  evening.event("e=ps,sta=s,bsa=(0),bsda=(0)");
  evening.after(1_000).event("e=ps,sta=p,bsa=(0),bsda=(0)");
  evening.after(20_000).event("e=t,sta=p,bsa=(2),bsda=(4500)");
  evening.after(20_000).event("e=t,sta=p,bsa=(2),bsda=(4500)");
  expect(evening.sums).toEqual({ ...nothing, stallCount: 2, stallMs: 4_500, playMs: 35_500 });
});

test("a list of ended stalls is no second stall, and counts where the states were lost", () => {
  const evening = new Evening();
  evening.event("e=ps,sta=p");
  evening.after(5_000).event("e=ps,sta=r");
  evening.after(2_000).event("e=ps,sta=p,bsd=(2000)");
  evening.after(10_000).event("e=t,sta=p,bsd=(700 300)");
  expect(evening.sums).toEqual({ ...nothing, stallCount: 3, stallMs: 3_000, playMs: 14_000 });
});

test("what a session counted before it came to this edge is not counted here", () => {
  const evening = new Evening();
  evening.event("e=t,sta=r,bsa=(7),bsda=(90000)");
  evening.after(1_000).event("e=ps,sta=p,bsa=(7),bsda=(91000)");
  evening.after(3_000).event("e=ps,sta=r,bsa=(8),bsda=(91000)");
  evening.after(500).event("e=ps,sta=p,bsa=(8),bsda=(91500)");
  expect(evening.sums).toEqual({ ...nothing, stallCount: 1, stallMs: 1_500, playMs: 3_000 });
});

test("version 1 tells of stalls by a flag: a rise of it is one, whatever it lasts", () => {
  const evening = new Evening();
  evening.request("su,bl=0");
  evening.after(2_000).request("bl=4000");
  evening.after(4_000).request("bl=4000,bs,su");
  evening.after(4_000).request("bl=100,bs,su");
  evening.after(4_000).request("bl=4000");
  evening.after(4_000).request("bl=4000,bs");
  evening.after(4_000).request("bl=4000,pr=0");
  evening.after(9_000).request("bl=4000");
  expect(evening.sums).toEqual({ ...nothing, stallCount: 2, playMs: 20_000 });
  expect(evening.sessions.totals.startup.sumOf(0)).toBe(2);
});

test("a state in a request and the flag for the same stall count once", () => {
  const evening = new Evening();
  evening.request("bl=(4000),sta=p,v=2");
  evening.after(4_000).request("bl=(0),sta=r,v=2");
  evening.after(1_000).request("bl=(0),sta=p,bs,v=2");
  evening.after(1_000).request("bl=(4000),sta=p,v=2");
  expect(evening.sums).toEqual({ ...nothing, stallCount: 1, stallMs: 1_000, playMs: 5_000 });
});

test("no moment counts twice when a session sends both, its events alone tell its time", () => {
  const evening = new Evening();
  evening.event("e=ps,sta=p");
  for (let n = 0; n < 10; n++) {
    evening.after(1_000).request("bl=(4000),sta=r,bs,v=2");
    evening.event("e=t,sta=p");
  }
  expect(evening.sums).toEqual({ ...nothing, playMs: 10_000 });
});

test("a player whose clock is set back or forward goes on being counted", () => {
  const evening = new Evening();
  evening.event("e=ps,sta=p");
  evening.after(10_000).event("e=t,sta=p", { delayMs: 3_600_000 });
  evening.after(10_000).event("e=t,sta=p", { delayMs: -3_600_000 });
  evening.after(10_000).event("e=t,sta=p");
  expect(evening.sums.playMs).toBe(30_000);
});

test("past the limit newcomers are refused, and places of the silent are given again", () => {
  const evening = new Evening(2);
  expect([evening.sessions.place("a", 0), evening.sessions.place("b", 0)]).not.toContain(-1);
  expect(evening.sessions.place("c", 0)).toBe(-1);
  expect(evening.sessions.place("a", 1)).toBe(evening.sessions.find("a"));
  evening.after(50_000).event("e=ps,sta=p", { sid: "b" });
  evening.after(15_000);
  evening.sessions.expire(evening.nowMs);
  expect([evening.sessions.find("a"), evening.sessions.count]).toEqual([-1, 1]);
  expect(evening.sessions.place("c", evening.nowMs)).not.toBe(-1);
  const counts = evening.sessions.countsByState();
  expect([counts[stateIndex.unknown], counts[stateIndex.playing]]).toEqual([1, 1]);
});

test("a session has room for one post a second, and a few more at once", () => {
  const { sessions } = new Evening();
  const session = sessions.place("a", 0);
  const admitted = (nowMs: number): number => {
    let count = 0;
    while (sessions.admitsPost(session, nowMs)) count += 1;
    return count;
  };
  expect([admitted(0), admitted(999), admitted(1_000), admitted(3_500)]).toEqual([5, 0, 1, 2]);
});

test("queries of a session that plays are decoded every 10 s, and at once when it stalled", () => {
  const evening = new Evening();
  evening.request("bl=4000");
  const { sessions } = evening;
  const session = sessions.find("a");
  expect(sessions.isQueryDue(session, false, 9_999)).toBe(false);
  expect(sessions.isQueryDue(session, true, 1_000)).toBe(true);
  expect(sessions.isQueryDue(session, true, 999)).toBe(false);
  expect(sessions.isQueryDue(session, false, 10_000)).toBe(true);
});

test("a place takes about 140 bytes, whether it is taken or not", () => {
  const { bytes } = new CmcdSessions({ sessionCountMax: 20_000 });
  expect(bytes / 20_000).toBeLessThan(140);
});

test("sessions can add no more than the time that passed, nor more than an event a second", () => {
  const states = ["d", "s", "p", "k", "r", "a", "e", "q", "f", "nonsense"];
  const number = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 10 ** 9 }));
  const step = fc.record({
    waitMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 40_000 })),
    sid: fc.constantFrom("a", "b", "c"),
    isEvent: fc.boolean(),
    delayMs: fc.oneof(fc.integer({ min: 0, max: 5_000 }), fc.integer()),
    sta: fc.constantFrom(...states),
    bsa: number,
    bsda: number,
    bsd: number,
    rest: fc.constantFrom("", ",bs", ",su", ",pr=0", ",e=e", ",e=ps"),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const evening = new Evening(2);
      const firstMs = new Map<string, number>();
      let allowedMs = 0;
      for (const { waitMs, sid, isEvent, delayMs, sta, bsa, bsda, bsd, rest } of steps) {
        evening.after(waitMs);
        evening.sessions.expire(evening.nowMs);
        if (evening.sessions.place(sid, evening.nowMs) === -1) continue;
        if (!firstMs.has(sid)) firstMs.set(sid, evening.nowMs);
        const text = `sta=${sta},bsa=(${bsa}),bsda=(${bsda}),bsd=(${bsd})${rest}`;
        if (isEvent) evening.event(text, { delayMs, sid });
        else evening.request(text, sid);
      }
      for (const ms of firstMs.values()) allowedMs += evening.nowMs - ms;
      const { stallCount, stallMs, playMs, errorCount } = evening.sums;
      expect(stallMs).toBeGreaterThanOrEqual(0);
      expect(playMs).toBeGreaterThanOrEqual(0);
      expect(stallMs + playMs).toBeLessThanOrEqual(allowedMs);
      const eventsMax = steps.length + allowedMs / 1_000;
      expect(stallCount).toBeLessThanOrEqual(eventsMax);
      expect(errorCount).toBeLessThanOrEqual(eventsMax);
      expect(evening.sessions.count).toBeLessThanOrEqual(2);
    }),
    { numRuns: 300 },
  );
}, 30_000);
