/** Whoever makes sessions up, over real sockets: what it does to the sums of those who watch. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { ScriptedParent } from "../testing/scripted-parent.ts";
import { startRelay, type TestRelay } from "../testing/test-edge.ts";
import { OwnConnection } from "./testing/own-connection.ts";
import { ScriptedViewer } from "./testing/scripted-viewer.ts";

const segmentMs = 500;
const playlist = "/live/main/300/index.m3u8";

let parent: ScriptedParent;
let edge: TestRelay;
let clock: NodeJS.Timeout;

beforeEach(async () => {
  parent = await ScriptedParent.start({ segmentBytes: 20_000 });
  edge = await startRelay({ parents: [parent.url] });
  clock = setInterval(() => parent.advance(), segmentMs);
  const line = new OwnConnection(edge.viewerUrl);
  await line.get(playlist);
  line.close();
});

afterEach(async () => {
  clearInterval(clock);
  await edge.close();
  await parent.stop();
});

/** A post of 40 stalled sessions that nobody has heard of. */
function madeUpPost(from: number): string {
  const lines = Array.from({ length: 40 }, (_, n) => `sid="made-up-${from + n}",e=ps,sta=r,v=2`);
  return lines.join("\n");
}

/** As fast as answers come; some of the names are borne by media requests too. */
async function attack(line: OwnConnection, until: AbortSignal): Promise<void> {
  for (let n = 0; !until.aborted; n += 40) {
    if (n % 400 === 0) {
      const cmcd = encodeURIComponent(`bl=0,bs,sid="made-up-${n % 4_000}"`);
      await line.get(`${playlist}?CMCD=${cmcd}`);
    }
    await line.postCmcd(madeUpPost(n % 4_000));
  }
}

test("where nobody watches, no posted session counts", async () => {
  const line = new OwnConnection(edge.viewerUrl);
  for (let n = 0; n < 300; n++) await line.postCmcd(madeUpPost(n * 40));
  line.close();
  // The one viewer there may be is the request that began this file.
  expect(await edge.metric("live_cmcd_sessions")).toBeLessThanOrEqual(1);
  expect(await edge.metric("live_cmcd_refused_total", '"no-viewer"')).toBeGreaterThan(0);
});

test.each(["127.0.0.1", "127.0.0.2"])(
  "one connection, from %s, moves the stall ratio of 20 viewers by a few points",
  async (address) => {
    const before = await sums();
    const line = new OwnConnection(edge.viewerUrl, address);
    const signal = AbortSignal.timeout(8_000);
    const viewers = Array.from({ length: 20 }, (_, index) => {
      return new ScriptedViewer({
        edgeUrl: edge.viewerUrl,
        sid: `honest-${address}-${index}`,
        reports: "events",
        kbpsAt: () => 3_200,
        segmentMs,
        localAddress: address === "127.0.0.1" ? address : `127.0.1.${index + 1}`,
      });
    });
    // From elsewhere it may even be there first.
    const attacks = address === "127.0.0.1" ? [] : [attack(line, signal)];
    const watching = viewers.map((viewer) => viewer.watch(signal));
    if (attacks.length === 0) {
      const isFull = async () => (await edge.metric("live_cmcd_sessions", '"playing"')) >= 20;
      await expect.poll(isFull, { timeout: 5_000 }).toBe(true);
      attacks.push(attack(line, signal));
    }
    await Promise.all([...attacks, ...watching]);
    line.close();
    const after = await sums();
    const own = { stallSec: 0, playSec: 0 };
    for (const { stallMs, playMs } of viewers) {
      own.stallSec += stallMs / 1_000;
      own.playSec += playMs / 1_000;
    }
    const told = {
      stallSec: after.stallSec - before.stallSec,
      playSec: after.playSec - before.playSec,
    };
    process.stdout.write(`own ratio ${ratio(own).toFixed(4)}, told ${ratio(told).toFixed(4)}\n`);
    expect(told.playSec).toBeGreaterThan(own.playSec * 0.9);
    expect(ratio(told) - ratio(own)).toBeLessThan(0.08);
  },
);

async function sums() {
  const [stallSec, playSec] = await Promise.all([
    edge.metric("live_cmcd_stall_seconds_total"),
    edge.metric("live_cmcd_play_seconds_total"),
  ]);
  return { stallSec, playSec };
}

const ratio = ({ stallSec, playSec }: { stallSec: number; playSec: number }): number =>
  stallSec / (stallSec + playSec);
