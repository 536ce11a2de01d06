import { expect, test } from "vitest";
import { modelReportJsonSchemas } from "./schema-model-report.ts";

interface Described {
  description: string;
  properties: Record<string, Described>;
}

const report = modelReportJsonSchemas()["model-report"] as Described;

test.each([
  ["headline", "startupMsP50", /over the whole run/],
  ["headline", "startupMsP95", /over the whole run/],
  ["headline", "startFailureRatio", /over the whole run/],
  ["headline", "joinsPerSecPeak", /over the whole run/],
  ["headline", "egressGbpsPeak", /over the whole run/],
  ["headline", "rungShare", /to 0 when nobody plays/],
  ["distributions", "sessionKbps", /unplayed buffer included/],
])("the form of reports says of %s.%s what it is taken over", (section, key, words) => {
  expect(report.properties[section]!.properties[key]!.description).toMatch(words);
});
