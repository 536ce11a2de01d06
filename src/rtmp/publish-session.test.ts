import { describe, expect, test } from "vitest";
import { amfObject, encodeAmf0 } from "./amf0.ts";
import type { FlvTag } from "./flv.ts";
import { messageTypes, readUint32, uint32Bytes } from "./message.ts";
import { PublishSession } from "./publish-session.ts";
import { statusCodes } from "./replies.ts";
import type { SessionEndCode } from "./session-event.ts";
import {
  aacHeader,
  avcHeader,
  clientHandshake,
  codeOf,
  hevcHeader,
  joined,
  keyframe,
  ScriptedClient,
  ServerReader,
  type ServerWord,
} from "./testing/scripted-client.ts";

const limits = {
  handshakeTimeoutMs: 5_000,
  publishTimeoutMs: 10_000,
  idleTimeoutMs: 8_000,
  chunkStreamCountMax: 16,
  messageBytesMax: 1_048_576,
};
const rightKey = "right-key";

/** A session with a policy that knows one key, and all it did. */
class Bench {
  readonly session = new PublishSession({
    application: "live",
    limits,
    nowMs: 0,
    random: Uint8Array.of(1),
  });
  readonly client = new ScriptedClient();
  readonly words: ServerWord[] = [];
  readonly tags: FlvTag[] = [];
  readonly asked: string[] = [];
  end: { code: SessionEndCode; reason: string } | undefined;
  readonly #reader = new ServerReader();

  push(...parts: Uint8Array[]): this {
    this.session.push(joined(parts), this.nowMs);
    return this.drain();
  }

  nowMs = 0;

  tick(nowMs: number): this {
    this.nowMs = nowMs;
    this.session.tick(nowMs);
    return this.drain();
  }

