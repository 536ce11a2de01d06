import { expect, test } from "vitest";
import { aacConfig, avcRecord } from "../../src/media/testing/fmp4-builder.ts";
import type { FlvTag } from "../../src/rtmp/flv.ts";
import type { Transcoder } from "../transcode/media-source.ts";
import { EncoderRun } from "./encoder-run.ts";
import { PublisherSession } from "./publisher-session.ts";

/** A session whose encoder takes `roomBytes`, and starts when told to. */
class Bench {
  readonly calls: string[] = [];
  readonly session: PublisherSession;
  roomBytes = Infinity;
  takenBytes = 0;
  /** Set by tests of the pace; else no time passes and none is asked for. */
  nowMs = 0;
  #epoch = 0;
  #start: (transcoder: Transcoder) => void = () => undefined;

  constructor({ queueBytesMax = 1_000_000 } = {}) {
    this.session = new PublisherSession({
      publisher: {
        ...{ id: "p1", feed: "main", remote: "test", standby: false },
        pause: () => this.calls.push("pause"),
        resume: () => this.calls.push("resume"),
        refuse: (reason) => this.calls.push(`refuse: ${reason}`),
        close: () => this.calls.push("close"),
      },
      clock: { nowMs: () => this.nowMs, unixMs: () => this.nowMs },
      epochBeganMs: undefined,
      beginEpoch: () => {
        const epoch = ++this.#epoch;
        this.calls.push(`begin ${epoch}`);
        const drained = (): void => this.session.drained(epoch);
        const encoder = new EncoderRun({
          start: () => new Promise((resolve) => (this.#start = resolve)),
          ...{ queueBytesMax, drained },
          failed: () => undefined,
          stopping: () => this.calls.push(`stop ${epoch}`),
        });
        return { epoch, encoder };
      },
      epochChanged: (epoch) => this.calls.push(`changed ${epoch}`),
      warned: (reason) => this.calls.push(`warned: ${reason}`),
      tooFast: () => this.calls.push("too fast"),
    });
  }

  async startEncoder(): Promise<void> {
    this.#start({
      write: (bytes) => (this.takenBytes += bytes.length) <= this.roomBytes,
      end: () => undefined,
      stop: () => Promise.resolve(),
      stats: () => ({ framesPerSec: 0, speedRatio: 1, droppedFrames: 0, duplicatedFrames: 0 }),
    });
    await new Promise(setImmediate);
  }

  send(kind: FlvTag["kind"], timestampMs: number, ...bytes: number[]): void {
    this.session.tag({ kind, timestampMs, payload: Uint8Array.from(bytes) });
  }

  /** A second of pictures and sound; the first begins with a keyframe and the headers. */
  sendSecond(fromMs: number): void {
    if (fromMs === 0) {
      this.send("video", 0, 0x17, 0, 0, 0, 0, ...avcRecord);
      this.send("audio", 0, 0xaf, 0, ...aacConfig);
    }
    for (let frame = 0; frame < 30; frame++) {
      const atMs = fromMs + Math.round((frame * 100) / 3);
      const first = fromMs === 0 && frame === 0 ? 0x17 : 0x27;
      this.send("video", atMs, first, 1, 0, 0, 0, 0, 0, 0, 1, 0x41);
      this.send("audio", atMs, 0xaf, 1, 0x21, 0);
    }
  }
}

test("tags that come before the encoder runs reach it in order, none lost", async () => {
  const [late, early] = [new Bench(), new Bench()];
  late.sendSecond(0);
  late.sendSecond(1_000);
  await late.startEncoder();
  early.sendSecond(0);
  await early.startEncoder();
  early.sendSecond(1_000);
  expect(late.calls).toEqual(["begin 1"]);
  expect(late.takenBytes).toBeGreaterThan(1_000);
  expect(late.takenBytes).toBe(early.takenBytes);
});

