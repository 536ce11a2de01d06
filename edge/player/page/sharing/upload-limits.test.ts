import { afterEach, expect, test, vi } from "vitest";
import { UploadLimits } from "./upload-limits.ts";

afterEach(() => vi.unstubAllGlobals());

function surround(parts: { connection?: object; getBattery?: () => Promise<object> }): EventTarget {
  const page = Object.assign(new EventTarget(), { hidden: false });
  vi.stubGlobal("document", page);
  vi.stubGlobal("navigator", parts);
  return page;
}

const facts = ({ isMetered, isBatteryLow, isHidden }: UploadLimits) => ({
  isMetered,
  isBatteryLow,
  isHidden,
});
const nothing = { isMetered: false, isBatteryLow: false, isHidden: false };

test("a browser that says nothing of its line and battery is limited by nothing", () => {
  surround({});
  expect(facts(new UploadLimits(() => undefined))).toEqual(nothing);
});

test.each([
  [{ saveData: true, type: "wifi" }, true],
  [{ saveData: false, type: "cellular" }, true],
  [{ saveData: false, type: "wifi" }, false],
  [{}, false],
])("a line that is %j is metered: %s", (line, isMetered) => {
  surround({ connection: Object.assign(new EventTarget(), line) });
  expect(new UploadLimits(() => undefined).isMetered).toBe(isMetered);
});

test("a change of the line or of the tab's being seen is told", () => {
  const connection = Object.assign(new EventTarget(), { type: "wifi" });
  const page = surround({ connection });
  const changed = vi.fn();
  const limits = new UploadLimits(changed);
  connection.type = "cellular";
  connection.dispatchEvent(new Event("change"));
  Object.assign(page, { hidden: true });
  page.dispatchEvent(new Event("visibilitychange"));
  expect(changed).toHaveBeenCalledTimes(2);
  expect(facts(limits)).toEqual({ isMetered: true, isBatteryLow: false, isHidden: true });
});

test.each([
  [{ charging: false, level: 0.19 }, true],
  [{ charging: true, level: 0.19 }, false],
  [{ charging: false, level: 0.2 }, false],
])("a battery that is %j is low: %s", async (state, isLow) => {
  const battery = Object.assign(new EventTarget(), state);
  surround({ getBattery: () => Promise.resolve(battery) });
  const limits = await new Promise<UploadLimits>((resolve) => {
    const made: UploadLimits = new UploadLimits(() => resolve(made));
  });
  expect(limits.isBatteryLow).toBe(isLow);
});

test("a battery that may not be asked for limits nothing", async () => {
  const refused = Promise.reject(new Error("not in a frame"));
  surround({ getBattery: () => refused });
  const limits = new UploadLimits(() => undefined);
  await refused.catch(() => undefined);
  expect(facts(limits)).toEqual(nothing);
});
