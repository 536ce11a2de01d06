/**
 * Which ABR rules the audience's players have: hls.js's, unless the entry that was made for a run
 * (wire-entry.ts) says others. k6 loads the rules that a run has and no more.
 */
import type { AbrRule } from "../../../src/viewer/rules/rule-table.ts";
import { hlsjs } from "../../../src/viewer/rules/hlsjs.ts";

/** What a rule decides between downloads; one under way cannot be given up in k6. */
export type PlayerRule = Pick<AbrRule, "choose" | "firstRung" | "downloaded">;

interface RuleShare {
  /** Of the audience; all sum to 1. */
  ratio: number;
  rule: PlayerRule;
}

let shares: readonly RuleShare[] = [
  { ratio: 1, rule: { choose: hlsjs, firstRung: undefined, downloaded: undefined } },
];

/** Says the rules of the run, before anybody watches. */
export function usePlayerRules(of: readonly RuleShare[]): void {
  shares = of;
}

/** The rules of the run. */
export function playerRules(): readonly RuleShare[] {
  return shares;
}