  drain(): this {
    for (let event = this.session.next(); event !== undefined; event = this.session.next()) {
      expect(this.end).toBeUndefined();
      switch (event.kind) {
        case "send":
          this.words.push(...this.#reader.push(event.bytes));
          break;
        case "tag":
          this.tags.push(event.tag);
          break;
        case "end":
          this.end = event.end;
          break;
        case "publish":
          this.asked.push(event.streamKey);
          if (event.streamKey === rightKey) this.session.accept();
          else
            this.session.end(
              { code: "key", reason: "gave a wrong stream key" },
              { code: statusCodes.badName, description: "Wrong." },
            );
      }
    }
    return this;
  }

  get codes(): string[] {
    return this.words.map(codeOf).filter((code) => code !== undefined);
  }

  publishing(): this {
    return this.push(clientHandshake, this.client.opening(rightKey));
  }
}

const bench = (): Bench => new Bench();

describe("a publisher with a right key", () => {
  test("is let in, and what it sends becomes tags", () => {
    const it = bench().publishing();
    const { client } = it;
    it.push(client.video(0, avcHeader), client.audio(0, aacHeader), client.video(40, keyframe(9)));
    expect(it.codes).toEqual(["NetConnection.Connect.Success", "NetStream.Publish.Start"]);
    expect(it.asked).toEqual([rightKey]);
    expect(it.tags).toEqual([
      { kind: "video", timestampMs: 0, payload: avcHeader },
      { kind: "audio", timestampMs: 0, payload: aacHeader },
      { kind: "video", timestampMs: 40, payload: keyframe(9) },
    ]);
    expect(it.end).toBeUndefined();
  });

  test("hears window, bandwidth and chunk size before the connect's result", () => {
    const it = bench().publishing();
    const types = it.words.map((word) => (word.kind === "control" ? word.typeId : word.name));
    const { windowAckSize, setPeerBandwidth } = messageTypes;
    // Set Chunk Size is obeyed by the reader, which would not understand the rest without it.
    expect(types.slice(0, 3)).toEqual([windowAckSize, setPeerBandwidth, "_result"]);
  });

  test("is answered with its own transaction numbers", () => {
    const it = bench().publishing();
    const results = it.words.filter((word) => word.kind === "command" && word.name === "_result");
    expect(results.map((word) => word.kind === "command" && word.values[0])).toEqual([1, 2, 3, 4]);
  });

  test.each(["FCUnpublish", "deleteStream", "closeStream"])("ends with %s", (name) => {
    const it = bench().publishing();
    it.push(it.client.command(name, 1), it.client.video(0, avcHeader));
    expect(it.end).toEqual({ code: "unpublished", reason: "stopped publishing" });
    expect(it.codes.at(-1)).toBe("NetStream.Unpublish.Success");
    expect(it.tags).toEqual([]);
  });

  test("may add a query to its key, and slashes or a query to the application", () => {
    const it = bench();
    it.push(clientHandshake, it.client.opening(`${rightKey}?bandwidth=1`, "live/?a=b"));
    expect(it.asked).toEqual([rightKey]);
    expect(it.session.isPublishing).toBe(true);
  });

  test("may speak AMF3 commands, as Flash encoders do", () => {
    const it = bench();
    it.push(clientHandshake, it.client.connect());
    const payload = Uint8Array.of(0, ...encodeAmf0(["publish", 2, null, rightKey, "live"]));
    const typeId = messageTypes.commandAmf3;
    it.push(
      it.client.write({ chunkStreamId: 3, timestampMs: 0, typeId, messageStreamId: 1, payload }),
    );
    expect(it.session.isPublishing).toBe(true);
  });

  test("gets its pings answered", () => {
    const it = bench().publishing();
    const ping = Uint8Array.of(0, 6, 1, 2, 3, 4);
    it.push(it.client.control(messageTypes.userControl, ping));
    expect(it.words.at(-1)).toEqual({
      kind: "control",
      typeId: messageTypes.userControl,
      payload: Uint8Array.of(0, 7, 1, 2, 3, 4),
    });
  });
});

describe("acknowledgements", () => {
  const acknowledged = (it: Bench): number[] =>
    it.words.flatMap((word) =>
      word.kind === "control" && word.typeId === messageTypes.acknowledgement
        ? [readUint32(word.payload, 0)]
        : [],
    );

  test("come after each window of bytes, with the count", () => {
    const it = bench().publishing();
    const payload = keyframe(1_000_000);
    it.push(it.client.chunkSize(65_536));
    for (let i = 0; i < 6; i++) it.push(it.client.video(i * 40, payload));
    expect(acknowledged(it)).toHaveLength(2);
    expect(acknowledged(it)[0]).toBeGreaterThanOrEqual(2_500_000);
  });

  test("follow the peer's window, but never for less than 64 KiB", () => {
    const it = bench().publishing();
    it.push(it.client.control(messageTypes.windowAckSize, uint32Bytes(1)));
    const payload = keyframe(10_000);
    for (let i = 0; i < 100; i++) it.push(it.client.video(i * 40, payload));
    expect(acknowledged(it).length).toBeGreaterThan(10);
    expect(acknowledged(it).length).toBeLessThanOrEqual(16);
  });
});

describe("refusals", () => {
  function check(
    send: (client: ScriptedClient) => Uint8Array,
    expected: { code: SessionEndCode; reason: string; codes: string[] },
  ): Bench {
    const it = bench();
    it.push(clientHandshake, send(it.client));
    expect({ ...it.end, codes: it.codes }).toEqual(expected);
    expect(it.tags).toEqual([]);
    return it;
  }
  const connected = "NetConnection.Connect.Success";
  const noApp = ["NetConnection.Connect.Rejected", "NetConnection.Connect.InvalidApp"];

  test("a wrong key gets BadName and never Publish.Start", () => {
    check((client) => client.opening("wrong"), {
      code: "key",
      reason: "gave a wrong stream key",
      codes: [connected, "NetStream.Publish.BadName"],
    });
  });

  test.each([false, 7, null, undefined, "", "?token=1", "x".repeat(257), amfObject({ a: 1 })])(
    "the key %j is none",
    (streamKey) => {
      const it = check((client) => client.opening(streamKey), {
        code: "key",
        reason: "gave no usable stream key",
        codes: [connected, "NetStream.Publish.BadName"],
      });
      expect(it.asked).toEqual([]);
    },
  );

  test("a wrong application is told which one is right", () => {
    check((client) => client.opening(rightKey, "other"), {
      code: "application",
      reason: 'asked for the application "other": the server URL must end in /live',
      codes: noApp,
    });
  });

  test.each([
    ["live/s3cret-s3cret-s3cret", "live/..."],
    ["s3cret-s3cret-s3cret", "..."],
    ["other?key=s3cret", "other/..."],
  ])("a stream key put into the server URL stays out of the log (%s)", (application, shown) => {
    check((client) => client.opening(rightKey, application), {
      code: "application",
      reason: `asked for the application "${shown}": the server URL must end in /live`,
      codes: noApp,
    });
  });

  test.each([undefined, null, 5, "x".repeat(16_000), "/".repeat(16_000)])(
    "an application that is none is refused (%#)",
    (application) => {
      const it = bench();
      const object = amfObject({ app: application });
      it.push(clientHandshake, it.client.rawCommand(encodeAmf0(["connect", 1, object])));
      expect(it.end?.code).toBe("application");
      expect(it.codes).toEqual(noApp);
      expect(it.end!.reason.length).toBeLessThan(200);
    },
  );

  test("a null command object is a missing application", () => {
    check((client) => client.rawCommand(encodeAmf0(["connect", 1, null])), {
      code: "application",
      reason: 'asked for the application "": the server URL must end in /live',
      codes: noApp,
    });
  });

  test.each([
    ["HEVC", hevcHeader, 'enhanced FLV video "hvc1"'],
    ["AV1", Uint8Array.of(0x90, 0x61, 0x76, 0x30, 0x31), 'enhanced FLV video "av01"'],
    ["H.263", Uint8Array.of(0x12, 0, 0), "Sorenson H.263"],
  ])("%s video is rejected at its first message", (_, payload, codec) => {
    const it = bench().publishing();
    it.push(it.client.video(0, payload), it.client.video(0, avcHeader));
    const wanted = "set the encoder to H.264 video and AAC sound";
    const reason = `sends ${codec}, which is not supported: ${wanted}`;
    expect(it.end).toEqual({ code: "codec", reason });
    expect(it.codes.at(-1)).toBe("NetStream.Publish.Rejected");
    expect(it.tags).toEqual([]);
  });

  test("a player is told that this is no place for it", () => {
    check((client) => joined([client.connect(), client.command("play", "x")]), {
      code: "player",
      reason: "wants to play: RTMP is for publishing only here",
      codes: [connected, "NetStream.Play.Failed"],
    });
  });
});

describe("attacks end the session", () => {
  function check(code: SessionEndCode, reason: RegExp, ...stream: Uint8Array[]): Bench {
    const it = bench().push(clientHandshake, ...stream);
    expect(it.end?.code).toBe(code);
    expect(it.end?.reason).toMatch(reason);
    expect(it.session.partialBytes).toBeLessThanOrEqual(65_536);
    return it;
  }
  const client = (): ScriptedClient => new ScriptedClient();
  const megabyte = new Uint8Array(1_000_000);

  test("media before publish", () => {
    check("protocol", /before it was allowed/, client().video(0, avcHeader));
    const connected = client();
    check("protocol", /before it/, connected.connect(), connected.video(0, avcHeader));
  });

  test("a command before connect", () => {
    check("protocol", /before connect/, client().command("createStream"));
  });

  test("a second connect or publish", () => {
    const twice = client();
    check("protocol", /connected twice/, twice.connect(), twice.connect());
    const again = client();
    const opening = again.opening(rightKey);
    check("protocol", /published twice/, opening, again.command("publish", rightKey));
  });

  test("createStream without end", () => {
    const endless = client();
    const stream = Array.from({ length: 300 }, () => endless.command("createStream"));
    check("limit", /more than 256 commands/, endless.connect(), ...stream);
  });

  test("a chunk size of 2 GB", () => {
    check("protocol", /chunk size of 2147483647/, client().chunkSize(0x7fffffff));
  });

  test("a message of 16 MB before publish, before it is sent", () => {
    const header = Uint8Array.of(4, 0, 0, 0, 0xff, 0xff, 0xff, 9, 1, 0, 0, 0);
    check("limit", /message of 16777215 bytes, where 16384/, header);
  });

  test("16 MB of unfinished messages after publish", () => {
    const it = bench().publishing();
    const headers = Array.from({ length: 16 }, (_, i) =>
      joined([
        Uint8Array.of(5 + i, 0, 0, 0, 0x0f, 0xff, 0xff, 9, 1, 0, 0, 0),
        megabyte.slice(0, 128),
      ]),
    );
    it.push(...headers);
    expect(it.end?.code).toBe("limit");
    expect(it.session.partialBytes).toBe(0);
  });

  test("more than 64 KiB before publish", () => {
    const chatty = client();
    const ping = chatty.control(messageTypes.userControl, new Uint8Array(8_000));
    check("limit", /65536 bytes before it published/, ...Array<Uint8Array>(9).fill(ping));
  });

  test("AMF nested 5,000 deep", () => {
    const nested = Array.from({ length: 5_000 }, () => [3, 0, 0]).flat();
    check("protocol", /nested too deep/, client().rawCommand(Uint8Array.from(nested)));
  });

  test.each([
    ["ends within a value", Uint8Array.of(2, 0xff, 0xff)],
    ["unknown type 17", Uint8Array.of(17)],
  ])("a command that %s", (reason, payload) => {
    check("protocol", new RegExp(reason), client().rawCommand(payload));
  });

  test("a command whose name is no text is ignored", () => {
    const odd = client();
    const it = bench().push(clientHandshake, odd.connect(), odd.command(false), odd.command(7));
    expect(it.end).toBeUndefined();
  });

  test("an aggregate message", () => {
    const it = bench().publishing();
    it.push(it.client.control(messageTypes.aggregate, new Uint8Array(20)));
    expect(it.end?.reason).toBe("sent an aggregate message, which is not supported");
  });

  test("something that is not RTMP", () => {
    const it = bench().push(new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n"));
    const reason = "was not understood: the peer speaks HTTP, not RTMP";
    expect(it.end).toEqual({ code: "not-rtmp", reason });
    expect(it.words).toEqual([]);
  });

  test("nothing is taken after the end", () => {
    const it = check("protocol", /before connect/, client().command("createStream"));
    it.push(clientHandshake).tick(60_000);
    expect(it.session.isEnded).toBe(true);
  });
});

describe("deadlines", () => {
  test("the handshake's", () => {
    const it = bench().push(clientHandshake.subarray(0, 2_000));
    expect(it.tick(4_999).end).toBeUndefined();
    expect(it.tick(5_000).end?.code).toBe("handshake-timeout");
  });

  test("the publish's, which pings and commands do not move", () => {
    const it = bench();
    it.push(clientHandshake, it.client.connect());
    expect(it.tick(9_999).end).toBeUndefined();
    expect(it.tick(10_000).end?.code).toBe("publish-timeout");
  });

  test("the media's, which only sound and picture move", () => {
    const it = bench().publishing();
    it.tick(5_000).push(it.client.video(0, avcHeader));
    it.tick(12_900).push(
      it.client.control(messageTypes.userControl, Uint8Array.of(0, 6, 0, 0, 0, 0)),
      it.client.video(0, Uint8Array.of()),
      it.client.metadata({ width: 1280 }),
    );
    expect(it.tags.map(({ kind }) => kind)).toEqual(["video", "script"]);
    expect(it.tick(12_999).end).toBeUndefined();
    expect(it.tick(13_000).end).toEqual({
      code: "idle-timeout",
      reason: "sent no sound or picture for 8000 ms",
    });
    expect(it.codes.at(-1)).toBe("NetStream.Publish.Rejected");
  });

  test("the media's does not run while nobody reads", () => {
    const it = bench().publishing();
    it.session.excuseSilence(20_000);
    expect(it.tick(27_999).end).toBeUndefined();
    expect(it.tick(28_000).end?.code).toBe("idle-timeout");
  });
});

test("a session works when every byte comes alone", () => {
  const it = bench();
  const stream = joined([
    clientHandshake,
    it.client.chunkSize(4_096),
    it.client.opening(rightKey),
    it.client.video(0, keyframe(5_000)),
  ]);
  for (const byte of stream) it.push(Uint8Array.of(byte));
  expect(it.tags).toEqual([{ kind: "video", timestampMs: 0, payload: keyframe(5_000) }]);
});

test("asking for the next event without answering a publish request is a bug", () => {
  const session = new PublishSession({
    application: "live",
    limits,
    nowMs: 0,
    random: Uint8Array.of(1),
  });
  session.push(joined([clientHandshake, new ScriptedClient().opening(rightKey)]), 0);
  expect(() => {
    for (;;) if (session.next() === undefined) return;
  }).toThrow("a publish request was not answered");
});
