import fc from "fast-check";
import { expect, test } from "vitest";
import { ascii } from "./box-writer.ts";
import { startBufferBytesMax } from "./start-watch.ts";
import { aacConfig, avcRecord, bytesOfHex } from "./testing/fmp4-builder.ts";
import { TimelineNormalizer, type TimelineDecision } from "./timeline-normalizer.ts";
import type { TimelineTag } from "./timeline-tag.ts";

/** A 1920x1080 record that claims 29.97 fps. */
const fullHdRecord = bytesOfHex(
  "01640028ffe1001967640028acd940780227e5c04400000fa40003a9803c60c65801000668ebe3cb22c0fdf8f800",
);

interface TimedTag {
  tag: TimelineTag;
  nowMs: number;
}

const videoHeader = (ms: number, record = avcRecord): TimelineTag => ({
  kind: "video",
  timestampMs: ms,
  payload: Uint8Array.of(0x17, 0, 0, 0, 0, ...record),
});
const audioHeader = (ms: number, config = aacConfig): TimelineTag => ({
  kind: "audio",
  timestampMs: ms,
  payload: Uint8Array.of(0xaf, 0, ...config),
});
const picture = (ms: number, keyframe = false): TimelineTag => ({
  kind: "video",
  timestampMs: ms,
  payload: Uint8Array.of(keyframe ? 0x17 : 0x27, 1, 0, 0, 0, 9),
});
const sound = (ms: number): TimelineTag => ({
  kind: "audio",
  timestampMs: ms,
  payload: Uint8Array.of(0xaf, 1, 9),
});
const metadata = (frameRate: number): TimelineTag => ({
  kind: "script",
  timestampMs: 0,
  payload: Uint8Array.of(
    ...[0, 9, ...ascii("framerate"), 0],
    ...new Uint8Array(new Float64Array([frameRate]).buffer).toReversed(),
  ),
});

interface Broadcast {
  fromMs?: number;
  toMs: number;
  frameRate?: number;
  gopMs?: number;
  video?: boolean;
  audio?: boolean;
  audioFromMs?: number;
  videoFromMs?: number;
  /** Added to timestamps, not to the time of arrival. */
  offsetMs?: number;
}

/** What an encoder sends between two instants, tags in order of time, arriving on time. */
function broadcast(options: Broadcast): TimedTag[] {
  const { fromMs = 0, toMs, frameRate = 30, gopMs = 2_000, offsetMs = 0 } = options;
  const { video = true, audio = true, audioFromMs = fromMs, videoFromMs = fromMs } = options;
  const timed: TimedTag[] = [];
  if (video) {
    for (let index = 0; ; index++) {
      const ms = Math.round(videoFromMs + (index * 1_000) / frameRate);
      if (ms >= toMs) break;
      const before = Math.round(videoFromMs + ((index - 1) * 1_000) / frameRate);
      const since = ms - videoFromMs;
      const keyframe = Math.floor(since / gopMs) !== Math.floor((before - videoFromMs) / gopMs);
      timed.push({ tag: picture(ms + offsetMs, keyframe), nowMs: ms });
    }
  }
  if (audio) {
    for (let index = 0; ; index++) {
      const ms = Math.round(audioFromMs + (index * 1_024_000) / 48_000);
      if (ms >= toMs) break;
      timed.push({ tag: sound(ms + offsetMs), nowMs: ms });
    }
  }
  return timed.sort((a, b) => a.nowMs - b.nowMs);
}

const bothHeaders: TimedTag[] = [
  { tag: videoHeader(0), nowMs: 0 },
  { tag: audioHeader(0), nowMs: 0 },
];

interface Timeline {
  /** Decisions other than tags, with the time at which they were made. */
  turns: [nowMs: number, what: string][];
  /** Tags of each epoch as `kind` and time. */
  epochs: { headers: string[]; video: number[]; audio: number[] }[];
  normalizer: TimelineNormalizer;
}

