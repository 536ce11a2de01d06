import { expect, test } from "vitest";
import { withoutKey } from "./test-card.ts";

function check(words: string, expected: string): void {
  expect(withoutKey(words)).toBe(expected);
}

test("what the test card's encoder says is shown without its key", () => {
  const url = "rtmp://127.0.0.1:1935/live";
  check(`${url}/mFXk-9_z8: Connection refused`, `${url}/KEY: Connection refused`);
  check(`cannot open '${url}/mFXk-'`, `cannot open '${url}/KEY'`);
  check("Connection refused", "Connection refused");
});
