/** Behind a proxy, addresses share the places of sessions as the proxy says where viewers are. */
import { afterEach, expect, test } from "vitest";
import { ScriptedParent } from "../testing/scripted-parent.ts";
import { startRelay, type TestRelay } from "../testing/test-edge.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function start(trustedProxies: string[]): Promise<TestRelay> {
  const parent = await ScriptedParent.start();
  closers.push(() => parent.stop());
  const edge = await startRelay({
    parents: [parent.url],
    viewer: { listen: "127.0.0.1:0", trustedProxies },
    cmcd: { sessionCountMax: 3, connectionSessionCountMax: 100 },
  });
  closers.push(() => edge.close());
  return edge;
}

const [crowded, other] = ["203.0.113.1", "203.0.113.2"];

/** Three viewers of one address take all places, then another comes, by query or by post. */
async function refusedAfter(
  edge: TestRelay,
  { how, address }: { how: "query" | "post"; address: string },
): Promise<number> {
  const playlist = `${edge.viewerUrl}/live/main/300/index.m3u8`;
  const get = async (sid: string, from: string): Promise<void> => {
    const query = encodeURIComponent(`bl=3000,sid="${sid}"`);
    const headers = { "x-forwarded-for": from };
    await (await fetch(`${playlist}?CMCD=${query}`, { headers })).text();
  };
  for (const sid of ["a1", "a2", "a3"]) await get(sid, crowded);
  expect(await edge.metric("live_cmcd_sessions")).toBe(3);
  if (how === "query") await get("b1", address);
  else {
    // A request without news: the name is known, and takes no place.
    const query = encodeURIComponent('sid="b1"');
    await (await fetch(`${playlist}?CMCD=${query}`)).text();
    await fetch(`${edge.viewerUrl}/cmcd`, {
      method: "POST",
      headers: { "content-type": "application/cmcd", "x-forwarded-for": address },
      body: 'sid="b1",e=ps,sta=p,v=2',
    });
  }
  expect(await edge.metric("live_cmcd_sessions")).toBe(3);
  return edge.metric("live_cmcd_refused_total", '"too-many-sessions"');
}

test.each(["query", "post"] as const)(
  "a viewer whom a %s names is given a place if its own address has fewer",
  async (how) => {
    expect(await refusedAfter(await start(["127.0.0.1"]), { how, address: other })).toBe(0);
    expect(await refusedAfter(await start(["127.0.0.1"]), { how, address: crowded })).toBe(1);
    expect(await refusedAfter(await start([]), { how, address: other })).toBe(1);
  },
);
