/**
 * The configuration: one schema gives the types, the validation, the defaults, the example file and
 * the reference table. Every key has a default, so `{}` is a valid configuration.
 */
import { z } from "zod";
import { addressModes } from "../base/shown-address.ts";
import { page, qoe } from "./schema-page.ts";
import { flag, integer, listen, networks, text } from "./schema-parts.ts";
import { room, swarm } from "./schema-swarm.ts";

/** Least severe first. */
export const logLevels = ["debug", "info", "warn", "error"] as const;

const feedName = z.string().regex(/^[a-z0-9-]{1,32}$/, {
  error: "must be 1 to 32 of a-z, 0-9 and -",
});
const keyHash = z.string().regex(/^sha256:[0-9a-f]{64}$/, {
  error: "must be sha256: and 64 hexadecimal digits (fullhouse key makes a key and its hash)",
});

const feed = z
  .strictObject({
    name: feedName.default("main").meta({ doc: "Name of the feed, as it stands in URLs." }),
    keyHashes: z.array(keyHash).default([]).meta({
      doc: "SHA-256 of each stream key that may publish (fullhouse key); empty: one is generated.",
    }),
    standbyKeyHashes: z
      .array(keyHash)
      .default([])
      .meta({ doc: "Keys that may publish only while nobody else does, and yield to them." }),
  })
  .meta({ doc: "One live input." });

const rtmp = z.strictObject({
  listen: listen("0.0.0.0:1935", "Where publishers connect; the origin only."),
  application: text("live", "RTMP application: the path of the server URL in OBS."),
  handshakeTimeoutMs: integer(5_000, { min: 100, max: 60_000 }, "Limit for the handshake."),
  publishTimeoutMs: integer(10_000, { min: 100, max: 60_000 }, "Limit from connect to publish."),
  idleTimeoutMs: integer(8_000, { min: 500, max: 120_000 }, "Publisher closed after no media."),
  connectionCountMax: integer(
    64,
    { min: 1, max: 10_000 },
    "Open RTMP connections; those that do not publish make room.",
  ),
  pendingCountMax: integer(
    48,
    { min: 1, max: 10_000 },
    "Connections that do not publish (yet); past it the oldest is closed.",
  ),
  pendingPerAddressMax: integer(
    8,
    { min: 1, max: 1_000 },
    "The same of one address; past it its oldest is closed.",
  ),
  chunkStreamCountMax: integer(16, { min: 4, max: 64 }, "Chunk streams a connection."),
  messageBytesMax: integer(
    4_194_304,
    { min: 65_536, max: 16_777_216 },
    "Largest media message, after authentication.",
  ),
  inputQueueBytesMax: integer(
    8_388_608,
    { min: 1_048_576, max: 268_435_456 },
    "Media waiting for the encoder; past it the publisher's socket is paused.",
  ),
});

const rung = z.strictObject({
  kbps: z.int().min(100).max(50_000).meta({ doc: "Advertised rate, audio included." }),
  width: z.int().min(16).max(7_680).multipleOf(2).meta({ unit: "pixels", doc: "Frame width." }),
  height: z.int().min(16).max(4_320).multipleOf(2).meta({ unit: "pixels", doc: "Frame height." }),
});

const ladder = z.strictObject({
  preset: z
    .enum(["oprah-2008", "hd"])
    .default("oprah-2008")
    .meta({ doc: "Ladder used while rungs is empty." }),
  rungs: z
    .array(rung)
    .max(12)
    .refine((rungs) => new Set(rungs.map(({ kbps }) => kbps)).size === rungs.length, {
      error: "must not name the same kbps twice",
    })
    .default([])
    .meta({ doc: "A ladder of your own: {kbps, width, height} each." }),
  capKbps: z
    .int()
    .min(100, { error: "must be at least 100: below that no picture is worth sending" })
    .nullable()
    .default(null)
    .meta({ doc: "No rung above this is produced or offered; null: no cap." }),
  audioRung: flag(true, "Also offer sound alone (64 kbps)."),
  encoderPreset: z
    .enum(["ultrafast", "superfast", "veryfast", "fast"])
    .default("superfast")
    .meta({ doc: "x264 preset: slower looks better and costs more CPU." }),
});

const window = z.strictObject({
  segmentCount: integer(8, { min: 6, max: 60 }, "Segments a media playlist lists."),
  bytesMax: integer(
    268_435_456,
    { min: 16_777_216, max: 8_589_934_592 },
    "Media kept in memory at the origin; the oldest goes first.",
  ),
  graceMs: integer(
    30_000,
    { min: 0, max: 600_000 },
    "How long a feed waits for its publisher to come back before it ends.",
  ),
});

const origin = z.strictObject({
  source: z
    .string()
    .regex(/^(rtmp|replay:.+)$/, { error: "must be rtmp, or replay:DIR" })
    .default("rtmp")
    .meta({ doc: "rtmp: publishers; replay:DIR: recorded fragments, looped on the clock." }),
  ffmpegPath: text("ffmpeg", "The ffmpeg program."),
});

const tier = z.strictObject({
  listen: listen(null, "Where child relays connect; null: this node has no children."),
  secret: text("", "Shared by the tiers as X-Tier-Secret; needed off loopback."),
  waiterCountMax: integer(
    20_000,
    { min: 1, max: 1_000_000 },
    "Requests of child relays held until media comes.",
  ),
  connectionCountMax: integer(
    4_096,
    { min: 1, max: 1_000_000 },
    "Open connections of child relays; past it new ones are closed.",
  ),
  stallTimeoutMs: integer(
    10_000,
    { min: 1_000, max: 120_000 },
    "A child that takes nothing of a response this long is cut off.",
  ),
});

