import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { encodeAmf0 } from "../../src/rtmp/amf0.ts";
import { messageTypes } from "../../src/rtmp/message.ts";
import {
  aacHeader,
  avcHeader,
  clientHandshake,
  hevcHeader,
  joined,
  keyframe,
} from "../../src/rtmp/testing/scripted-client.ts";
import {
  mainKey,
  otherFeedKey,
  standbyKey,
  TestServer,
  usableAvcHeader,
  type RtmpPeer,
} from "./testing/rtmp-peer.ts";

const publishStart = "NetStream.Publish.Start";
const badName = "NetStream.Publish.BadName";
const rejected = "NetStream.Publish.Rejected";

let server: TestServer;
beforeEach(async () => {
  server = await TestServer.start();
});
afterEach(() => server.close());

/** Starts the test's server anew, with other settings. */
async function withSettings(rtmp: Record<string, unknown>): Promise<void> {
  await server.close();
  server = await TestServer.start(rtmp);
}

/** The server takes a publisher of the other feed, whatever happened before. */
async function checkStillAccepts(): Promise<void> {
  const startCount = server.of("start").length;
  const peer = await server.publisher(otherFeedKey);
  await peer.code(publishStart);
  const { publisher } = await server.until("start", startCount + 1);
  expect(publisher).toMatchObject({ feed: "other", standby: false });
}

describe("keys", () => {
  test("a right key publishes its feed", async () => {
    const peer = await server.publisher(mainKey);
    await peer.code(publishStart);
    peer.send(peer.client.video(0, avcHeader), peer.client.audio(7, aacHeader));
    await server.until("tag", 2);
    expect(server.calls.map((call) => call.kind)).toEqual(["start", "tag", "tag"]);
    expect(server.of("start")[0]!.publisher).toMatchObject({ feed: "main", standby: false });
    expect(server.of("tag").map(({ tag }) => [tag.kind, tag.timestampMs])).toEqual([
      ["video", 0],
      ["audio", 7],
    ]);
    expect(await server.metric("live_origin_rtmp_publishers", 'kind="main"')).toBe(1);
    expect(await server.metric("live_origin_rtmp_tags_total", 'kind="video"')).toBe(1);
  });

  test("a wrong key is told so, never starts, and is one line in the log", async () => {
    const peer = await server.publisher("a-wrong-key");
    await peer.ended;
    expect(peer.codes).toEqual(["NetConnection.Connect.Success", badName]);
    expect(server.calls).toEqual([]);
    expect(server.logLines).toHaveLength(1);
    expect(server.logLines[0]).toMatch(/^127\.0\.0\.1:\d+ gave a wrong stream key$/);
    expect(await server.metric("live_origin_rtmp_ends_total", 'reason="key"')).toBe(1);
    await checkStillAccepts();
  });

  test("after four wrong keys the next answer is late, but a right key is let in at once", async () => {
    for (let i = 0; i < 4; i++) await (await server.publisher(`wrong-${i}`)).ended;
    const startMs = performance.now();
    const mistyped = await server.publisher("wrong again");
    await mistyped.code("NetConnection.Connect.Success");
    const right = await server.publisher(mainKey);
    await right.code(publishStart);
    expect(performance.now() - startMs).toBeLessThan(900);
    expect(mistyped.codes).toEqual(["NetConnection.Connect.Success"]);
    // What comes before the answer is not looked at.
    mistyped.send(mistyped.client.video(0, keyframe(100_000)));
    await mistyped.ended;
    expect(performance.now() - startMs).toBeGreaterThan(950);
    expect(mistyped.codes.at(-1)).toBe(badName);
    expect(server.logLines.at(-1)).toMatch(/gave wrong stream keys again and again$/);
    expect(await server.metric("live_origin_rtmp_ends_total", 'reason="key-backoff"')).toBe(1);
    expect(await server.metric("live_origin_rtmp_tags_total", 'kind="video"')).toBe(0);
  });

  test("who does not wait for the answer has given a wrong key all the same", async () => {
    for (let i = 0; i < 4; i++) await (await server.publisher(`wrong-${i}`)).ended;
    const hasty = await server.publisher("wrong again");
    await hasty.code("NetConnection.Connect.Success");
    hasty.socket.destroy();
    const counted = (): Promise<number> =>
      server.metric("live_origin_rtmp_ends_total", 'reason="key-backoff"');
    await expect.poll(counted, { interval: 20 }).toBe(1);
  });
});

