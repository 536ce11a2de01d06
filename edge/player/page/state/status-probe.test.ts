import { afterEach, expect, test, vi } from "vitest";
import { probeStatus } from "./status-probe.ts";

const status = {
  version: 3,
  state: "live",
  sinceUnixMs: 1,
  lastSegmentUnixMs: 2,
  nowUnixMs: 3,
  viewers: 4,
  p2p: "off",
  ladderVersion: 1,
};

const asked: string[] = [];

function answer(response: () => Response | Promise<Response>): void {
  vi.stubGlobal("fetch", (url: string) => {
    asked.push(url);
    return Promise.resolve().then(response);
  });
}

afterEach(() => {
  vi.unstubAllGlobals();
  asked.length = 0;
});

test.each<[string, unknown, string]>([
  ["what an edge sends", status, "status"],
  ["what a newer edge adds", { ...status, mood: "festive" }, "status"],
  ["an unknown state", { ...status, state: "dancing" }, "unreachable"],
  ["a version that is no number", { ...status, version: "3" }, "unreachable"],
  ["null", null, "unreachable"],
])("%s is %#", async (_, body, expected) => {
  answer(() => Response.json(body));
  const { event } = await probeStatus("status.json", { knownVersion: null });
  expect(event.kind === "statusFailed" ? event.failure : event.kind).toBe(expected);
});

test.each<[string, () => Response | Promise<Response>, string]>([
  ["404", () => new Response("", { status: 404 }), "notFound"],
  ["503", () => new Response("", { status: 503 }), "full"],
  ["429", () => new Response("", { status: 429 }), "full"],
  ["500", () => new Response("", { status: 500 }), "unreachable"],
  ["no JSON", () => new Response("<html>"), "unreachable"],
  ["no answer", () => Promise.reject(new TypeError("no network")), "unreachable"],
])("%s is told as what it is", async (_, response, failure) => {
  answer(response);
  const { event } = await probeStatus("status.json", { knownVersion: null });
  expect(event).toEqual({ kind: "statusFailed", failure });
});

test("only an answer that was not held tells the time", async () => {
  answer(() => Response.json(status));
  const [now, held] = [
    await probeStatus("status.json", { knownVersion: null }),
    await probeStatus("status.json", { knownVersion: 3 }),
  ];
  expect(now.clockSample?.serverUnixMs).toBe(3);
  expect(held.clockSample).toBeNull();
  expect(asked).toEqual(["status.json", "status.json?v=3"]);
});