function describe(decision: TimelineDecision): string {
  if (decision.kind === "tag") return "tag";
  if (decision.kind !== "start") return `${decision.kind}: ${decision.reason}`;
  const { video, audio } = decision.source;
  const picture = video && `${video.width}x${video.height}@${video.frameRate}`;
  const tone = audio && `${audio.sampleRateHz}/${audio.channelCount}`;
  return `start: ${[picture, tone].filter(Boolean).join(" ")}`;
}

function isHeader({ payload }: TimelineTag): boolean {
  return payload[1] === 0;
}

/** Feeds the tags, with a tick every 100 ms until untilMs. */
function run(timed: readonly TimedTag[], untilMs = timed.at(-1)?.nowMs ?? 0): Timeline {
  const normalizer = new TimelineNormalizer();
  const timeline: Timeline = { turns: [], epochs: [], normalizer };
  const take = (decisions: readonly TimelineDecision[], nowMs: number): void => {
    for (const decision of decisions) {
      if (decision.kind !== "tag") timeline.turns.push([nowMs, describe(decision)]);
      if (decision.kind === "start") timeline.epochs.push({ headers: [], video: [], audio: [] });
      if (decision.kind !== "tag") continue;
      const { tag } = decision;
      const epoch = timeline.epochs.at(-1)!;
      if (isHeader(tag)) epoch.headers.push(`${tag.kind} ${tag.timestampMs}`);
      else epoch[tag.kind === "video" ? "video" : "audio"].push(tag.timestampMs);
    }
  };
  let tickMs = 100;
  const tickUntil = (ms: number): void => {
    for (; tickMs <= ms; tickMs += 100) take(normalizer.tick(tickMs), tickMs);
  };
  for (const { tag, nowMs } of timed) {
    tickUntil(nowMs);
    take(normalizer.push(tag, nowMs), nowMs);
  }
  tickUntil(untilMs);
  return timeline;
}

function turnsOf(timed: readonly TimedTag[], untilMs?: number): string[] {
  return run(timed, untilMs).turns.map(([, what]) => what);
}

test("a source whose rate agrees with its claim starts after ten pictures, and loses nothing", () => {
  const { turns, epochs } = run([
    { tag: metadata(25), nowMs: 0 },
    ...bothHeaders,
    ...broadcast({ toMs: 1_000, frameRate: 25 }),
  ]);
  expect(turns).toEqual([[360, "start: 320x180@25 48000/2"]]);
  expect(epochs).toHaveLength(1);
  expect(epochs[0]!.headers).toEqual(["video 0", "audio 0"]);
  expect(epochs[0]!.video).toEqual(Array.from({ length: 25 }, (_, index) => index * 40));
  expect(epochs[0]!.audio.slice(0, 4)).toEqual([0, 21, 43, 64]);
});

test("without a claim that agrees it takes 30 pictures", () => {
  const { turns } = run([...bothHeaders, ...broadcast({ toMs: 1_500 })]);
  expect(turns).toEqual([[967, "start: 320x180@30 48000/2"]]);
});

test.each([
  [
    "video alone",
    [bothHeaders[0]!, ...broadcast({ toMs: 3_000, audio: false })],
    [1_000, "start: 320x180@30"],
  ],
  [
    "sound alone",
    [bothHeaders[1]!, ...broadcast({ toMs: 3_000, video: false })],
    [1_000, "start: 48000/2"],
  ],
  [
    "a sound header without any sound",
    [...bothHeaders, ...broadcast({ toMs: 4_000, audio: false })],
    [3_000, "start: 320x180@30"],
  ],
  [
    "sound that starts late",
    [...bothHeaders, ...broadcast({ toMs: 3_000, audioFromMs: 700 })],
    [967, "start: 320x180@30 48000/2"],
  ],
])("%s starts when the watch is over", (_, timed, expected) => {
  expect(run(timed).turns).toEqual([expected]);
});

test("sound alone starts by the clock when nothing more comes", () => {
  const timed = [bothHeaders[1]!, ...broadcast({ toMs: 500, video: false })];
  expect(run(timed, 2_000).turns).toEqual([[1_000, "start: 48000/2"]]);
});

