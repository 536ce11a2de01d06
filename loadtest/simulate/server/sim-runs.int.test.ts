/** The places of one server: what holds them, and for how long. */
import { afterEach, expect, test, vi } from "vitest";
import { SimRuns } from "./sim-runs.ts";

afterEach(() => {
  vi.useRealTimers();
});

test("runs that nobody starts are cancelled after ten minutes, those that began are not", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const runs = new SimRuns({ commit: "test", onFailure: () => undefined });
  const body = {
    scenario: { name: "idle", audience: { viewerCount: 1_000 } },
    timeRatio: 1,
    workers: 1,
  };
  const make = (): ReturnType<SimRuns["make"]> => runs.make(body);
  try {
    const [idle, begun] = [make(), make()];
    if (!idle.ok || !begun.ok) throw new Error(JSON.stringify([idle, begun]));
    begun.run.start();
    vi.advanceTimersByTime(10 * 60_000 - 1);
    expect(make()).toMatchObject({ ok: false, status: 429 });
    vi.advanceTimersByTime(1);
    expect([idle.run.state, begun.run.state]).toEqual(["cancelled", "running"]);
    expect(make().ok).toBe(true);
  } finally {
    await runs.close();
  }
});
