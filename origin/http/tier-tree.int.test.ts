import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import { gunzipSync } from "node:zlib";
import { afterEach, expect, test } from "vitest";
import { Metrics } from "../../src/node/metrics.ts";
import { startTierServer, type TierServer } from "../../src/node/tier-server.ts";
import { testConfig, VirtualFeed } from "../testing/virtual-feed.ts";
import { tierTreeMetrics } from "./tier-metrics.ts";
import { TierTree } from "./tier-tree.ts";

const hooks = { connectionRefused: () => undefined, responseStalled: () => undefined };

interface Answer {
  status: number;
  headers: IncomingMessage["headers"];
  body: Buffer;
}

/** A feed in virtual time behind a real tier port. */
class Bench {
  readonly feed: VirtualFeed;
  readonly tree: TierTree;
  readonly metrics = new Metrics({ tier: "origin", node: "test" });
  #server: TierServer | undefined;

  constructor(values: Record<string, unknown> = {}) {
    const config = testConfig({ window: { segmentCount: 6, graceMs: 10_000 }, ...values });
    this.feed = new VirtualFeed({ config });
    const metrics = tierTreeMetrics(this.metrics, { heldCount: () => this.tree.heldCount });
    const rungs = new Set(["150", "300", "audio"]);
    this.tree = new TierTree({
      takeNodes: () => undefined,
      ...{ config, metrics, clock: this.feed.clock },
      feeds: [{ pipeline: this.feed.pipeline, rungs }],
    });
  }

  async listen(): Promise<this> {
    this.#server = await startTierServer({
      ...{ ...testConfig().tier, listen: "127.0.0.1:0", hooks },
      handle: (req, res) => this.tree.handle(req, res),
    });
    return this;
  }

  close(): Promise<void> {
    return this.#server?.close() ?? Promise.resolve();
  }

  /** Sends a request; `answer` resolves when it is answered, `abort` hangs up. */
  ask(path: string, headers: Record<string, string> = {}) {
    const sent = request({ port: this.#server!.port, path: `/live/main${path}`, headers });
    const answer = new Promise<Answer>((resolve, reject) => {
      sent.on("error", reject);
      sent.on("response", (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () =>
          resolve({
            status: response.statusCode!,
            headers: response.headers,
            body: Buffer.concat(chunks),
          }),
        );
      });
    });
    sent.end();
    return { answer, abort: () => sent.destroy() };
  }

  async get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.ask(path, headers).answer;
  }

  /** Waits until so many requests are held. */
  async held(count: number): Promise<void> {
    while (this.tree.heldCount !== count) await new Promise(setImmediate);
  }

  async run(ms: number): Promise<void> {
    await this.feed.run(ms);
    this.tree.tick(this.feed.clock.nowMs());
  }
}

let bench: Bench;
afterEach(() => bench.close());

/** A feed that is live, five segments in. */
async function live(values: Record<string, unknown> = {}): Promise<Bench> {
  bench = await new Bench(values).listen();
  bench.feed.publish();
  await bench.run(22_000);
  expect(bench.feed.pipeline.state).toBe("live");
  return bench;
}

test("requests of a feed that starts are held and all answered with the first playlist", async () => {
  bench = await new Bench().listen();
  bench.feed.publish();
  await bench.run(7_000);
  const asked = Array.from({ length: 20 }, () => bench.ask("/300/index.m3u8?_HLS_msn=5002"));
  await bench.held(20);
  await bench.run(7_500);
  for (const { answer } of asked) {
    const { status, body } = await answer;
    expect([status, body.toString().match(/m4s/g)?.length]).toEqual([200, 3]);
  }
  expect(bench.tree.heldCount).toBe(0);
});

test("a blocking reload is held until its segment is there, and answered at once then", async () => {
  await live();
  const [first, second] = [1, 2].map((ahead) =>
    bench.ask(`/300/index.m3u8?_HLS_msn=${bench.feed.packager.lastMsn! + ahead}`),
  );
  const next = bench.feed.packager.lastMsn! + 1;
  await bench.held(2);
  await bench.run(4_300);
  const { body, headers } = await first!.answer;
  expect(body.toString()).toContain(`-${next}.m4s`);
  expect(headers["cache-control"]).toBe("max-age=24");
  expect(bench.tree.heldCount).toBe(1);
  await bench.run(4_300);
  expect((await second!.answer).body.toString()).toContain(`-${next + 1}.m4s`);
});