test("a picture whose keyframe is late is waited for, and what comes before it is dropped", () => {
  const timed = broadcast({ toMs: 9_000, gopMs: 6_000 }).map(({ tag, nowMs }) => ({
    tag: nowMs < 5_000 && tag.payload[0] === 0x17 ? picture(tag.timestampMs) : tag,
    nowMs,
  }));
  const { turns, epochs } = run([...bothHeaders, ...timed]);
  expect(turns.slice(1)).toEqual([[6_000, "start: 320x180@30 48000/2"]]);
  expect(epochs[0]!.video.slice(0, 2)).toEqual([0, 33]);
  expect(epochs[0]!.audio[0]).toBeLessThan(22);
});

test.each([
  [
    "pictures without a keyframe",
    [
      bothHeaders[0]!,
      ...broadcast({ toMs: 30_000, audio: false }).map(({ tag, nowMs }) => ({
        tag: picture(tag.timestampMs),
        nowMs,
      })),
    ],
    [
      [5_000, "warn: no keyframe (set the encoder's interval to 2 s) came within 5 s"],
      [20_000, "refuse: no keyframe (set the encoder's interval to 2 s) came within 20 s"],
    ],
  ],
  [
    "frames without their headers",
    broadcast({ toMs: 30_000 }),
    [
      [5_000, "warn: no H.264 or AAC sequence header came within 5 s"],
      [20_000, "refuse: no H.264 or AAC sequence header came within 20 s"],
    ],
  ],
  [
    "pictures without a keyframe beside sound",
    [
      ...bothHeaders,
      ...broadcast({ toMs: 30_000 }).map(({ tag, nowMs }) => ({
        tag: tag.kind === "video" ? picture(tag.timestampMs) : tag,
        nowMs,
      })),
    ],
    [
      [5_000, "warn: no keyframe (set the encoder's interval to 2 s) came within 5 s"],
      [20_000, "start: 48000/2"],
    ],
  ],
])("%s are spoken of after 5 s, and do not wait for ever", (_, timed, expected) => {
  expect(run(timed).turns).toEqual(expected);
});

test("timestamps start at 0 wherever the publisher's do, by the same shift", () => {
  const { epochs } = run([...bothHeaders, ...broadcast({ toMs: 2_000, offsetMs: 1_000_000 })]);
  expect(epochs[0]!.video.slice(0, 3)).toEqual([0, 33, 67]);
  expect(epochs[0]!.audio.slice(0, 3)).toEqual([0, 21, 43]);
});

test("short GOPs do not make the start fall back", () => {
  const timed = broadcast({ toMs: 2_000, gopMs: 100 });
  const { turns, epochs } = run([...bothHeaders, ...timed]);
  expect(turns).toHaveLength(1);
  // From the last keyframe before the start: 900 ms.
  expect(epochs[0]!.video.length).toBe(33);
});

test("repeated sequence headers change nothing and are not passed on", () => {
  const timed = broadcast({ toMs: 3_000 });
  const repeated = timed.flatMap((entry) =>
    entry.tag.payload[0] === 0x17
      ? [{ tag: videoHeader(entry.tag.timestampMs), nowMs: entry.nowMs }, entry]
      : [entry],
  );
  const { turns, epochs } = run([...bothHeaders, ...repeated]);
  expect(turns).toHaveLength(1);
  expect(epochs[0]!.headers).toEqual(["video 0", "audio 0"]);
});

test.each([
  ["picture", videoHeader(4_000, fullHdRecord), "video", "1920x1080@29.97 48000/2"],
  ["sound", audioHeader(4_000, Uint8Array.of(0x12, 0x08)), "audio", "320x180@30 44100/1"],
])("a new %s format begins a new epoch at the next keyframe", (_, header, kind, source) => {
  const timed = [
    ...bothHeaders,
    ...broadcast({ toMs: 4_000 }),
    { tag: header, nowMs: 4_000 },
    ...broadcast({ fromMs: 4_000, toMs: 7_000 }),
  ];
  const { turns, epochs } = run(timed);
  expect(turns.map(([, what]) => what)).toEqual([
    "start: 320x180@30 48000/2",
    `newEpoch: the ${kind} format changed`,
    `start: ${source}`,
  ]);
  expect(epochs[1]!.headers).toEqual(["video 0", "audio 0"]);
  expect(epochs[1]!.video[0]).toBe(0);
});

