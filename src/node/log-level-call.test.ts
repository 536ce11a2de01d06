import { expect, test } from "vitest";
import { logLevelCall } from "./log-level-call.ts";
import { CapturedLog } from "./testing/captured-log.ts";

const query = new URLSearchParams();

test("the level is set for all that is logged from then on, and can be read", () => {
  const captured = new CapturedLog();
  const call = logLevelCall(captured.log);
  captured.log.debug("before");
  expect(call({ method: "POST", query, body: { level: "debug" } })).toEqual({ level: "debug" });
  captured.log.debug("after");
  expect(captured.lines.map(({ msg }) => msg)).toEqual(["after"]);
  expect(call({ method: "GET", query, body: undefined })).toEqual({ level: "debug" });
});

test.each([undefined, null, {}, { level: "silent" }, { level: 20 }, "debug\n"])(
  "%j is no level and changes nothing",
  (body) => {
    const { log } = new CapturedLog();
    const set = () => logLevelCall(log)({ method: "POST", query, body });
    expect(set).toThrow(/^level must be one of debug, info, warn, error$/);
    expect(log.level).toBe("info");
  },
);
