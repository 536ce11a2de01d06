/** Figures that nothing was seen of are missing, and are not 0. */
import { expect, test } from "vitest";
import { madeMeasuredRun } from "./testing/made-measured-run.ts";
import { wireSection } from "./wire-section.ts";

const trend = (values: Record<string, number>) => ({ type: "trend", values }) as const;

test("where nobody started, no start, playlist or hit is told of", () => {
  const { quality, cache, tiers } = wireSection(madeMeasuredRun());
  expect(quality).toMatchObject({
    ...{ startupMsP50: null, startupMsP95: null, playlistMsP99: null },
    ...{ playlistAgeMsP99: null, latencyMsP50: null, latencyMsP95: null },
  });
  expect(cache).toBeNull();
  expect(tiers[0]).toMatchObject({ tier: "edge", hitRatio: null });
});

test("what was seen is told of, in milliseconds", () => {
  const metrics = {
    viewer_startup_seconds: trend({ med: 0.8, "p(95)": 1.9 }),
    viewer_playlist_seconds: trend({ "p(99)": 0.042 }),
  };
  const { quality } = wireSection(madeMeasuredRun({ metrics }));
  expect(quality).toMatchObject({ startupMsP50: 800, startupMsP95: 1_900, playlistMsP99: 42 });
});

test.each([
  [6.3e6, [expect.closeTo(1.98), expect.closeTo(3.97)]],
  [6.2e6, [null, null]],
])("of %i bytes a second, cores per Gbps are %j", (egressBytesPerSec, expected) => {
  const { processes } = wireSection(madeMeasuredRun({ egressBytesPerSec }));
  expect(processes.map(({ cpuCoresPerGbps }) => cpuCoresPerGbps)).toEqual(expected);
});