test("a format that changes before the start gives up what waited with the old one", () => {
  const timed = [
    ...bothHeaders,
    ...broadcast({ toMs: 300 }),
    { tag: videoHeader(300, fullHdRecord), nowMs: 300 },
    ...broadcast({ fromMs: 300, toMs: 3_000 }),
  ];
  const { turns, epochs } = run(timed);
  expect(turns.map(([, what]) => what)).toEqual(["start: 1920x1080@29.97 48000/2"]);
  expect(epochs[0]!.video.length).toBe(81);
});

test.each([
  [
    "sound",
    [bothHeaders[0]!, ...broadcast({ toMs: 3_000, audio: false })],
    [{ tag: audioHeader(3_000), nowMs: 3_000 }],
    "sound appeared",
  ],
  [
    "a picture",
    [bothHeaders[1]!, ...broadcast({ toMs: 3_000, video: false })],
    [{ tag: videoHeader(3_000), nowMs: 3_000 }],
    "a picture appeared",
  ],
])("when %s appears later, a new epoch has both", (_, before, header, reason) => {
  const after = broadcast({ fromMs: 3_000, toMs: 7_000 });
  const turns = turnsOf([...before, ...header, ...after]);
  expect(turns.slice(1)).toEqual([`newEpoch: ${reason}`, "start: 320x180@30 48000/2"]);
});

test.each([
  ["a reconnect's timestamps", { offsetMs: -5_000 }, 0, "timestamps went back by"],
  ["a hole that the clock saw", { offsetMs: 0 }, 4_000, "nothing came for"],
])("%s begin a new epoch", (_, { offsetMs }, holeMs, reason) => {
  const fromMs = 5_000 + holeMs;
  const timed = [
    ...bothHeaders,
    ...broadcast({ toMs: 5_000 }),
    ...broadcast({ fromMs, toMs: fromMs + 3_000, offsetMs }),
  ];
  const { turns, epochs } = run(timed);
  expect(turns).toHaveLength(3);
  expect(turns[1]![1]).toContain(reason);
  expect(epochs[1]!.video.slice(0, 2)).toEqual([0, 33]);
});

test("sound whose picture stops goes on alone after 3 s, and with it again from a keyframe on", () => {
  const timed = [
    ...bothHeaders,
    ...broadcast({ toMs: 5_000 }),
    ...broadcast({ fromMs: 5_000, toMs: 15_000, video: false }),
    // Cut into a GOP: without a keyframe nothing can be shown yet.
    { tag: picture(15_000), nowMs: 15_000 },
    ...broadcast({ fromMs: 15_500, toMs: 18_000 }),
  ];
  const { turns, epochs } = run(timed);
  expect(turns).toEqual([
    [967, "start: 320x180@30 48000/2"],
    [7_987, "newEpoch: no video for 3000 ms, but sound"],
    [7_987, "start: 48000/2"],
    [15_500, "newEpoch: a picture appeared"],
    [16_467, "start: 320x180@30 48000/2"],
  ]);
  expect(epochs[1]!.audio[0]).toBe(0);
  expect(epochs[1]!.audio.at(-1)).toBeGreaterThan(6_900);
});

test("sound that only came before its picture, in a burst or ahead of it, breaks nothing", () => {
  const held = broadcast({ fromMs: 5_000, toMs: 10_000 });
  const burst = [
    ...held.filter(({ tag }) => tag.kind === "audio"),
    ...held.filter(({ tag }) => tag.kind === "video"),
  ].map(({ tag }) => ({ tag, nowMs: 5_000 }));
  const timed = [...bothHeaders, ...broadcast({ toMs: 5_000 }), ...burst];
  expect(run(timed).turns).toHaveLength(1);
});

