import fc from "fast-check";
import { expect, test } from "vitest";
import {
  decideOnDirectives,
  holdMsFor,
  readDeliveryDirectives,
  type DeliveryDirectives,
  type PlaylistPosition,
} from "./delivery-directives.ts";

test.each<[string, DeliveryDirectives | string]>([
  ["", {}],
  ["CMCD=br%3D300", {}],
  ["_HLS_msn=12", { msn: 12 }],
  ["a=1&_HLS_part=3&_HLS_msn=12&_HLS_skip=YES", { msn: 12, part: 3, skip: "YES" }],
  ["_HLS_skip=v2", { skip: "v2" }],
  ["_HLS_pathway=a&_HLS_msn=0", { msn: 0 }],
  ["_hls_msn=12", {}],
  ["_HLS_part=3", "needs _HLS_msn"],
  ["_HLS_msn=", "decimal"],
  ["_HLS_msn", "decimal"],
  ["_HLS_msn=-1", "decimal"],
  ["_HLS_msn=1.5", "decimal"],
  ["_HLS_msn=1e3", "decimal"],
  ["_HLS_msn=%31", "decimal"],
  ["_HLS_msn=1234567890123456", "decimal"],
  ["_HLS_msn=1&_HLS_msn=1", "twice"],
  ["_HLS_msn=1&_HLS_part=1&_HLS_part=2", "twice"],
  ["_HLS_skip=YES&_HLS_skip=YES", "twice"],
  ["_HLS_skip=NO", "YES or v2"],
])("the query %j", (query, expected) => {
  const result = readDeliveryDirectives(query);
  if (typeof expected === "string") {
    expect(result.ok ? "" : result.problem).toContain(expected);
  } else {
    expect(result).toEqual({ ok: true, directives: expected });
  }
});

const plain: PlaylistPosition = { lastMsn: 100, ended: false };
/** Parts of 0.533 s: the Advance Part Limit is ceil(3 / 0.533) = 6. */
const withParts: PlaylistPosition = {
  ...plain,
  parts: { targetMs: 534, lastSegmentPartCount: 4, openPartCount: 2 },
};
const longParts: PlaylistPosition = {
  ...plain,
  parts: { targetMs: 1067, lastSegmentPartCount: 2, openPartCount: 0 },
};

test.each<[string, DeliveryDirectives, PlaylistPosition | undefined, string]>([
  ["nothing listed yet", { msn: 5 }, undefined, "waitStart"],
  ["nothing listed yet, no directives", {}, undefined, "waitStart"],
  ["no directives", {}, plain, "answer"],
  ["ended, far ahead", { msn: 999, part: 9 }, { ...plain, ended: true }, "answer"],
  ["older than the window", { msn: 3 }, plain, "answer"],
  ["the last segment", { msn: 100 }, plain, "answer"],
  ["the next segment", { msn: 101 }, plain, "wait 101"],
  ["the one after", { msn: 102 }, plain, "wait 102"],
  ["too far ahead", { msn: 103 }, plain, "refuse"],
  ["a part where there are none", { msn: 101, part: 2 }, plain, "wait 101"],
  ["only a segment where there are parts", { msn: 101 }, withParts, "wait 101"],
  ["a listed part of the last segment", { msn: 100, part: 3 }, withParts, "answer"],
  ["past the last part, where the next has begun", { msn: 100, part: 4 }, withParts, "answer"],
  ["past the last part, nothing open", { msn: 100, part: 2 }, longParts, "wait 101.0"],
  ["a listed part of the open segment", { msn: 101, part: 1 }, withParts, "answer"],
  ["the next part", { msn: 101, part: 2 }, withParts, "wait 101.2"],
  ["a part at the limit", { msn: 101, part: 7 }, withParts, "wait 101.7"],
  ["a part past the limit", { msn: 101, part: 8 }, withParts, "refuse"],
  ["long parts at the limit of three", { msn: 101, part: 2 }, longParts, "wait 101.2"],
  ["long parts past the limit of three", { msn: 101, part: 3 }, longParts, "refuse"],
  ["a part of the segment after the open one", { msn: 102, part: 0 }, withParts, "wait 102.0"],
  ["a part of an old segment", { msn: 50, part: 9 }, withParts, "answer"],
])("%s", (_name, directives, position, expected) => {
  const decision = decideOnDirectives(directives, position, { msnAheadMax: 2 });
  const part = decision.kind === "wait" && decision.part !== undefined ? `.${decision.part}` : "";
  const shown = decision.kind === "wait" ? `wait ${decision.msn}${part}` : decision.kind;
  expect(shown).toBe(expected);
});

test("a relay, which may lag its parent, refuses only past four ahead", () => {
  const decide = (msn: number) => decideOnDirectives({ msn }, plain, { msnAheadMax: 4 }).kind;
  expect([decide(104), decide(105)]).toEqual(["wait", "refuse"]);
});

test("a wait is always for something that is not there yet", () => {
  const number = fc.integer({ min: 0, max: 20 });
  fc.assert(
    fc.property(number, number, number, number, (msn, part, openPartCount, count) => {
      const parts = { targetMs: 500, lastSegmentPartCount: count, openPartCount };
      const position = { lastMsn: 10, ended: false, parts };
      const decision = decideOnDirectives({ msn, part }, position, { msnAheadMax: 2 });
      if (decision.kind !== "wait") return;
      expect(decision.msn).toBeGreaterThan(10);
      if (decision.msn === 11) expect(decision.part).toBeGreaterThanOrEqual(openPartCount);
    }),
  );
});

test("requests are held for three target durations, or less where configured", () => {
  expect(holdMsFor({ targetDurationSec: 2, holdMsMax: 8000 })).toBe(6000);
  expect(holdMsFor({ targetDurationSec: 4, holdMsMax: 8000 })).toBe(8000);
});
