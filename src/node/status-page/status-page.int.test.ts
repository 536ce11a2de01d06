/** The status page as an admin port serves it, and as a package carries it. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { resolveConfig } from "../../config/resolve.ts";
import { adminTokenFile, startAdminServer, type AdminServer } from "../admin-server.ts";
import { Metrics } from "../metrics.ts";
import { wrongTokenCountMax } from "../wrong-tokens.ts";
import { writeBuiltStatusPage } from "./build-status-page.ts";
import { loadPageFiles } from "./load-page-files.ts";

/** All that the page loads before its first data; raised only on purpose. */
const pageGzipBytesMax = 14_000;

const stateDir = mkdtempSync(join(tmpdir(), "fullhouse-status-"));
let server: AdminServer;
let base = "";
let token = "";

beforeAll(async () => {
  const result = resolveConfig([
    { source: "test", values: { stateDir, admin: { listen: "127.0.0.1:0" } } },
  ]);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  server = await startAdminServer({
    config: result.config,
    metrics: new Metrics({ tier: "edge", node: "a" }),
    ready: () => ({ ready: true }),
    log: pino({ level: "silent" }),
    api: { status: () => ({ secret: "data" }) },
  });
  base = `http://127.0.0.1:${server.port ?? 0}`;
  token = readFileSync(join(stateDir, adminTokenFile), "utf8").trim();
});

afterAll(async () => {
  await server.close();
  rmSync(stateDir, { recursive: true });
});

test("the page and its files need no token, hold no data, and load nothing from elsewhere", async () => {
  const page = await fetch(`${base}/`);
  const html = await page.text();
  expect(page.status).toBe(200);
  expect(html).not.toMatch(/\{\{|https?:\/\/(?!www\.w3\.org)|<script>|<style>|style=|onload/);
  const names = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, name]) => name!);
  expect(names).toHaveLength(3);
  let bytes = (await rawBytes("/")).length;
  for (const name of names) {
    expect(name).toMatch(/^assets\/[a-z]+-[0-9a-f]{12}\.(?:js|css|svg)$/);
    const file = await fetch(`${base}/${name}`);
    const text = await file.text();
    expect(file.status).toBe(200);
    expect(file.headers.get("cache-control")).toContain("immutable");
    expect(text).not.toMatch(/@font-face|url\(|https?:\/\/(?!www\.w3\.org)/);
    expect(text).not.toContain(token);
    bytes += (await rawBytes(`/${name}`)).length;
  }
  expect(bytes).toBeLessThan(pageGzipBytesMax);
});

/** As it goes over the wire. */
function rawBytes(path: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const headers = { "accept-encoding": "gzip" };
    const sent = request(base + path, { headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("end", () => resolve(Buffer.concat(chunks)));
    });
    sent.on("error", reject).end();
  });
}

test("the page may run its own script, ask its own node, and nothing else", async () => {
  const { headers } = await fetch(`${base}/`);
  const policy = headers.get("content-security-policy")!;
  for (const rule of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"]) {
    expect(policy).toContain(rule);
  }
  expect(policy).not.toMatch(/unsafe|\*|data:|http/);
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.get("referrer-policy")).toBe("no-referrer");
  expect(headers.get("cache-control")).toBe("no-cache");
});

test("it is asked for as any other page: unchanged, head, method, unknown", async () => {
  const first = await fetch(`${base}/`);
  await first.arrayBuffer();
  const again = { headers: { "if-none-match": first.headers.get("etag")! } };
  const status = async (path: string, init: RequestInit = {}): Promise<number> => {
    const answer = await fetch(base + path, init);
    await answer.arrayBuffer();
    return answer.status;
  };
  expect(await status("/", again)).toBe(304);
  expect(await status("/", { method: "HEAD" })).toBe(200);
  expect(await status("/", { method: "POST" })).toBe(405);
  for (const path of [
    "/assets/",
    "/assets/none.js",
    "/assets/../admin-token",
    "/assets/%2e%2e/x",
  ]) {
    expect(await status(path), path).toBe(404);
  }
});

test("whoever tries tokens is slowed down for a moment, and the right one is not among them", async () => {
  const ask = async (given: string): Promise<number> => {
    const headers = { authorization: `Bearer ${given}` };
    const answer = await fetch(`${base}/api/status`, { headers });
    await answer.arrayBuffer();
    return answer.status;
  };
  expect(await ask(token)).toBe(200);
  for (let n = 0; n < 2 * wrongTokenCountMax; n++) await ask(`wrong-${n}`);
  expect(await ask("wrong")).toBe(429);
  expect(await ask(token)).toBe(200);
  await expect.poll(() => ask("wrong"), { timeout: 5_000, interval: 600 }).toBe(401);
});

test("the page built for a package is the one that development builds", async () => {
  const dir = mkdtempSync(join(tmpdir(), "fullhouse-status-built-"));
  try {
    await writeBuiltStatusPage(dir);
    const [packaged, fresh] = [await loadPageFiles(dir), await loadPageFiles(join(dir, "none"))];
    const texts = (files: typeof fresh) =>
      files.map(({ name, contentType, bytes }) => [
        name,
        contentType,
        Buffer.from(bytes).toString(),
      ]);
    expect(texts(packaged)).toEqual(texts(fresh));
  } finally {
    rmSync(dir, { recursive: true });
  }
});
