import { expect, test } from "vitest";
import { faceText } from "./face-text.ts";
import { faces } from "../state/player-state.ts";

test("each face says something of its own", () => {
  const titles = faces.map((face) => faceText(face, "none").title);
  expect(new Set(titles).size).toBe(faces.length);
});

test.each(["connection", "unreachable", "unplayable", "unknownFeed", "unsupported"] as const)(
  "an error for reason %s says what it is",
  (reason) => {
    const text = faceText("error", reason);
    expect(text.title).not.toBe(faceText("error", "none").title);
    expect(text.detail).toMatch(/\.$/);
  },
);