describe("seats", () => {
  test("a second right key takes over: first the old one's end, then the new one's start", async () => {
    const old = await server.publisher(mainKey);
    await old.code(publishStart);
    const startMs = performance.now();
    const newcomer = await server.picturePublisher(mainKey);
    await Promise.all([old.ended, newcomer.code(publishStart)]);
    expect(performance.now() - startMs).toBeLessThan(1_000);
    expect(old.codes.at(-1)).toBe(badName);
    const [first, second] = server.of("start").map(({ publisher }) => publisher.id);
    newcomer.send(newcomer.client.video(40, keyframe(99)));
    await server.until("tag", 3);
    expect(server.calls.map(({ kind, publisher }) => [kind, publisher.id])).toEqual([
      ["start", first],
      ["end", first],
      ["start", second],
      ["tag", second],
      ["tag", second],
      ["tag", second],
    ]);
    expect(server.of("tag").map(({ tag }) => tag.payload.length)).toEqual([
      usableAvcHeader.length,
      64,
      99,
    ]);
    expect(server.of("end")[0]!.reason).toMatch(/^was taken over by 127\.0\.0\.1:\d+$/);
  });

  test.each<[string, (peer: RtmpPeer) => Uint8Array[], string | undefined, RegExp]>([
    [
      "a codec that is not supported",
      ({ client }) => [client.audio(0, aacHeader), client.video(0, hevcHeader)],
      rejected,
      /sends enhanced FLV video "hvc1", which is not supported/,
    ],
    [
      "a header that cannot be read",
      ({ client }) => [client.audio(0, aacHeader), client.video(0, avcHeader)],
      rejected,
      /was refused: the H\.264 sequence header is not readable$/,
    ],
    [
      "pictures without a header, again and again,",
      (peer) => {
        const frame = (): Uint8Array => peer.client.video(0, keyframe(64));
        const timer = setInterval(() => peer.send(frame()), 100);
        void peer.ended.then(() => clearInterval(timer));
        return [frame()];
      },
      rejected,
      /was refused: no usable sound or picture came for 500 ms$/,
    ],
  ])("a newcomer with %s does not take over", async (_, media, code, line) => {
    await withSettings({ idleTimeoutMs: 500 });
    const old = await server.publisher(mainKey);
    await old.code(publishStart);
    const { publisher } = await server.until("start", 1);
    publisher.pause();
    const newcomer = await server.publisher(mainKey);
    await newcomer.code(publishStart);
    newcomer.send(...media(newcomer));
    await newcomer.ended;
    expect(newcomer.codes.at(-1)).toBe(code);
    expect(server.logLines.at(-1)).toMatch(line);
    expect(server.calls.map(({ kind }) => kind)).toEqual(["start"]);
    publisher.resume();
    old.send(old.client.video(0, avcHeader));
    await server.until("tag", 1);
    expect(server.of("end")).toEqual([]);
  });

  test("a newcomer takes over from whoever publishes when its media comes", async () => {
    const old = await server.publisher(mainKey);
    await old.code(publishStart);
    const newcomer = await server.publisher(mainKey);
    await newcomer.code(publishStart);
    old.send(old.client.command("FCUnpublish", mainKey));
    await server.until("end", 1);
    const third = await server.publisher(mainKey);
    await third.code(publishStart);
    const media = [
      newcomer.client.video(0, usableAvcHeader),
      newcomer.client.video(0, keyframe(64)),
    ];
    newcomer.send(...media);
    await third.ended;
    expect(server.of("start")).toHaveLength(3);
    expect(server.of("end").map(({ reason }) => reason)).toEqual([
      "stopped publishing",
      expect.stringMatching(/^was taken over by /),
    ]);
  });

  async function takenOver(): Promise<RtmpPeer> {
    const deaf = await server.peer({ allowHalfOpen: true });
    deaf.send(clientHandshake, deaf.client.opening(mainKey));
    await deaf.code(publishStart);
    await server.picturePublisher(mainKey);
    await deaf.ended;
    return deaf;
  }
  const closing = (): Promise<number> =>
    server.metric("live_origin_rtmp_connections", 'state="closing"');

  test("an old publisher that keeps its side open is cut off within a second", async () => {
    const deaf = await takenOver();
    const startMs = performance.now();
    expect(await closing()).toBe(1);
    await expect.poll(closing, { interval: 20, timeout: 5_000 }).toBe(0);
    expect(performance.now() - startMs).toBeLessThan(1_000);
    expect(deaf.socket.closed).toBe(false);
  });

  test("an old publisher that goes on sending is not heard, and cut off", async () => {
    const deaf = await takenOver();
    const sendOn = (): void => {
      if (!deaf.socket.writable) return;
      deaf.socket.write(deaf.client.video(0, keyframe(100_000)), sendOn);
    };
    sendOn();
    await deaf.closed;
    await expect.poll(closing, { interval: 20 }).toBe(0);
    expect(server.of("tag").filter(({ tag }) => tag.payload.length === 100_000)).toEqual([]);
    expect(server.of("end")).toHaveLength(1);
  });

  test("feeds are independent", async () => {
    const one = await server.publisher(mainKey);
    const other = await server.publisher(otherFeedKey);
    await Promise.all([one.code(publishStart), other.code(publishStart)]);
    expect(server.of("end")).toEqual([]);
  });

  test("a standby key publishes while nobody does, yields, and cannot come back meanwhile", async () => {
    const card = await server.publisher(standbyKey);
    await card.code(publishStart);
    expect(server.of("start")[0]!.publisher).toMatchObject({ feed: "main", standby: true });

    const rival = await server.publisher(standbyKey);
    await rival.ended;
    expect(rival.codes.at(-1)).toBe(badName);

    const person = await server.publisher(mainKey);
    await Promise.all([card.ended, person.code(publishStart)]);
    const again = await server.publisher(standbyKey);
    await again.ended;
    expect(again.codes).not.toContain(publishStart);
    expect(server.logLines.at(-1)).toMatch(
      /may not publish main: somebody does, and this is a standby key$/,
    );

    person.send(person.client.command("FCUnpublish", mainKey));
    await server.until("end", 2);
    const back = await server.publisher(standbyKey);
    await back.code(publishStart);
    expect(server.of("start").map(({ publisher }) => publisher.standby)).toEqual([
      true,
      false,
      true,
    ]);
  });
});