const viewer = z.strictObject({
  listen: listen(null, "Where viewers connect; null: this node serves none."),
  connectionCountMax: integer(
    15_000,
    { min: 1, max: 1_000_000 },
    "Open viewer connections, without those of the rooms (room.socketCountMax).",
  ),
  trustedProxies: networks(
    "Proxies in front of this edge, as addresses or networks (10.0.0.0/8): of what they say in X-Forwarded-For the last who is none of them is the viewer. Needed behind a TLS proxy (docs/swarm.md).",
  ),
  waiterCountMax: integer(100_000, { min: 1, max: 1_000_000 }, "Requests held until media comes."),
  stallTimeoutMs: integer(
    10_000,
    { min: 1_000, max: 120_000 },
    "A response is closed when less than stallBytesMin went out in this time.",
  ),
  stallBytesMin: integer(8_192, { min: 1, max: 1_048_576 }, "See stallTimeoutMs."),
});

const cache = z.strictObject({
  bytesMax: integer(268_435_456, { min: 1_048_576, max: 68_719_476_736 }, "Media kept at a relay."),
  objectBytesMax: integer(33_554_432, { min: 65_536, max: 1_073_741_824 }, "Largest object."),
  fillCountMax: integer(64, { min: 1, max: 10_000 }, "Fills under way at once."),
});

const follow = z.strictObject({
  idleMs: integer(
    15_000,
    { min: 1_000, max: 600_000 },
    "Following a playlist stops when nobody has asked for it this long.",
  ),
  holdMsMax: integer(8_000, { min: 500, max: 60_000 }, "Longest hold of a blocking reload."),
  firstByteTimeoutMs: integer(
    1_500,
    { min: 100, max: 30_000 },
    "Parent's first byte of a segment.",
  ),
  progressTimeoutMs: integer(3_000, { min: 100, max: 60_000 }, "Parent silent within a body."),
});

const cmcd = z.strictObject({
  sessionCountMax: integer(
    20_000,
    { min: 1, max: 1_000_000 },
    "Viewers whose players' reports are added up; past it newcomers are left out.",
  ),
  connectionSessionCountMax: integer(
    1,
    { min: 1, max: 10_000 },
    "Of those, most for each open connection; more where a proxy in front shares connections.",
  ),
  reportsPerSecMax: integer(
    3_000,
    { min: 1, max: 1_000_000 },
    "Reports decoded a second, of all viewers together; past it they are left out.",
  ),
  bodyCountMax: integer(
    256,
    { min: 1, max: 100_000 },
    "Posted reports on their way at a time; past it the oldest is cut off.",
  ),
});

const log = z.strictObject({
  accessSample: integer(
    1_000,
    { min: 0, max: 1_000_000 },
    "One request in so many gets a line, beside those that fail or are slow; 0: none.",
  ),
  accessLinesPerSec: integer(
    10,
    { min: 0, max: 1_000 },
    "Most lines about requests in a second; the rest is counted. 0: none at all.",
  ),
  slowMs: integer(
    2_000,
    { min: 10, max: 600_000 },
    "A first byte after so long is worth a line; held reloads are left out.",
  ),
  clientAddress: z
    .enum(addressModes)
    .default("truncated")
    .meta({ doc: "Viewers' addresses in the log: truncated (/24, /48), full or none." }),
});

const admin = z.strictObject({
  listen: listen("127.0.0.1:0", "Health, metrics and the operator's API; null: none."),
  allowedHosts: z
    .array(z.string())
    .default([])
    .meta({ doc: "Host names accepted besides loopback." }),
});

export const configSchema = z.strictObject({
  node: z.strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9-]{1,32}$/, { error: "must be 1 to 32 of a-z, 0-9 and -" })
      .default("node")
      .meta({ doc: "This node's name in logs, metrics and viewer counts." }),
    logLevel: z.enum(logLevels).default("info").meta({ doc: "Least severe line that is logged." }),
  }),
  feeds: z
    .array(feed)
    .min(1)
    .max(16)
    .refine((feeds) => new Set(feeds.map(({ name }) => name)).size === feeds.length, {
      error: "must not name the same feed twice",
    })
    .meta({ doc: "The live inputs." }),
  rtmp,
  ladder,
  window,
  origin,
  tier,
  parents: z
    .array(z.url({ protocol: /^https?$/ }))
    .max(8)
    .default([])
    .meta({ doc: "Tier URLs of the next hop up, best first; relays only." }),
  viewer,
  cache,
  follow,
  edge: z.strictObject({
    processes: integer(1, { min: 1, max: 1 }, "Copies of the edge on one port (one, so far)."),
    capacityMbps: integer(
      0,
      { min: 0, max: 1_000_000 },
      "What this node's network can send, for dashboards and alerts; 0: not said. It limits nothing.",
    ),
  }),
  swarm,
  room,
  cmcd,
  qoe,
  page,
  log,
  admin,
  stateDir: text("state", "Folder for keys, tokens, ready.json and the feed's counters."),
});

/** The effective configuration: complete, validated, frozen. */
export type Config = z.output<typeof configSchema>;
export type LadderConfig = Config["ladder"];
