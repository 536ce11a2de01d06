import { expect, test } from "vitest";
import {
  bytesText,
  noticeText,
  savedRatio,
  sharingText,
  unansweredText,
  uploadText,
} from "./sharing-text.ts";
import type { SharingFacts } from "./sharing-text.ts";
import type { SwarmObstacle } from "./swarm-view.ts";

const stats: SharingFacts["stats"] = {
  state: "on",
  peerCount: 5,
  cellSize: 18,
  httpBytes: 5_800_000,
  peerBytes: 4_200_000,
  uploadedBytes: 3_000_000,
  refusedCount: 0,
  lateCount: 0,
  bannedCount: 0,
  isSharing: true,
};

function textOf(obstacle: SwarmObstacle, changed: Partial<SharingFacts["stats"]> = {}) {
  return sharingText({ obstacle, uploadKbpsMax: 600, stats: { ...stats, ...changed } });
}

test("where the edge's policy is off there is nothing to show", () => {
  expect(textOf("policy")).toBeNull();
});

test.each<[string, Partial<SharingFacts["stats"]>, string, string]>([
  ["with viewers", {}, "Sharing with 5 viewers · saved 42 %", "5 · 42 %"],
  ["with one viewer", { peerCount: 1 }, "Sharing with 1 viewer · saved 42 %", "1 · 42 %"],
  ["before anything came", { peerBytes: 0 }, "Sharing with 5 viewers", "5"],
  ["alone in its cell", { peerCount: 0 }, "No viewer near you yet", "0"],
  ["outside a cell", { peerCount: 0, state: "connecting" }, "Looking for viewers …", "…"],
])("%s, the chip says so in a wide and in a narrow player", (_, changed, chip, chipShort) => {
  expect(textOf("none", changed)).toMatchObject({ tone: "on", chip, chipShort });
});

test.each<[SwarmObstacle, string, RegExp]>([
  ["insecure", "never", /https:\/\//],
  ["noWebRtc", "never", /WebRTC/],
  ["refused", "off", /You switched it off/],
  ["metered", "paused", /metered.*nothing is shared/],
  ["battery", "paused", /battery.*you still receive/],
  ["hidden", "paused", /hidden.*you still receive/],
])("what stands in the way is said: %s", (obstacle, tone, state) => {
  const text = textOf(obstacle);
  expect(text).toMatchObject({ tone });
  expect(text?.state).toMatch(state);
});

test("what one gives has a ceiling only if the edge sets one", () => {
  expect(uploadText(2_000)).toBe("You give at most 2,000 kbps");
  expect(uploadText(0)).toContain("to spare");
});

test("saved is what came from viewers of all that came", () => {
  expect(savedRatio(stats)).toBeCloseTo(0.42);
  expect(savedRatio({ ...stats, httpBytes: 0, peerBytes: 0 })).toBeNull();
});

test.each([
  [0, "0 kB"],
  [999_499, "999 kB"],
  [999_500, "1.0 MB"],
  [12_345_678, "12.3 MB"],
  [999_500_000, "1.00 GB"],
])("%d bytes are %s", (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});

test.each(["inform", "ask"] as const)(
  "the notice to %s says who sees what, and the limits",
  (rule) => {
    const { lead, words } = noticeText(rule, 2_000);
    expect(lead.length).toBeLessThan(32);
    expect(words).toMatch(
      /may see your IP address\. You give at most 2,000 kbps, and nothing on a metered/,
    );
  },
);

test("only who is asked is asked: the words of ask promise what the others tell", () => {
  expect(noticeText("ask", 0).words).toContain("would come");
  expect(noticeText("inform", 0).words).not.toContain("would");
  expect(unansweredText.state).toContain("Nothing is shared until you say yes");
});
