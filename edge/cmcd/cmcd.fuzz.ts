/**
 * Fuzz target: CMCD as anybody may send it, in a query and in a post. What is taken stays within
 * bounds: sessions, and the time that they can claim.
 */
import { assert } from "../../src/base/assert.ts";
import { CmcdIntake } from "./cmcd-intake.ts";

export const name = "cmcd";

export const dictionary = [
  'sid="a"',
  'sid="b",',
  ",e=ps",
  ",e=t",
  ",sta=r",
  ",sta=p",
  ",ts=1795370000123",
  ",bsa=(3)",
  ",bsda=(9000;v)",
  ",bsd=(100 200)",
  ",bl=(4000)",
  ",msd=900",
  ",bs,su",
  "\r\n",
  "%2Csid%3D%22a%22",
  "CMCD=",
];

const sessionCountMax = 4;
const stepMs = 700;
const sender = { getRemoteAddress: () => new ArrayBuffer(4) };

export function fuzz(data: Uint8Array): void {
  const text = Buffer.from(data).toString("latin1");
  const intake = new CmcdIntake({
    sessionCountMax,
    reportsPerSecMax: 200,
    connectionSessionCountMax: 1,
    audience: { connectionCount: () => 100, namelessCount: () => 100 },
  });
  const stepCount = 3;
  for (let step = 0; step < stepCount; step++) {
    const nowMs = step * stepMs;
    intake.noteQuery(text, nowMs, sender);
    intake.noteQuery(`CMCD=${text}`, nowMs, sender);
    intake.takeEvents(text, nowMs, sender);
    intake.takeEvents(text.slice(text.indexOf("\n") + 1), nowMs, sender);
    intake.tick(nowMs);
  }
  const { totals, count } = intake.sessions;
  const elapsedMs = sessionCountMax * (stepCount - 1) * stepMs;
  assert(count <= sessionCountMax, "sessions are bounded");
  assert(totals.stallMs >= 0 && totals.playMs >= 0, "time only passes forward");
  assert(totals.stallMs + totals.playMs <= elapsedMs, "no more time is told than passed");
  assert(totals.stallCount <= sessionCountMax * 2, "a stall a second at most");
}