test("a publisher is paused once while the encoder has no room, and goes on when it has", async () => {
  const bench = new Bench();
  bench.sendSecond(0);
  await bench.startEncoder();
  bench.roomBytes = 0;
  bench.sendSecond(1_000);
  expect(bench.calls).toEqual(["begin 1", "pause"]);
  bench.roomBytes = Infinity;
  bench.session.drained(1);
  expect(bench.calls.at(-1)).toBe("resume");
  bench.session.drained(1);
  expect(bench.calls.length).toBe(3);
});

test("a publisher is paused while the encoder takes long to start, and its media is kept", async () => {
  const bench = new Bench({ queueBytesMax: 300 });
  bench.sendSecond(0);
  bench.sendSecond(1_000);
  expect(bench.calls).toEqual(["begin 1", "pause"]);
  await bench.startEncoder();
  expect(bench.calls).toEqual(["begin 1", "pause", "resume"]);
  expect(bench.takenBytes).toBeGreaterThan(1_000);
});

test("an encoder that failed gets no media, and the next begins after the delay", async () => {
  const bench = new Bench();
  bench.sendSecond(0);
  await bench.startEncoder();
  bench.session.epochFailed(1, "crashed");
  const takenBytes = bench.takenBytes;
  bench.sendSecond(1_000);
  expect(bench.takenBytes).toBe(takenBytes);
  expect(bench.calls).toEqual(["begin 1", "stop 1"]);
  bench.session.epochFailed(1, "said twice");
  bench.session.tick(249);
  bench.session.tick(250);
  bench.send("video", 3_000, 0x17, 1, 0, 0, 0, 0, 0, 0, 1, 0x65);
  for (let frame = 1; frame < 45; frame++) {
    const atMs = 3_000 + Math.round((frame * 100) / 3);
    bench.send("video", atMs, 0x27, 1, 0, 0, 0, 0, 0, 0, 1, 0x41);
    bench.send("audio", atMs, 0xaf, 1, 0x21, 0);
    bench.session.tick(1_500);
  }
  expect(bench.calls).toEqual(["begin 1", "stop 1", "begin 2"]);
});

test("a publisher who sends faster than real time waits for the clock, and is spoken of once", async () => {
  const bench = new Bench();
  bench.sendSecond(0);
  await bench.startEncoder();
  for (let sec = 1; sec < 4; sec++) bench.sendSecond(sec * 1_000);
  expect(bench.calls).toEqual(["begin 1", "pause", "too fast"]);
  // Room in the encoder's queue does not let him go on.
  bench.session.drained(1);
  bench.session.tick((bench.nowMs = 1_000));
  expect(bench.calls).toHaveLength(3);
  bench.session.tick((bench.nowMs = 2_000));
  expect(bench.calls.at(-1)).toBe("resume");
  for (let sec = 4; sec < 6; sec++) bench.sendSecond(sec * 1_000);
  expect(bench.calls.slice(3)).toEqual(["resume", "pause"]);
});

test("the end of a publisher stops its encoder, once, and does not wake a dead socket", async () => {
  const bench = new Bench();
  bench.sendSecond(0);
  await bench.startEncoder();
  bench.roomBytes = 0;
  bench.sendSecond(1_000);
  bench.session.close();
  bench.session.close();
  bench.session.epochFailed(1, "too late");
  expect(bench.calls).toEqual(["begin 1", "pause", "stop 1"]);
});

test("a publisher without keyframes is spoken of, and refused in the end", () => {
  const bench = new Bench();
  bench.send("video", 0, 0x17, 0, 0, 0, 0, ...avcRecord);
  for (let nowMs = 0; nowMs <= 30_000; nowMs += 100) {
    bench.send("video", nowMs, 0x27, 1, 0, 0, 0, 0, 0, 0, 1, 0x41);
    bench.session.tick((bench.nowMs = nowMs));
  }
  expect(bench.calls).toHaveLength(2);
  expect(bench.calls[0]).toMatch(/^warned: no keyframe .* came within 5 s$/);
  expect(bench.calls[1]).toMatch(/^refuse: no keyframe .* came within 20 s$/);
});

test("media that cannot be used is refused in words", () => {
  const bench = new Bench();
  bench.send("video", 0, 0x1c, 0, 0, 0, 0);
  expect(bench.calls[0]).toMatch(/^refuse: .*H\.264/);
});
