/** The line that whoever waits for a load test reads. */
import { expect, test } from "vitest";
import { progressWords } from "./load-progress.ts";

const model = { state: "running", tSec: 750, viewers: 1, egressGbps: 121.4, behindSecMax: 0 };

test.each<[string, Parameters<typeof progressWords>[0]]>([
  ["1 viewer", { wire: undefined, viewerCount: 1, model: undefined }],
  [
    "measured 8.23 Mbps, 19 of 20 viewers",
    { wire: { gbps: 0.00823, viewers: 19 }, viewerCount: 20, model: undefined },
  ],
  [
    "measured 0.420 Gbps, 980 of 1,000 viewers | modelled 121.4 Gbps, 1 viewer at 750 s",
    { wire: { gbps: 0.42, viewers: 980 }, viewerCount: 1_000, model },
  ],
  [
    "computing model run 2 of 3, 20 viewers ...",
    { wire: undefined, viewerCount: 20, model: undefined, modelRun: { number: 2, of: 3 } },
  ],
])("%s", (words, progress) => {
  expect(progressWords(progress)).toBe(words);
});