describe("ends", () => {
  async function publishing(): Promise<RtmpPeer> {
    const peer = await server.publisher(mainKey);
    await peer.code(publishStart);
    return peer;
  }

  test.each<[string, (peer: RtmpPeer) => void, string]>([
    ["FCUnpublish", (peer) => peer.send(peer.client.command("FCUnpublish")), "stopped publishing"],
    [
      "deleteStream",
      (peer) => peer.send(peer.client.command("deleteStream", 1)),
      "stopped publishing",
    ],
    ["closing the socket", (peer) => peer.socket.end(), "closed the connection"],
    ["a reset", (peer) => peer.socket.resetAndDestroy(), "lost the connection (ECONNRESET)"],
  ])("%s ends the publish, once", async (_, act, reason) => {
    const peer = await publishing();
    act(peer);
    await server.until("end", 1);
    await peer.ended;
    await checkStillAccepts();
    expect(server.of("end").map((call) => call.reason)).toEqual([reason]);
    expect(await server.metric("live_origin_rtmp_publishers", 'feed="main",kind="main"')).toBe(0);
  });

  test("media that cannot be used is refused with Rejected, and the handler hears its end", async () => {
    const peer = await publishing();
    server.of("start")[0]!.publisher.refuse("no keyframe in 10 s");
    expect(server.of("end").map(({ reason }) => reason)).toEqual([
      "was refused: no keyframe in 10 s",
    ]);
    await peer.ended;
    expect(peer.codes.at(-1)).toBe(rejected);
    expect(server.logLines.at(-1)).toBe("the publisher of main was refused: no keyframe in 10 s");
  });

  test("a refusal from within the tag handler lets no further tag through", async () => {
    const peer = await publishing();
    server.onTag = (publisher) => publisher.close("enough");
    peer.send(joined([1, 2, 3].map((i) => peer.client.video(i, keyframe(10)))));
    await peer.ended;
    expect(server.calls.map(({ kind }) => kind)).toEqual(["start", "tag", "end"]);
    expect(server.of("end")[0]!.reason).toBe("was closed: enough");
  });

  test("an unsupported codec is rejected with what to do", async () => {
    const peer = await publishing();
    peer.send(peer.client.video(0, hevcHeader));
    await peer.ended;
    expect(peer.codes.at(-1)).toBe(rejected);
    expect(server.logLines.at(-1)).toBe(
      'the publisher of main sends enhanced FLV video "hvc1", which is not supported: ' +
        "set the encoder to H.264 video and AAC sound",
    );
    expect(server.of("tag")).toEqual([]);
  });

  test("stopping the server ends its publishers and frees the port", async () => {
    const peer = await publishing();
    const { port } = server;
    await server.stop();
    await peer.ended;
    expect(server.of("end").map(({ reason }) => reason)).toEqual(["was closed: the origin stops"]);
    const late = connect(port, "127.0.0.1");
    const [error] = (await once(late, "error")) as [NodeJS.ErrnoException];
    expect(error.code).toBe("ECONNREFUSED");
  });
});