test("an encoder's jump ahead is removed without a new epoch", () => {
  const timed = [
    ...bothHeaders,
    ...broadcast({ toMs: 3_000 }),
    ...broadcast({ fromMs: 3_000, toMs: 6_000, offsetMs: 60_000 }),
  ];
  const { turns, epochs, normalizer } = run(timed);
  expect(turns).toHaveLength(1);
  expect(epochs[0]!.video.at(-1)).toBeGreaterThan(5_900);
  expect(epochs[0]!.video.at(-1)).toBeLessThan(6_000);
  expect(normalizer.counts).toMatchObject({ jumpsRemoved: 1, timestampsClamped: 0 });
});

test("a jump while the start is waited for only restarts the wait", () => {
  const timed = [
    ...bothHeaders,
    ...broadcast({ toMs: 300 }),
    ...broadcast({ fromMs: 300, toMs: 3_000, offsetMs: 60_000 }),
  ];
  const { turns, epochs } = run(timed);
  expect(turns).toHaveLength(1);
  expect(epochs[0]!.video.slice(0, 3)).toEqual([0, 33, 67]);
});

test.each([
  ["HEVC", Uint8Array.of(0x1c, 0, 0, 0, 0), "video", "HEVC: set the encoder to H.264"],
  [
    "enhanced AV1",
    Uint8Array.of(0x90, ...ascii("av01")),
    "video",
    "av01: set the encoder to H.264",
  ],
  ["MP3", Uint8Array.of(0x2f, 0, 0), "audio", "MP3: set the encoder to AAC"],
  ["a broken AVC header", Uint8Array.of(0x17, 0, 0, 0, 0, 1), "video", "not readable"],
  ["a broken AAC header", Uint8Array.of(0xaf, 0, 0), "audio", "not readable"],
] as const)("%s is refused, once", (_, payload, kind, reason) => {
  const normalizer = new TimelineNormalizer();
  const tag: TimelineTag = { kind, timestampMs: 0, payload };
  const [decision, ...others] = normalizer.push(tag, 0);
  expect(decision).toMatchObject({ kind: "refuse" });
  expect(decision!.kind === "refuse" && decision!.reason).toContain(reason);
  expect(others).toEqual([]);
  expect(normalizer.push(tag, 1)).toEqual([]);
  expect(normalizer.tick(5_000)).toEqual([]);
  expect(normalizer.restart("the encoder died", 5_000)).toEqual([]);
});

test("after the encoder died, the next keyframe begins a new epoch", () => {
  const before = broadcast({ toMs: 3_000 });
  const { normalizer } = run([...bothHeaders, ...before]);
  expect(normalizer.restart("the encoder died", 3_000)).toEqual([
    { kind: "newEpoch", reason: "the encoder died" },
  ]);
  const starts: number[] = [];
  for (const { tag, nowMs } of broadcast({ toMs: 8_000 }).filter(({ nowMs }) => nowMs >= 3_000)) {
    const decisions = normalizer.push(tag, nowMs);
    if (decisions.some(({ kind }) => kind === "start")) starts.push(nowMs);
  }
  expect(starts).toEqual([4_000]);
});

test("encoders are not started more than once a second, whatever comes", () => {
  const records = [avcRecord, fullHdRecord];
  const timed = Array.from({ length: 300 }, (_, index) => {
    const ms = index * 20;
    const header = index % 12 === 0 ? [videoHeader(ms, records[(index / 12) % 2])] : [];
    return [...header, picture(ms, index % 12 === 0), sound(ms)].map((tag) => ({ tag, nowMs: ms }));
  }).flat();
  const { turns } = run([{ tag: metadata(50), nowMs: 0 }, ...bothHeaders, ...timed]);
  const starts = turns.filter(([, what]) => what.startsWith("start"));
  expect(starts.length).toBeGreaterThan(2);
  starts.slice(1).forEach(([nowMs], index) => {
    expect(nowMs - starts[index]![0]).toBeGreaterThanOrEqual(1_000);
  });
});

