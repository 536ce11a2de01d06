import { expect, test } from "vitest";
import {
  dataSaverIndex,
  formatQualityChoice,
  parseQualityChoice,
  qualityItems,
  qualitySummary,
  rungOfUrl,
  type QualityChoice,
} from "./quality.ts";

const rungs = [
  { rung: "150", kbps: 150, height: 180 },
  { rung: "300", kbps: 300, height: 270 },
  { rung: "750", kbps: 750, height: 480 },
];

test("the menu lists auto, the rungs from the best, data saver and, if offered, audio only", () => {
  const items = qualityItems({
    rungs,
    choice: { kind: "auto" },
    playingRung: "300",
    audioOffered: true,
  });
  expect(items.map(({ label, detail, isChecked }) => `${label}|${detail}|${isChecked}`)).toEqual([
    "Auto|now 270p|true",
    "480p|750 kbps|false",
    "270p|300 kbps|false",
    "180p|150 kbps|false",
    "Data saver|at most 300 kbps|false",
    "Audio only|64 kbps|false",
  ]);
});

test.each<[QualityChoice, string]>([
  [{ kind: "auto" }, "Auto 480p"],
  [{ kind: "rung", rung: "750" }, "480p"],
  [{ kind: "dataSaver" }, "Saver"],
  [{ kind: "audioOnly" }, "Audio"],
])("exactly one item is checked for %j, and the button says %s", (choice, summary) => {
  const view = { rungs, choice, playingRung: "750", audioOffered: true };
  expect(qualityItems(view).filter(({ isChecked }) => isChecked)).toMatchObject([{ choice }]);
  expect(qualitySummary(view)).toBe(summary);
});

test.each([
  [[150, 300, 450], 1],
  [[450, 300, 150], 1],
  [[150, 299, 301], 1],
  [[800, 600, 900], 1],
  [[750], 0],
])("of rungs of %j kbps the data saver allows up to index %d", (rates, expected) => {
  const list = rates.map((kbps) => ({ rung: String(kbps), kbps, height: 0 }));
  expect(dataSaverIndex(list)).toBe(expected);
});

test.each([
  ["auto", { kind: "auto" }],
  ["600", { kind: "rung", rung: "600" }],
  ["dataSaver", { kind: "dataSaver" }],
  ["audioOnly", { kind: "audioOnly" }],
] as const)("the stored choice %s is read back as written", (text, choice) => {
  expect(parseQualityChoice(text)).toEqual(choice);
  expect(formatQualityChoice(choice)).toBe(text);
});

test.each([null, "", "rung", "../x", "12345678"])("the stored choice %j is Auto", (text) => {
  expect(parseQualityChoice(text)).toEqual({ kind: "auto" });
});

test.each([
  ["http://edge/live/main/300/index.m3u8", "300"],
  ["http://edge/t/x/live/main/audio/index.m3u8?_HLS_msn=4", "audio"],
  ["http://edge/live/main/index.m3u8", null],
  ["http://edge/live/300/index.m3u8/x", null],
])("%s is rung %s", (url, rung) => {
  expect(rungOfUrl(url)).toBe(rung);
});