describe("back-pressure", () => {
  test("a paused publisher is not read, not idle, and loses nothing", async () => {
    await withSettings({ idleTimeoutMs: 500 });
    const peer = await server.publisher(mainKey);
    await peer.code(publishStart);
    const { publisher } = server.of("start")[0]!;
    publisher.pause();
    const tags = Array.from({ length: 64 }, (_, i) => peer.client.video(i, keyframe(500_000)));
    peer.send(...tags);
    // The kernel's buffers fill up, and then nothing moves; an idle time-out would end it here.
    const other = await server.publisher(otherFeedKey);
    await other.code(publishStart);
    await server.until("end", 1);
    expect(server.of("end")[0]!.publisher.feed).toBe("other");
    expect(server.of("tag").length).toBeLessThanOrEqual(1);
    expect(peer.socket.writableLength).toBeGreaterThan(8_000_000);
    publisher.resume();
    await server.until("tag", 64);
    expect(server.of("tag").map(({ tag }) => tag.timestampMs)).toEqual(tags.map((_, i) => i));
    expect(await server.metric("live_origin_rtmp_pauses_total")).toBe(1);
  });
});

describe("limits at the door", () => {
  test("an address may hold only so many connections that do not publish: its oldest goes", async () => {
    await withSettings({ pendingPerAddressMax: 2 });
    const publisher = await server.publisher(otherFeedKey);
    await publisher.code(publishStart);
    const oldest = await server.peer();
    const younger = await server.peer();
    const newest = await server.peer();
    await oldest.ended;
    expect(await server.metric("live_origin_rtmp_limits_total", "pendingPerAddressMax")).toBe(1);
    expect(await server.metric("live_origin_rtmp_ends_total", 'reason="evicted"')).toBe(1);
    expect(server.logLines.at(-1)).toBe(
      "RTMP connections are turned away: rtmp.pendingPerAddressMax reached",
    );
    expect([younger, newest].map(({ socket }) => socket.readyState)).toEqual(["open", "open"]);
    newest.send(clientHandshake, newest.client.opening(mainKey));
    await newest.code(publishStart);
    expect(server.of("end")).toEqual([]);
  });

  test("silent connections, however many, do not keep a publisher out", async () => {
    await withSettings({ connectionCountMax: 8, pendingCountMax: 8, pendingPerAddressMax: 8 });
    const silent: RtmpPeer[] = [];
    for (let i = 0; i < 8; i++) silent.push(await server.peer());
    const publisher = await server.publisher(mainKey);
    await publisher.code(publishStart);
    await silent[0]!.ended;
    for (let i = 0; i < 8; i++) silent.push(await server.peer());
    publisher.send(publisher.client.video(0, avcHeader));
    await server.until("tag", 1);
    expect(server.of("end")).toEqual([]);
    const pending = (): Promise<number> =>
      server.metric("live_origin_rtmp_connections", 'state="pending"');
    await expect.poll(pending, { interval: 20 }).toBe(7);
  });

  test("the origin holds only so many connections", async () => {
    await withSettings({ connectionCountMax: 1 });
    const publisher = await server.publisher(mainKey);
    await publisher.code(publishStart);
    await (
      await server.peer()
    ).ended;
    expect(await server.metric("live_origin_rtmp_limits_total", "connectionCountMax")).toBe(1);
    expect(server.of("end")).toEqual([]);
  });
});

