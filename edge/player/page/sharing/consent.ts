/** Whether this page may share with other viewers, by its broadcaster's rule and its viewer's word. Pure. */

/** `inform`: sharing begins, and the viewer is told and may refuse; `ask`: it waits for a yes. */
export type ConsentRule = "inform" | "ask";

/** Written to the device: `on` says that the notice was read, `agreed` that the viewer was asked. */
export type ConsentAnswer = "on" | "agreed" | "off";

export function consentRuleOf(text: string | undefined): ConsentRule {
  return text === "ask" ? "ask" : "inform";
}

/** Having read what happens is no yes to a question that was not asked. */
export function isAnswered(answer: string | null, rule: ConsentRule): boolean {
  return answer === "off" || answer === "agreed" || (answer === "on" && rule === "inform");
}

export function mayShare(answer: string | null, rule: ConsentRule): boolean {
  if (answer === "off") return false;
  return rule === "inform" || answer === "agreed";
}

export function answerFor({
  isAllowed,
  rule,
}: {
  isAllowed: boolean;
  rule: ConsentRule;
}): ConsentAnswer {
  if (!isAllowed) return "off";
  return rule === "ask" ? "agreed" : "on";
}
