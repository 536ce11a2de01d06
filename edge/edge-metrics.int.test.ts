/** What a relay counts of time and traffic, at its own page of metrics. */
import { afterEach, expect, test } from "vitest";
import { ScriptedParent } from "./testing/scripted-parent.ts";
import { startRelay, type TestRelay } from "./testing/test-edge.ts";

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function startEdge(
  more: Record<string, unknown> = {},
): Promise<{ parent: ScriptedParent; edge: TestRelay }> {
  const parent = await ScriptedParent.start();
  cleanups.push(() => parent.stop());
  const edge = await startRelay({ parents: [parent.url], ...more });
  cleanups.push(() => edge.close());
  return { parent, edge };
}

async function get({ viewerUrl }: TestRelay, path: string): Promise<number> {
  const response = await fetch(viewerUrl + path);
  await response.arrayBuffer();
  return response.status;
}

const playlist = "/live/main/300/index.m3u8";

test("every series of what is asked and met is there before anybody comes", async () => {
  const { edge } = await startEdge();
  const text = await (await fetch(`${edge.adminUrl}/metrics`)).text();
  const seriesOf = (name: string): string[] =>
    text.split("\n").filter((line) => line.startsWith(`${name}{`));
  const responses = seriesOf("live_edge_responses_total");
  expect(responses).toHaveLength(6 * 9);
  for (const line of responses) expect(line).toMatch(/ 0$/);
  expect(seriesOf("live_edge_first_byte_seconds_count")).toHaveLength(6);
  expect(seriesOf("live_edge_fill_seconds_count")).toHaveLength(1);
});

test("first bytes are timed by kind, hits as at once, and reloads held on purpose not at all", async () => {
  const { parent, edge } = await startEdge();
  const countOf = (kind: string): Promise<number> =>
    edge.metric("live_edge_first_byte_seconds_count", `kind="${kind}"`);
  expect(await get(edge, playlist)).toBe(200);
  expect(await countOf("media")).toBe(1);
  const atOnce = 'le="0.001",kind="media"';
  const before = await edge.metric("live_edge_first_byte_seconds_bucket", atOnce);
  expect(await get(edge, playlist)).toBe(200);
  expect(await edge.metric("live_edge_first_byte_seconds_bucket", atOnce)).toBe(before + 1);
  const held = get(edge, `${playlist}?_HLS_msn=108`);
  await expect.poll(() => edge.metric("live_edge_waiters")).toBe(1);
  parent.advance();
  expect(await held).toBe(200);
  expect(await countOf("media")).toBe(2);
  expect(await edge.metric("live_edge_responses_total", 'kind="media"')).toBe(3);
  // A reload that finds what it asked for was not held.
  expect(await get(edge, `${playlist}?_HLS_msn=108`)).toBe(200);
  expect(await countOf("media")).toBe(3);
  expect(await get(edge, "/live/main/300/9-1.m4s")).toBe(404);
  expect(await countOf("segment")).toBe(1);
});

test("a fill's time is its parent's, from asking to the last byte; a failed one has none", async () => {
  const { parent, edge } = await startEdge();
  const fills = (what: string): Promise<number> => edge.metric(`live_edge_fill_seconds_${what}`);
  await get(edge, playlist);
  const path = parent.segmentPath("300", 107);
  const answers: (() => void)[] = [];
  parent.script(path, (request, response) => answers.push(() => parent.answer(request, response)));
  const startMs = performance.now();
  const got = get(edge, path);
  await parent.until(() => answers.length === 1);
  const askedMs = performance.now();
  expect(await fills("count")).toBe(0);
  const heldMs = performance.now() - askedMs;
  answers[0]!();
  expect(await got).toBe(200);
  const allMs = performance.now() - startMs;
  expect(await fills("count")).toBe(1);
  expect(1_000 * (await fills("sum"))).toBeGreaterThan(heldMs);
  expect(1_000 * (await fills("sum"))).toBeLessThan(allMs);
  const gone = parent.segmentPath("300", 106);
  for (let n = 0; n < 4; n++) parent.script(gone, (_request, response) => response.destroy());
  await get(edge, gone);
  expect(await fills("count")).toBe(1);
});

test("the capacity that the configuration says is there in bits", async () => {
  const { edge } = await startEdge({ edge: { capacityMbps: 2_500 } });
  expect(await edge.metric("live_edge_egress_capacity_bit_per_second")).toBe(2.5e9);
});
