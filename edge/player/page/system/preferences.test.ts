import { expect, test } from "vitest";
import { Preferences } from "./preferences.ts";

function storage(): Storage {
  const values = new Map<string, string>();
  return {
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => values.set(key, value),
  } as unknown as Storage;
}

test("what is written is read back, numbers as numbers", () => {
  const preferences = new Preferences(storage);
  preferences.write("volume", "0.4");
  expect([preferences.read("volume"), preferences.readNumber("volume")]).toEqual(["0.4", 0.4]);
});

test.each(["", "loud", "NaN"])("%j is no number", (text) => {
  const preferences = new Preferences(storage);
  preferences.write("volume", text);
  expect(preferences.readNumber("volume")).toBeNull();
});

test("a foreign frame in which storage may not even be mentioned has no preferences", () => {
  const preferences = new Preferences(() => {
    throw new Error("SecurityError");
  });
  preferences.write("quality", "300");
  expect(preferences.read("quality")).toBeNull();
});

test("a full storage is no error", () => {
  const full = storage();
  full.setItem = () => {
    throw new Error("QuotaExceededError");
  };
  expect(() => new Preferences(() => full).write("quality", "300")).not.toThrow();
});
