import { chmod, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { AppError } from "../../src/base/errors.ts";
import { Metrics } from "../../src/node/metrics.ts";
import { checkFfmpeg } from "./ffmpeg-command.ts";
import type { Transcoder } from "./media-source.ts";
import { makeFlv, planFor, publisherArgs, testOptions } from "./testing/encode.ts";
import { startTranscoder, type TranscoderOptions } from "./transcoder.ts";

const rungs = [{ kbps: 120, width: 160, height: 90 }];
const plan = planFor(
  {
    video: { width: 320, height: 180, frameRate: 30 },
    audio: { sampleRateHz: 44_100, channelCount: 2 },
  },
  { rungs },
);
let folder: string;
let flv: Uint8Array;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fullhouse-life-"));
  flv = await makeFlv(...publisherArgs({ seconds: 4, frameRate: "30" }));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Run {
  transcoder: Transcoder;
  exited: Promise<{ expected: boolean; message: string }>;
  bytes: number[];
  drained: Promise<void>;
  exitCount: () => number;
}

async function start(change: Partial<TranscoderOptions> = {}): Promise<Run> {
  const bytes = [0, 0];
  let exitCount = 0;
  let drainedNow: () => void = () => undefined;
  const drained = new Promise<void>((resolve) => (drainedNow = resolve));
  let exit: (exit: { expected: boolean; message: string }) => void = () => undefined;
  const exited = new Promise<{ expected: boolean; message: string }>((resolve) => (exit = resolve));
  const transcoder = await startTranscoder({
    ...testOptions(plan),
    socketDir: folder,
    ...change,
    hooks: {
      trackBytes: (index, chunk) => (bytes[index]! += chunk.length),
      drained: () => drainedNow(),
      exited: (result) => {
        exitCount += 1;
        exit(result);
      },
    },
  });
  return { transcoder, exited, bytes, drained, exitCount: () => exitCount };
}

/** A program that answers questions about itself as ffmpeg does, but when encoding does this. */
async function fakeFfmpeg(name: string, behaviour: string): Promise<string> {
  const path = join(folder, name);
  const questions = '*-encoders*|*-formats*) exec ffmpeg "$@";;';
  await writeFile(path, `#!/bin/sh\ncase "$*" in ${questions} esac\n${behaviour}\n`);
  await chmod(path, 0o755);
  return path;
}

test("everything that was put in comes out before the end is reported", async () => {
  const { transcoder, exited, bytes, exitCount } = await start();
  transcoder.write(flv);
  transcoder.end();
  expect(await exited).toEqual({ expected: true, message: "ended" });
  const atExit = [...bytes];
  expect(atExit.every((count) => count > 20_000)).toBe(true);
  await transcoder.stop();
  expect(exitCount()).toBe(1);
  expect(bytes).toEqual(atExit);
  expect((await readdir(folder)).filter((name) => name.startsWith("fh-"))).toEqual([]);
});

/** Values of the encoder's metrics by name, labels of the outcome included. */
async function metricsOf(metrics: Metrics): Promise<Record<string, number>> {
  const lines = (await metrics.text()).split("\n");
  return Object.fromEntries(
    lines.flatMap((line) => {
      const match = /^live_origin_transcode_(\w+)\{(.*)\} (.*)$/.exec(line);
      if (match === null) return [];
      const reason = /reason="(\w+)"/.exec(match[2]!)?.[1];
      return [[reason === undefined ? match[1]! : `${match[1]!} ${reason}`, Number(match[3])]];
    }),
  );
}

test("what the encoder did is in the metrics, pictures shown twice included", async () => {
  const metrics = new Metrics({ tier: "origin", node: "test" });
  const slow = await makeFlv(...publisherArgs({ seconds: 4, frameRate: "15" }));
  for (let run = 0; run < 2; run++) {
    const { transcoder, exited } = await start({ metrics });
    transcoder.write(slow);
    transcoder.end();
    await exited;
    const { duplicatedFrames } = transcoder.stats();
    expect(duplicatedFrames).toBeGreaterThanOrEqual(58);
    expect(duplicatedFrames).toBeLessThanOrEqual(62);
  }
  const { frames_duplicated_total: duplicated, ...others } = await metricsOf(metrics);
  expect(duplicated).toBeGreaterThanOrEqual(2 * 58);
  expect(others).toEqual({
    starts_total: 2,
    "exits_total ended": 2,
    frames_dropped_total: 0,
    speed_ratio: 0,
    frames_per_second: 0,
  });
});

test("an encoder stopped before it ran ends all the same", async () => {
  const { transcoder, exited } = await start();
  await transcoder.stop();
  expect((await exited).expected).toBe(true);
});

test("a full input queue holds the publisher until the encoder has caught up", async () => {
  const { transcoder, drained, exited } = await start({ inputQueueBytesMax: 65_536 });
  expect(flv.length).toBeGreaterThan(2 * 65_536);
  expect(transcoder.write(flv)).toBe(false);
  await drained;
  transcoder.end();
  expect((await exited).expected).toBe(true);
});

test("input that is no media ends the encoder with its words", async () => {
  const { transcoder, exited } = await start();
  transcoder.write(flv.subarray(0, 13));
  transcoder.write(new Uint8Array(40_000).fill(9));
  transcoder.end();
  const { message } = await exited;
  expect(message).toContain("matches no streams");
});

test("an encoder that dies is reported with its exit code, and lets the publisher go on", async () => {
  const ffmpegPath = await fakeFfmpeg("dies", "echo 'out of luck' >&2; exit 3");
  const { transcoder, exited, drained } = await start({ ffmpegPath, inputQueueBytesMax: 65_536 });
  while (transcoder.write(flv.subarray(0, 4096)));
  const { expected, message } = await exited;
  await drained;
  expect(expected).toBe(false);
  expect(message).toContain("code 3");
  expect(message).toContain("out of luck");
  expect(transcoder.write(flv)).toBe(true);
  await transcoder.stop();
});

test("an encoder deaf to everything but SIGKILL is ended by it", async () => {
  const ffmpegPath = await fakeFfmpeg("deaf", "trap '' TERM; exec tail -f /dev/null");
  const { transcoder, exited } = await start({ ffmpegPath });
  transcoder.write(flv);
  await transcoder.stop();
  expect(await exited).toMatchObject({
    expected: true,
    message: expect.stringContaining("SIGKILL") as string,
  });
}, 20_000);

test("an encoder that takes media and gives none is ended and reported", async () => {
  const ffmpegPath = await fakeFfmpeg("silent", "exec cat > /dev/null");
  let nowMs = 0;
  const clock = { nowMs: () => nowMs, unixMs: () => nowMs };
  const { transcoder, exited } = await start({ ffmpegPath, clock });
  transcoder.write(flv);
  nowMs = 10_500;
  transcoder.write(flv.subarray(0, 0));
  expect(await exited).toMatchObject({
    expected: false,
    message: expect.stringContaining("hung") as string,
  });
});

test("an ffmpeg that is not there is an error that says how to install it", async () => {
  const error: unknown = await checkFfmpeg("no-such-ffmpeg").catch((e: unknown) => e);
  expect(error).toBeInstanceOf(AppError);
  expect((error as AppError).code).toBe("TOOL_MISSING");
  expect((error as AppError).message).toMatch(/no-such-ffmpeg.*not found.*install it with/);
  await checkFfmpeg("ffmpeg");
});

test("an ffmpeg without H.264 is an error that names what is missing", async () => {
  const path = await fakeFfmpeg("bare", "exit 0");
  await writeFile(path, "#!/bin/sh\necho ' A....D aac   AAC'\n");
  await expect(checkFfmpeg(path)).rejects.toThrow(/without libx264:/);
});

test("an ffmpeg that vanished is an exit, not a crash of the origin", async () => {
  const { exited } = await start({ ffmpegPath: join(folder, "vanished") });
  const { expected, message } = await exited;
  expect(expected).toBe(false);
  expect(message).toContain("ENOENT");
});

test("a folder too deep for a unix socket is refused with advice", async () => {
  const socketDir = await mkdtemp(join(folder, `${"deep".repeat(20)}-`));
  await expect(start({ socketDir })).rejects.toThrow("use a shorter folder");
  expect(await readdir(socketDir)).toEqual([]);
});
