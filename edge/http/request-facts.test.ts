import { expect, test } from "vitest";
import { emptyPath } from "../../src/hls/path.ts";
import { afterOf, malformedAfter } from "./request-facts.ts";

test("what a held request knows is read from its query, and only where it means something", () => {
  const table: ["media" | "status" | "multivariant", string, number][] = [
    ["media", "_HLS_msn=12", 12],
    ["media", "CMCD=a&_HLS_msn=12&x=1", 12],
    ["media", "", -1],
    ["media", "v=5", -1],
    ["media", "_HLS_msn=-1", malformedAfter],
    ["media", "_HLS_msn=1&_HLS_msn=1", malformedAfter],
    ["media", "_HLS_part=1", malformedAfter],
    ["status", "v=1795374667891", 1_795_374_667_891],
    ["status", "a=1&v=5", 5],
    ["status", "rev=5", -1],
    ["status", "", -1],
    ["status", "v", malformedAfter],
    ["status", "v=", malformedAfter],
    ["status", "v=abc", malformedAfter],
    ["status", "v=-1", malformedAfter],
    ["status", "v=1&v=2", malformedAfter],
    ["status", "v=1?v=2", malformedAfter],
    ["multivariant", "_HLS_msn=x", -1],
  ];
  for (const [kind, query, expected] of table) {
    expect(afterOf(emptyPath(kind), query), query).toBe(expected);
  }
});
