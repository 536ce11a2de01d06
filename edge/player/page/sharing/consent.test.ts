import { expect, test } from "vitest";
import { answerFor, consentRuleOf, isAnswered, mayShare } from "./consent.ts";

test.each([
  ["inform", null, true, false],
  ["inform", "on", true, true],
  ["inform", "agreed", true, true],
  ["inform", "off", false, true],
  ["inform", "something", true, false],
  ["ask", null, false, false],
  // Told under the other rule, and never asked.
  ["ask", "on", false, false],
  ["ask", "agreed", true, true],
  ["ask", "off", false, true],
  ["ask", "something", false, false],
] as const)("%s, after the answer %j: shared %s, answered %s", (rule, answer, shared, answered) => {
  expect([mayShare(answer, rule), isAnswered(answer, rule)]).toEqual([shared, answered]);
});

test("an answer is remembered so that it holds under the rule it was given to", () => {
  for (const rule of ["inform", "ask"] as const) {
    for (const isAllowed of [true, false]) {
      const answer = answerFor({ isAllowed, rule });
      expect([mayShare(answer, rule), isAnswered(answer, rule)]).toEqual([isAllowed, true]);
    }
  }
});

test("a page that names no rule informs", () => {
  expect([undefined, "", "{{consent}}", "ask"].map(consentRuleOf)).toEqual([
    ...["inform", "inform", "inform"],
    "ask",
  ]);
});