test("a flood of strangers is counted, but is one line of each kind", async () => {
  const ends = (reason: string): Promise<number> =>
    server.metric("live_origin_rtmp_ends_total", `reason="${reason}"`);
  for (let i = 0; i < 5; i++) {
    const peer = await server.peer();
    peer.send(Buffer.from("GET / HTTP/1.1\r\n\r\n"));
    await peer.ended;
  }
  for (let i = 0; i < 3; i++) await (await server.publisher(`wrong-${i}`)).ended;
  expect([await ends("not-rtmp"), await ends("key")]).toEqual([5, 3]);
  expect(server.logLines).toEqual([
    expect.stringMatching(/ was not understood: /),
    expect.stringMatching(/ gave a wrong stream key$/),
  ]);
});

describe("deadlines", () => {
  test("a peer that says nothing is closed after the handshake's time", async () => {
    await withSettings({ handshakeTimeoutMs: 100 });
    const peer = await server.peer();
    await peer.ended;
    expect(server.logLines.at(-1)).toMatch(/did not finish the handshake in 100 ms$/);
    await checkStillAccepts();
  });

  test("a peer that never publishes is closed after the publish's time", async () => {
    await withSettings({ publishTimeoutMs: 100 });
    const peer = await server.peer();
    peer.send(clientHandshake, peer.client.connect());
    await peer.ended;
    expect(server.logLines.at(-1)).toMatch(/did not publish within 100 ms$/);
  });

  test("a publisher that sends no media is closed after the idle time", async () => {
    await withSettings({ idleTimeoutMs: 500 });
    const peer = await server.publisher(mainKey);
    await peer.ended;
    expect(server.of("end").map(({ reason }) => reason)).toEqual([
      "sent no sound or picture for 500 ms",
    ]);
  });
});

