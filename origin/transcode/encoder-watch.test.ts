import { expect, test } from "vitest";
import type { Log } from "../../src/node/log.ts";
import { EncoderLog } from "./encoder-log.ts";
import { EncoderProgress } from "./encoder-progress.ts";
import { StallWatch } from "./stall-watch.ts";

function block(options: { frame: number; sec: number; dropped?: number }) {
  return [
    `frame=${options.frame}`,
    "fps=30.0",
    "bitrate=N/A",
    `out_time_us=${options.sec * 1_000_000}`,
    "dup_frames=7",
    `drop_frames=${options.dropped ?? 0}`,
    "speed=1.0x",
    "progress=continue",
    "",
  ].join("\n");
}

test("speed is that of the last ten seconds, not of the whole run", () => {
  const progress = new EncoderProgress();
  for (let sec = 1; sec <= 60; sec++) {
    progress.push(block({ frame: sec * 30, sec }), sec * 1000);
  }
  expect(progress.stats()).toMatchObject({ speedRatio: 1, framesPerSec: 30 });
  for (let sec = 61; sec <= 72; sec++) {
    const madeSec = 60 + (sec - 60) / 2;
    progress.push(block({ frame: madeSec * 30, sec: madeSec }), sec * 1000);
  }
  expect(progress.stats().speedRatio).toBeCloseTo(0.5, 5);
  expect(progress.stats().framesPerSec).toBeCloseTo(15, 5);
});

test("a block may come in any pieces, and says how many frames were lost", () => {
  const progress = new EncoderProgress();
  const text = block({ frame: 60, sec: 2, dropped: 1 });
  const completed = Array.from(text, (letter) => progress.push(letter, 2_000));
  expect(completed.filter(Boolean)).toHaveLength(1);
  expect(progress.frameCount).toBe(60);
  expect(progress.stats()).toEqual({
    framesPerSec: 0,
    speedRatio: 0,
    droppedFrames: 1,
  });
});

test("before the first picture, and with odd values, there is no speed", () => {
  const progress = new EncoderProgress();
  progress.push("frame=0\nout_time_us=N/A\nprogress=continue\n", 1_000);
  progress.push("frame=0\nout_time_us=-21333\nprogress=continue\n", 2_000);
  progress.push("no sense at all\n===\nprogress=end\n", 3_000);
  expect(progress.stats().speedRatio).toBe(0);
});

/** Steps of "at second: in | out", then whether it counts as hung at a second. */
function check(steps: [number, "in" | "out"][], atSec: number, queueFull: boolean, hung: boolean) {
  const watch = new StallWatch(0);
  for (const [sec, step] of steps) {
    if (step === "in") watch.input(sec * 1000);
    else watch.output(sec * 1000);
  }
  expect(watch.isStalled(atSec * 1000, { queueFull })).toBe(hung);
}

test("an encoder is hung when media goes in for ten seconds and none comes out", () => {
  check(
    [
      [0, "in"],
      [10.5, "in"],
    ],
    10.6,
    false,
    true,
  );
  check(
    [
      [0, "in"],
      [9, "in"],
    ],
    10.6,
    false,
    false,
  );
  check(
    [
      [0, "in"],
      [5, "out"],
      [5.1, "in"],
      [14, "in"],
    ],
    14,
    false,
    false,
  );
  check(
    [
      [0, "in"],
      [5, "out"],
      [5.1, "in"],
      [15.2, "in"],
    ],
    15.3,
    false,
    true,
  );
});

test("an encoder that gets nothing is not hung, unless its queue is full", () => {
  check([], 60, false, false);
  check(
    [
      [0, "in"],
      [1, "in"],
    ],
    60,
    false,
    false,
  );
  check(
    [
      [0, "in"],
      [1, "in"],
    ],
    60,
    true,
    true,
  );
  check(
    [
      [0, "in"],
      [1, "out"],
    ],
    60,
    true,
    false,
  );
});

test("complaints are logged up to 20 in ten seconds, and the rest is counted", () => {
  const logged: unknown[] = [];
  const log = { warn: (fields: unknown) => logged.push(fields) } as unknown as Log;
  const encoderLog = new EncoderLog(log);
  for (let i = 0; i < 50; i++) encoderLog.line(`line ${i}`, 1_000 + i);
  encoderLog.line("  ", 2_000);
  expect(logged).toHaveLength(20);
  encoderLog.line("x".repeat(2_000), 11_500);
  expect(logged.slice(20)).toEqual([{ leftOut: 30 }, { line: "x".repeat(500) }]);
  encoderLog.flush();
  expect(logged).toHaveLength(22);
});
