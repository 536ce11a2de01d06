import { expect, test } from "vitest";
import type { Signal } from "../../src/swarm/room-messages.ts";
import { maySay, newIntroduction, noteSaid } from "./introductions.ts";

type Said = [nowMs: number, by: "caller" | "called", type: Signal["type"], candidateCount: number];

/** Which of the signals pass. */
function passing(all: readonly Said[]): boolean[] {
  const sides = { caller: newIntroduction(true), called: newIntroduction(false) };
  return all.map(([nowMs, by, type, candidateCount]) => {
    const [own, other] =
      by === "caller" ? [sides.caller, sides.called] : [sides.called, sides.caller];
    const candidate = candidateCount === 0 ? "" : "candidate:1";
    const signal: Signal =
      type === "candidate" ? { type, candidate, mid: "0" } : { type, sdp: "v=0" };
    return maySay({ own, other }, signal, nowMs) && noteSaid(own, { type, candidateCount }, nowMs);
  });
}

const offer: Said = [0, "caller", "offer", 0];

test.each<[string, Said[], boolean[]]>([
  [
    "an offer, its answer, candidates of both",
    [
      offer,
      [1, "caller", "candidate", 1],
      [2, "called", "answer", 2],
      [3, "called", "candidate", 1],
      [4, "called", "candidate", 0],
    ],
    [true, true, true, true, true],
  ],
  ["no offer by who was called", [[0, "called", "offer", 0], offer], [false, true]],
  ["no answer by who calls", [offer, [1, "caller", "answer", 0]], [true, false]],
  ["no answer to nothing", [[0, "called", "answer", 0]], [false]],
  [
    "one offer in ten seconds",
    [offer, [9_999, "caller", "offer", 0], [10_000, "caller", "offer", 0]],
    [true, false, true],
  ],
  [
    "one answer in ten seconds",
    [
      offer,
      [5, "called", "answer", 0],
      [9_000, "called", "answer", 0],
      [10_005, "called", "answer", 0],
    ],
    [true, true, false, true],
  ],
  [
    "ten candidates, also within a description",
    [
      [0, "caller", "offer", 9],
      [1, "caller", "candidate", 1],
      [2, "caller", "candidate", 1],
    ],
    [true, true, false],
  ],
  [
    "no candidate more for another description",
    [
      [0, "caller", "offer", 10],
      [20_000, "caller", "offer", 1],
      [20_001, "caller", "offer", 0],
    ],
    [true, false, true],
  ],
  [
    "ten of each side",
    [
      [0, "caller", "offer", 10],
      [1, "called", "answer", 10],
      [2, "called", "candidate", 1],
    ],
    [true, true, false],
  ],
  [
    "four words that there are no more, also after ten candidates",
    [
      [0, "caller", "offer", 10],
      ...Array.from({ length: 5 }, (): Said => [1, "caller", "candidate", 0]),
    ],
    [true, true, true, true, true, false],
  ],
])("%s", (_, said, expected) => {
  expect(passing(said)).toEqual(expected);
});