test("what waits for a start is bounded", () => {
  const normalizer = new TimelineNormalizer();
  for (const { tag } of bothHeaders) normalizer.push(tag, 0);
  const payload = new Uint8Array(startBufferBytesMax / 4);
  payload.set([0x17, 1]);
  for (let index = 0; index < 6; index++) {
    const keyframe = index === 0;
    payload[0] = keyframe ? 0x17 : 0x27;
    normalizer.push({ kind: "video", timestampMs: index, payload: payload.slice() }, 0);
  }
  expect(normalizer.counts.startBufferOverflows).toBe(1);
});

test("frames before their sequence header are dropped and counted", () => {
  const normalizer = new TimelineNormalizer();
  expect(normalizer.push(picture(0, true), 0)).toEqual([]);
  expect(normalizer.push(sound(0), 0)).toEqual([]);
  expect(normalizer.push({ ...sound(0), timestampMs: Number.NaN }, 0)).toEqual([]);
  expect(normalizer.counts.tagsDropped).toBe(3);
});

const makers = [
  picture,
  (ms: number) => picture(ms, true),
  sound,
  videoHeader,
  (ms: number) => videoHeader(ms, fullHdRecord),
  audioHeader,
];

/** Mostly an encoder's steps of time, now and then a wild one, and tags of any kind in any order. */
const arbitraryTags = fc.array(
  fc.record({
    maker: fc.oneof(
      { weight: 30, arbitrary: fc.constantFrom(...makers.slice(0, 3)) },
      { weight: 1, arbitrary: fc.constantFrom(...makers) },
      {
        weight: 1,
        arbitrary: fc.uint8Array({ maxLength: 12 }).map((payload) => (timestampMs: number) => ({
          kind: "video" as const,
          timestampMs,
          payload,
        })),
      },
    ),
    deltaMs: fc.oneof(
      { weight: 40, arbitrary: fc.integer({ min: 0, max: 60 }) },
      { weight: 1, arbitrary: fc.integer({ min: -3_000, max: 5_000 }) },
      { weight: 1, arbitrary: fc.constantFrom(Number.NaN, 2 ** 32, -(2 ** 32), 0.5) },
    ),
    stepMs: fc.oneof(
      { weight: 20, arbitrary: fc.nat(100) },
      { weight: 1, arbitrary: fc.nat(3_000) },
    ),
  }),
  { maxLength: 200, size: "max" },
);

test("whatever comes, tags follow a start, rise within each track, and begin with a keyframe", () => {
  let startCount = 0;
  fc.assert(
    fc.property(arbitraryTags, (entries) => {
      const normalizer = new TimelineNormalizer();
      let nowMs = 0;
      let epoch: { audio: number; video: number; sawFrame: boolean } | undefined;
      const decisions = [...bothHeaders.map(({ tag }) => tag)].flatMap((tag) =>
        normalizer.push(tag, 0),
      );
      expect(decisions).toEqual([]);
      let mediaMs = 0;
      for (const { maker, deltaMs, stepMs } of entries) {
        nowMs += stepMs;
        const tag = maker(mediaMs + deltaMs);
        if (Number.isInteger(deltaMs)) mediaMs += deltaMs;
        for (const decision of [...normalizer.push(tag, nowMs), ...normalizer.tick(nowMs)]) {
          if (decision.kind === "start") {
            expect(epoch).toBeUndefined();
            startCount++;
            epoch = { audio: -1, video: -1, sawFrame: false };
          } else if (decision.kind === "newEpoch") {
            expect(epoch).toBeDefined();
            epoch = undefined;
          } else if (decision.kind === "tag") {
            const { kind, timestampMs, payload } = decision.tag;
            if (kind === "script" || epoch === undefined) throw new Error("no epoch for a tag");
            if (isHeader(decision.tag)) continue;
            expect(timestampMs).toBeGreaterThan(epoch[kind]);
            epoch[kind] = timestampMs;
            if (kind === "video" && !epoch.sawFrame) expect(payload[0]).toBe(0x17);
            if (kind === "video") epoch.sawFrame = true;
          }
        }
      }
    }),
    { numRuns: 500 },
  );
  expect(startCount).toBeGreaterThan(50);
});
