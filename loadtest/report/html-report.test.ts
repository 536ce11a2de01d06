import { expect, test } from "vitest";
import type { ModelReport } from "../../src/config/schema-model-report.ts";
import { htmlComparison } from "./html-comparison.ts";
import { htmlReport } from "./html-report.ts";
import { madeCommand, madeReport } from "./testing/made-report.ts";
import { unclosed } from "./testing/unclosed.ts";
import { textSummary } from "./text-summary.ts";

const pages = {
  report: htmlReport(madeReport(), madeCommand),
  comparison: htmlComparison(
    [madeReport({ scenario: "one" }), madeReport({ scenario: "two" })],
    madeCommand,
  ),
};

test.each(Object.entries(pages))("the %s is well-formed and not too large", (_, page) => {
  expect(unclosed(page)).toEqual([]);
  expect(page.length).toBeLessThan(500_000);
  expect(unclosed("<p><b></p></b>")).not.toEqual([]);
  expect(unclosed("<p>a < b</p>")).not.toEqual([]);
});

test.each(Object.entries(pages))("the %s refers to nothing outside itself", (_, page) => {
  for (const outside of [/https?:/, /\bsrc=/, /\bhref=/, /<link/, /<script/, /@import/, /url\(/]) {
    expect(page).not.toMatch(outside);
  }
  expect(page).toContain("default-src 'none'");
});

test.each(Object.entries(pages))("the %s has no identifier twice", (_, page) => {
  const ids = [...page.matchAll(/\bid="([^"]+)"/g)].map((match) => match[1]);
  expect(ids.length).toBeGreaterThan(4);
  expect(new Set(ids).size).toBe(ids.length);
});

test("the report says modelled, which run it is, and what 2008 was", () => {
  for (const words of ["modelled", "made-night", "0123456789ab", "242 Gbps, 3 March 2008"]) {
    expect(pages.report).toContain(words);
  }
  const captions = [...pages.report.matchAll(/<h3>\s*([^<]+?)\s*<\/h3>/g)].map(([, text]) => text);
  expect(captions).toHaveLength(11);
  expect(captions.filter((text) => !text!.endsWith(", modelled"))).toEqual([]);
});

test("text of a scenario or an event is text, whatever it holds", () => {
  const hostile = `<script>alert("x")</script>&'\u0000`;
  const report = madeReport({
    title: hostile,
    commit: hostile,
    events: [{ tSec: 1, kind: hostile, note: hostile, deep: { a: hostile } }],
  });
  for (const page of [
    htmlReport(report, madeCommand),
    htmlComparison([report, report], madeCommand),
  ]) {
    expect(page).not.toContain("<script");
    expect(page).not.toContain("\u0000");
    expect(page).toContain("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;&#39;");
    expect(unclosed(page)).toEqual([]);
  }
});

function check(changes: Partial<ModelReport>, expected: RegExp): void {
  const page = htmlReport(madeReport(changes), madeCommand);
  expect(page.replace(/\s+/g, " ")).toMatch(expected);
  expect(unclosed(page)).toEqual([]);
}

test("the sentence at the top says how the night compares", () => {
  const { headline } = madeReport();
  check({}, /241\.8 Gbps from 100 edges on average: 0\.1 % below the 242 Gbps/);
  check({ headline: { ...headline, egressGbpsMean: 242 } }, /on average: the 242 Gbps/);
  check({ headline: { ...headline, egressGbpsMean: 356 } }, /: 47 % above the 242 Gbps/);
  check({ headline: { ...headline, egressGbpsMean: 31_560 } }, /: 130\.4 times the 242 Gbps/);
  const few = { ...headline, viewers: 5_000, egressGbpsMean: 2.46, egressGbpsPeak: 2.48 };
  check({ headline: few }, /: 1\.7 % above the 484 kbps a viewer/);
  check({ headline: few }, /484 kbps a viewer, 3 March 2008</);
  check({ headline: { ...headline, stallRatio: 0 } }, /No picture freezes/);
  check({ headline: { ...headline, startFailureRatio: 0.32 } }, /32\.0 % of the sessions never/);
  check({ headline: { ...headline, p2pOffloadRatio: 0.25 } }, /pass on 25\.0 % of it/);
});

test("when nobody plays, the sentence at the top says that and nothing of frozen pictures", () => {
  const { headline } = madeReport();
  const none = {
    ...headline,
    rungShare: { "150": 0, "300": 0 },
    ...{ kbpsPerViewer: 0, stallRatio: 0, egressGbpsMean: 0 },
  };
  for (const [startFailureRatio, words] of [
    [1, "500,000 viewers would watch. Nobody sees a picture: no session ever starts."],
    [0.2, "500,000 viewers would watch. Nobody sees a picture while the means are taken"],
  ] as const) {
    const quiet = madeReport({ headline: { ...none, startFailureRatio } });
    const page = htmlReport(quiet, madeCommand).replace(/\s+/g, " ");
    expect(page).toContain(`In this model, ${words}`);
    expect(page).not.toContain("No picture freezes");
    expect(htmlComparison([madeReport(), quiet], madeCommand)).toContain(
      "made-night at 0.00 Gbps (-100 %) and nobody sees a picture.",
    );
    expect(textSummary(quiet, madeCommand)).toMatch(/^Nobody sees a picture/m);
  }
  expect(textSummary(madeReport(), madeCommand)).not.toContain("Nobody");
});

test("one is not written as many", () => {
  const { headline } = madeReport();
  const one = { ...headline, viewers: 1, edgeCount: 1 };
  check({ headline: one }, /In this model, 1 viewer draws 241\.8 Gbps from 1 edge on average/);
});

test("the page says which figures are means over the plateau and which are over the whole run", () => {
  check({}, /means over the scenario's plateau; starts and peaks over the whole run/);
  check({}, /Sessions by mean rate over the whole run, unplayed media included/);
});

test("runs that are short, quiet or hardly run are shown too", () => {
  const { timeline, distributions } = madeReport();
  check({ timeline: timeline.slice(0, 1), events: [] }, /The figures/);
  check({ timeline: [] }, /The figures/);
  const none = { upTo: [1], counts: [0, 0] };
  check({ distributions: { ...distributions, startupMs: none } }, /The figures/);
});

test("a very long run makes no larger page", () => {
  const { timeline } = madeReport();
  const long = Array.from({ length: 60_000 }, (_, i) => ({ ...timeline[i % 3_450]!, tSec: i * 2 }));
  expect(htmlReport(madeReport({ timeline: long }), madeCommand).length).toBeLessThan(500_000);
});
