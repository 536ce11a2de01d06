import { expect, test } from "vitest";
import { Accusations, type Party, type Verdict } from "./accusations.ts";

const minuteMs = 60_000;
const accused = { id: "x", addressKey: "elsewhere" };

/** `viewer@address`; without an address, one of its own. */
function party(text: string): Party {
  const [id, addressKey = `home of ${id}`] = text.split("@") as [string, string?];
  return { id, addressKey };
}

function verdictsOf(speakers: readonly string[], about = accused): Verdict[] {
  const accusations = new Accusations();
  return speakers.map((by) => accusations.note({ by: party(by), about }, 0));
}

test.each<[string, string[], Verdict]>([
  ["one viewer", ["a"], "none"],
  ["one viewer twice", ["a", "a"], "none"],
  ["many viewers of one address", ["a@flat", "b@flat", "c@flat", "d@flat", "e@flat"], "none"],
  ["two viewers of two addresses", ["a", "b"], "address"],
  ["one of its own address", ["a@elsewhere"], "none"],
  ["one of its own address twice", ["a@elsewhere", "a@elsewhere"], "none"],
  ["two of its own address", ["a@elsewhere", "b@elsewhere"], "viewer"],
  ["one of its own address and one of another", ["a@elsewhere", "b"], "address"],
])("the word of %s: %j comes to %s", (_, speakers, verdict) => {
  expect(verdictsOf(speakers).at(-1)).toBe(verdict);
});

test("a word counts for five minutes", () => {
  const secondAfter = (delayMs: number): Verdict => {
    const accusations = new Accusations();
    accusations.note({ by: party("a"), about: accused }, 0);
    return accusations.note({ by: party("b"), about: accused }, delayMs);
  };
  expect(secondAfter(5 * minuteMs - 1)).toBe("address");
  expect(secondAfter(5 * minuteMs)).toBe("none");
});

test("who left has said nothing about one of its own address; elsewhere its address has", () => {
  const accusations = new Accusations();
  const say = (by: string): Verdict => accusations.note({ by: party(by), about: accused }, 0);
  say("a@elsewhere");
  accusations.forget("a");
  expect(say("b@elsewhere")).toBe("none");
  expect(say("c@elsewhere")).toBe("viewer");
  say("d@flat");
  accusations.forget("d");
  expect(say("e@elsewhere")).toBe("address");
});

test("after a verdict, and after the accused left, it begins anew", () => {
  const accusations = new Accusations();
  const say = (by: string): Verdict => accusations.note({ by: party(by), about: accused }, 0);
  expect(["a", "b", "c"].map(say)).toEqual(["none", "address", "none"]);
  accusations.forget(accused.id);
  expect(["d", "e"].map(say)).toEqual(["none", "address"]);
});

test("an address speaks against four peers, then one a minute, whatever its viewers are called", () => {
  const accusations = new Accusations();
  let viewerCount = 0;
  /** How many of these are shut out when the address says so beside somebody else's word. */
  const shutOut = (peers: readonly string[], nowMs: number): number =>
    peers.filter((id) => {
      const about = party(id);
      accusations.note({ by: party(`liar${viewerCount++}@flat`), about }, nowMs);
      return accusations.note({ by: party(`witness of ${id}`), about }, nowMs) !== "none";
    }).length;
  const named = (name: string): string[] => Array.from({ length: 20 }, (_, n) => `${name}${n}`);
  expect(shutOut(named("first"), 0)).toBe(4);
  expect(shutOut(named("second"), minuteMs - 1)).toBe(0);
  expect(shutOut(named("third"), minuteMs)).toBe(1);
  expect(shutOut(named("fourth"), 60 * minuteMs)).toBe(4);
});

test("several of one address who say the same of a peer speak against one peer", () => {
  const accusations = new Accusations();
  const verdicts = Array.from({ length: 4 }, (_, n) => {
    const about = { id: `liar${n}`, addressKey: "school" };
    return ["a", "b"].map((id) => accusations.note({ by: { id, addressKey: "school" }, about }, 0));
  });
  expect(verdicts).toEqual(Array(4).fill(["none", "viewer"]));
});
