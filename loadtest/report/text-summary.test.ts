import { expect, test } from "vitest";
import type { ModelReport } from "../../src/config/schema-model-report.ts";
import { modelReportSchema } from "../../src/config/schema-model-report.ts";
import { balancesOf } from "./balances.ts";
import { textComparison } from "./text-comparison.ts";
import { textSummary } from "./text-summary.ts";
import { madeCommand, madeReport } from "./testing/made-report.ts";

const golden = (name: string): string => `golden/${name}.txt`;

test("the made report has the form that real ones have", () => {
  expect(modelReportSchema.parse(madeReport())).toEqual(madeReport());
});

test("a run in text", async () => {
  await expect(textSummary(madeReport(), madeCommand)).toMatchFileSnapshot(golden("summary"));
});

test("the first line with Gbps says modelled and names scenario, seed and commit", () => {
  for (const text of [
    textSummary(madeReport({ title: "" }), madeCommand),
    textSummary(madeReport(), madeCommand),
  ]) {
    const line = text.split("\n").find((one) => one.includes("Gbps"));
    for (const word of ["modelled", "made-night", "seed 7", "0123456789ab"]) {
      expect(line).toContain(word);
    }
  }
});

/** The made night at another rate. */
function scaled(scenario: string, factor: number): ModelReport {
  const { headline } = madeReport();
  return madeReport({
    scenario,
    headline: {
      ...headline,
      egressGbpsMean: headline.egressGbpsMean * factor,
      stallRatio: headline.stallRatio / 2,
      rungShare: { "150": 0.2, "300": 0.8 },
    },
  });
}

test("runs side by side in text", async () => {
  const text = textComparison([madeReport(), scaled("made-cap", 0.55)], madeCommand);
  await expect(text).toMatchFileSnapshot(golden("comparison"));
});

test("a comparison says modelled before any Gbps", () => {
  const lines = textComparison([madeReport(), scaled("made-cap", 0.55)], madeCommand).split("\n");
  expect(lines[0]).toMatch(/^modelled: 2 scenarios .*seed 7, commit 0123456789ab/);
});

test("what does not balance is said, with both sides", () => {
  const { conservation } = madeReport();
  const broken = madeReport({
    conservation: {
      ...conservation,
      peerBytes: 1,
      overCapacityQuanta: 3,
      playedMs: Number(conservation.playedMs) - 4e9,
    },
  });
  expect(balancesOf(madeReport()).map(({ balances }) => balances)).toEqual(Array(4).fill(true));
  expect(balancesOf(broken).map(({ balances }) => balances)).toEqual([false, true, false, false]);
  expect(textSummary(broken, madeCommand)).toContain(
    "180000000000000001 against 180000000000000002 bytes",
  );
  expect(textSummary(broken, madeCommand)).toContain("DOES NOT BALANCE");
  expect(textComparison([madeReport(), broken], madeCommand)).toContain(
    "DOES NOT BALANCE in made-night",
  );
});
