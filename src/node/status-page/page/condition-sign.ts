/** A condition as shape, word and colour: never colour alone. */
import type { FaultLevel } from "../../../health/fault-log.ts";
import type { Condition } from "../../../health/verdict.ts";
import { icon } from "./dom.ts";

const signs: Readonly<Record<Condition, { word: string; path: string }>> = {
  fine: { word: "fine", path: "M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13z" },
  strained: { word: "strained", path: "M8 1.6 15.2 14.4H.8z" },
  failing: { word: "failing", path: "M2 2h12v12H2z" },
  silent: { word: "silent", path: "M8 .8 15.2 8 8 15.2.8 8zM8 4.2 4.2 8 8 11.8 11.8 8z" },
  off: { word: "off the air", path: "M1.5 6.5h13v3h-13z" },
};

export function conditionWord(condition: Condition): string {
  return signs[condition].word;
}

export function conditionIcon(condition: Condition): SVGElement {
  return icon(signs[condition].path, `is-${condition}`);
}

const levelConditions: Readonly<Record<FaultLevel, Condition>> = {
  bad: "failing",
  warning: "strained",
  good: "fine",
};
const levelWords: Readonly<Record<FaultLevel, string>> = {
  bad: "Fault",
  warning: "Warning",
  good: "Over",
};

export function levelIcon(level: FaultLevel): SVGElement {
  return conditionIcon(levelConditions[level]);
}

export function levelWord(level: FaultLevel): string {
  return levelWords[level];
}