describe("attacks close their own socket and nothing else", () => {
  const nested = Uint8Array.from(Array.from({ length: 5_000 }, () => [3, 0, 0]).flat());
  const claim = (chunkStreamId: number): Uint8Array =>
    joined([
      Uint8Array.of(chunkStreamId, 0, 0, 0, 0x3f, 0xff, 0xff, 9, 1, 0, 0, 0),
      new Uint8Array(128),
    ]);
  const afterHandshake = (make: (peer: RtmpPeer) => Uint8Array) => (peer: RtmpPeer) => {
    peer.send(clientHandshake, make(peer));
  };
  const afterPublish = (make: (peer: RtmpPeer) => Uint8Array) => (peer: RtmpPeer) => {
    peer.send(clientHandshake, peer.client.opening(otherFeedKey));
    void peer.code(publishStart).then(() => peer.send(make(peer)));
  };
  test.each<[string, (peer: RtmpPeer) => void, string]>([
    ["HTTP", (peer) => peer.send(Buffer.from("GET / HTTP/1.1\r\n\r\n")), "not-rtmp"],
    [
      "a chunk size of 2 GB",
      afterHandshake(({ client }) => client.chunkSize(0x7fffffff)),
      "protocol",
    ],
    ["a chunk size of 1", afterHandshake(({ client }) => client.chunkSize(1)), "protocol"],
    ["4 MB announced before publish", afterHandshake(() => claim(4)), "limit"],
    [
      "media without publish",
      afterHandshake(({ client }) => client.video(0, avcHeader)),
      "protocol",
    ],
    [
      "AMF nested 5,000 deep",
      afterHandshake(({ client }) => client.rawCommand(nested)),
      "protocol",
    ],
    [
      "a string past the end",
      afterHandshake(({ client }) => client.rawCommand(Uint8Array.of(2, 255, 255))),
      "protocol",
    ],
    [
      "a null command object",
      afterHandshake(({ client }) => client.rawCommand(encodeAmf0(["connect", 1, null]))),
      "application",
    ],
    ["false as the key", afterHandshake(({ client }) => client.opening(false)), "key"],
    [
      "createStream without end",
      afterHandshake(({ client }) =>
        joined([
          client.connect(),
          ...Array.from({ length: 300 }, () => client.command("createStream")),
        ]),
      ),
      "limit",
    ],
    [
      "a flood of empty messages",
      afterPublish(() =>
        joined([
          Uint8Array.of(7, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0),
          new Uint8Array(200_000).fill(0xc7),
        ]),
      ),
      "limit",
    ],
    [
      "17 chunk streams",
      afterPublish(() => joined(Array.from({ length: 17 }, (_, i) => claim(10 + i)))),
      "limit",
    ],
  ])("%s", async (_, attack, reason) => {
    const bystander = await server.publisher(mainKey);
    await bystander.code(publishStart);
    const attacker = await server.peer();
    attack(attacker);
    const ends = async (): Promise<number> =>
      server.metric("live_origin_rtmp_ends_total", `reason="${reason}"`);
    await expect.poll(ends, { timeout: 20_000, interval: 20 }).toBe(1);
    attacker.socket.resume();
    await attacker.ended;
    bystander.send(bystander.client.video(0, avcHeader));
    await server.until("tag", 1);
    expect(server.of("end").filter(({ publisher }) => publisher.feed === "main")).toEqual([]);
    await checkStillAccepts();
  });

  test("pings without end, whose answers nobody reads", async () => {
    const peer = await server.publisher(otherFeedKey);
    await peer.code(publishStart);
    peer.socket.pause();
    const ping = (): Uint8Array =>
      peer.client.control(messageTypes.userControl, Uint8Array.of(0, 6, ...new Uint8Array(14)));
    const [first, further] = [ping(), ping()];
    const flood = joined([first, ...Array<Uint8Array>(100_000).fill(further)]);
    const write = (): void => {
      while (peer.socket.writable && peer.socket.write(flood));
      if (peer.socket.writable) peer.socket.once("drain", write);
    };
    write();
    const { reason } = await server.until("end", 1);
    expect(reason).toBe("does not read the answers");
    peer.socket.destroy();
    await checkStillAccepts();
  });

  test("sixty peers with unfinished messages hold no more than they are allowed", async () => {
    await withSettings({ pendingPerAddressMax: 64, pendingCountMax: 64 });
    const bytesBefore = process.memoryUsage().arrayBuffers;
    const peers = await Promise.all(Array.from({ length: 60 }, () => server.peer()));
    // Each may have three messages of 16 KiB under way: the first byte of each is sent.
    const header = (chunkStreamId: number): Uint8Array =>
      joined([
        Uint8Array.of(chunkStreamId, 0, 0, 0, 0, 0x40, 0, 9, 1, 0, 0, 0),
        new Uint8Array(128),
      ]);
    for (const peer of peers) peer.send(clientHandshake, header(4), header(5), header(6));
    const received = (): Promise<number> => server.metric("live_origin_rtmp_received_bytes_total");
    await expect.poll(received, { interval: 20 }).toBe(60 * (3_073 + 3 * 140));
    expect(await server.metric("live_origin_rtmp_connections", 'state="pending"')).toBe(60);
    expect(process.memoryUsage().arrayBuffers - bytesBefore).toBeLessThan(60 * 49_152 + 16_777_216);
  });
});
