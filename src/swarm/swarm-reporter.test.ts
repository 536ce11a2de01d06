import { beforeEach, expect, test } from "vitest";
import type { RoomClient } from "./room-client.ts";
import type { SwarmReport, ViewerMessage } from "./room-messages.ts";
import { SwarmReporter } from "./swarm-reporter.ts";
import { ManualClock } from "./testing/manual-clock.ts";

let clock: ManualClock;
let counts: SwarmReport;
let isHeard: boolean;
let reports: SwarmReport[];
let reporter: SwarmReporter;

beforeEach(() => {
  clock = new ManualClock();
  counts = {
    httpBytes: 1_000,
    peerBytes: 500,
    uploadedBytes: 0,
    refusedCount: 0,
    lateCount: 0,
    peerCount: 2,
  };
  isHeard = true;
  reports = [];
  const send = (message: ViewerMessage): boolean => {
    if (isHeard && message.kind === "report") reports.push(message.report);
    return isHeard;
  };
  const room = { send } as unknown as RoomClient;
  reporter = new SwarmReporter({ ports: clock, room, counts: () => ({ ...counts }) });
});

test("every 10 s it tells what is new, without what was before the cell", () => {
  reporter.start();
  counts.peerBytes += 300;
  clock.pass(10_000);
  counts.httpBytes += 70;
  counts.lateCount += 1;
  counts.peerCount = 3;
  clock.pass(10_000);
  expect(reports).toMatchObject([
    { httpBytes: 0, peerBytes: 300, lateCount: 0, peerCount: 2 },
    { httpBytes: 70, peerBytes: 0, lateCount: 1, peerCount: 3 },
  ]);
});

test("on leaving it tells the rest, and nothing after", () => {
  reporter.start();
  counts.uploadedBytes += 40;
  clock.pass(3_000);
  reporter.stop();
  clock.pass(60_000);
  expect(reports).toMatchObject([{ uploadedBytes: 40 }]);
});

test("what the room did not take is told with the next report", () => {
  reporter.start();
  isHeard = false;
  counts.peerBytes += 100;
  clock.pass(10_000);
  isHeard = true;
  counts.peerBytes += 11;
  clock.pass(10_000);
  expect(reports).toMatchObject([{ peerBytes: 111 }]);
});