test("a reload held too long gets 503 while live, the unchanged playlist while waiting", async () => {
  await live();
  const path = `/300/index.m3u8?_HLS_msn=${bench.feed.packager.lastMsn! + 2}`;
  const early = bench.ask(path);
  await bench.held(1);
  bench.feed.clock.advance(8_000);
  bench.tree.tick(bench.feed.clock.nowMs());
  expect(await early.answer).toMatchObject({ status: 503, headers: { "retry-after": "1" } });
  bench.feed.leave();
  await bench.run(500);
  const waiting = bench.ask(`/300/index.m3u8?_HLS_msn=${bench.feed.packager.lastMsn! + 1}`);
  await bench.held(1);
  await bench.run(8_000);
  expect(await waiting.answer).toMatchObject({
    status: 200,
    headers: { "cache-control": "no-cache" },
  });
});

test("a held reload is answered by the end of the broadcast, and later by 404", async () => {
  await live();
  bench.feed.leave();
  await bench.run(5_000);
  const asked = bench.ask(`/300/index.m3u8?_HLS_msn=${bench.feed.packager.lastMsn! + 1}`);
  await bench.held(1);
  await bench.run(6_000);
  expect((await asked.answer).body.toString()).toContain("#EXT-X-ENDLIST");
  const [uri] = /[0-9]+-[0-9]+\.m4s/.exec((await bench.get("/300/index.m3u8")).body.toString())!;
  expect((await bench.get(`/300/${uri}`)).status).toBe(200);
  await bench.run(2 * 6 * 4_000);
  for (const path of ["/300/index.m3u8", `/300/${uri}`, "/index.m3u8", "/ladder.json"]) {
    expect((await bench.get(path)).status, path).toBe(404);
  }
  expect(JSON.parse((await bench.get("/status.json")).body.toString())).toMatchObject({
    state: "offline",
    ladderVersion: 0,
  });
});

test("status.json?v= is held until something changes, or for a second", async () => {
  await live();
  const { version } = bench.feed.pipeline.status();
  const [changed, wrong] = [bench.ask(`/status.json?v=${version}`), bench.get("/status.json?v=a")];
  await bench.held(1);
  expect((await wrong).status).toBe(400);
  bench.feed.leave();
  await bench.run(100);
  const now = JSON.parse((await changed.answer).body.toString()) as { version: number };
  expect(now).toMatchObject({ state: "waiting", version: version + 1 });
  const unchanged = bench.ask(`/status.json?v=${now.version}`);
  await bench.held(1);
  await bench.run(900);
  expect(bench.tree.heldCount).toBe(1);
  await bench.run(100);
  expect(JSON.parse((await unchanged.answer).body.toString())).toMatchObject({
    version: now.version,
  });
});

test("so many requests are held and no more; whoever hangs up makes room", async () => {
  await live({ tier: { waiterCountMax: 2 } });
  const path = `/300/index.m3u8?_HLS_msn=${bench.feed.packager.lastMsn! + 1}`;
  const [first, second] = [bench.ask(path), bench.ask(path)];
  await bench.held(2);
  expect((await bench.get(path)).status).toBe(503);
  first.answer.catch(() => undefined);
  first.abort();
  await bench.held(1);
  const third = bench.ask(path);
  await bench.held(2);
  await bench.run(4_300);
  expect([(await second.answer).status, (await third.answer).status]).toEqual([200, 200]);
  const text = await bench.metrics.text();
  expect(text).toMatch(/live_origin_tier_held_limits_total\{.*\} 1/);
  expect(text).toMatch(/live_origin_tier_responses_total\{kind="playlist",status="503",.*\} 1/);
});

test("playlists go out as they are or compressed, as the child accepts, with one tag for both", async () => {
  await live();
  const plain = await bench.get("/300/index.m3u8");
  const packed = await bench.get("/300/index.m3u8", { "accept-encoding": "br, gzip;q=0.5" });
  expect(packed.headers["content-encoding"]).toBe("gzip");
  expect(gunzipSync(packed.body).equals(plain.body)).toBe(true);
  const refused = await bench.get("/300/index.m3u8", { "accept-encoding": "gzip;q=0" });
  expect(refused.headers["content-encoding"]).toBeUndefined();
  const known = await bench.get("/300/index.m3u8", { "if-none-match": plain.headers.etag! });
  expect([known.status, known.body.length]).toEqual([304, 0]);
  expect(packed.headers.etag).toBe(plain.headers.etag);
});

test("the port answers nothing without the tier's secret", async () => {
  bench = new Bench();
  const server = await startTierServer({
    ...{ ...testConfig().tier, listen: "127.0.0.1:0", secret: "among us", hooks },
    handle: (req, res) => bench.tree.handle(req, res),
  });
  const status = async (headers: Record<string, string>): Promise<number> => {
    const sent = request({ port: server.port, path: "/live/main/status.json", headers }).end();
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    response.resume();
    return response.statusCode!;
  };
  expect(await status({})).toBe(403);
  expect(await status({ "x-tier-secret": "guess" })).toBe(403);
  expect(await status({ "x-tier-secret": "among us" })).toBe(200);
  await server.close();
});
