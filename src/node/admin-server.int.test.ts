import { request } from "node:http";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { AppError } from "../base/errors.ts";
import { resolveConfig } from "../config/resolve.ts";
import { adminTokenFile, startAdminServer, type AdminServer } from "./admin-server.ts";
import { Metrics } from "./metrics.ts";
import { wrongTokenCountMax } from "./wrong-tokens.ts";

const stateDir = mkdtempSync(join(tmpdir(), "fullhouse-admin-"));
const state = { ready: false, reason: "no parent answers" };
let server: AdminServer;
let token = "";

function configWith(listen: string | null) {
  const result = resolveConfig([{ source: "test", values: { stateDir, admin: { listen } } }]);
  if (!result.ok) throw new Error("refused");
  return result.config;
}

function start(listen: string | null): Promise<AdminServer> {
  const metrics = new Metrics({ tier: "edge", node: "a" });
  metrics.counter({ name: "live_x_total", type: "counter", unit: "1", help: "X." }).add(3);
  return startAdminServer({
    config: configWith(listen),
    metrics,
    ready: () => state,
    log: pino({ level: "silent" }),
    api: {
      echo: ({ method, query, body }) => ({ method, of: query.get("of"), body }),
      fail: () => {
        throw new AppError("FILL_FAILED", "the parent does not answer");
      },
    },
  });
}

beforeAll(async () => {
  server = await start("127.0.0.1:0");
  token = readFileSync(join(stateDir, adminTokenFile), "utf8").trim();
});

afterAll(async () => {
  await server.close();
  rmSync(stateDir, { recursive: true });
});

interface Answer {
  status: number;
  text: string;
  headers: Record<string, unknown>;
}

function ask(
  path: string,
  {
    headers = {},
    method = "GET",
    body = "",
  }: {
    headers?: Record<string, string>;
    method?: string;
    body?: string;
  } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: "127.0.0.1", port: server.port, path, method, headers },
      (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part: string) => (text += part));
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, text, headers: response.headers }),
        );
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

const bearer = () => ({ authorization: `Bearer ${token}` });
const json = () => ({ ...bearer(), "content-type": "application/json" });

test("health, readiness and metrics answer on loopback without a token", async () => {
  expect(await ask("/healthz")).toMatchObject({ status: 200, text: "ok\n" });
  expect(await ask("/readyz")).toMatchObject({
    status: 503,
    text: "not ready: no parent answers\n",
  });
  state.ready = true;
  expect((await ask("/readyz")).status).toBe(200);
  const metrics = await ask("/metrics");
  expect(metrics.text).toContain('live_x_total{tier="edge",node="a"} 3');
  expect(metrics.headers["access-control-allow-origin"]).toBeUndefined();
});

test("the token is readable by its owner only, and the same at the next start", async () => {
  expect(statSync(join(stateDir, adminTokenFile)).mode & 0o777).toBe(0o600);
  expect(token.length).toBeGreaterThanOrEqual(43);
  await server.close();
  server = await start("127.0.0.1:0");
  expect((await ask("/api/echo", { headers: bearer() })).status).toBe(200);
});

test("the API answers to the token only", async () => {
  expect((await ask("/api/echo")).status).toBe(401);
  const answer = await ask("/api/echo?of=a", { headers: bearer() });
  expect(JSON.parse(answer.text)).toEqual({ method: "GET", of: "a" });
  expect((await ask("/api/toString", { headers: bearer() })).status).toBe(404);
});

test("who guesses tokens is slowed down, and the right one passes meanwhile", async () => {
  const guess = async (n: number): Promise<number> =>
    (await ask("/api/echo", { headers: { authorization: `Bearer guess-${n}` } })).status;
  const statuses: number[] = [];
  for (let n = 0; n < 2 * wrongTokenCountMax; n++) statuses.push(await guess(n));
  expect(statuses.slice(0, wrongTokenCountMax)).toEqual(Array(wrongTokenCountMax).fill(401));
  expect(statuses).toContain(429);
  expect((await ask("/api/echo", { headers: bearer() })).status).toBe(200);
  expect(await guess(-1)).toBe(429);
});

test("a foreign host name is refused", async () => {
  const headers = { ...bearer(), host: "evil.example" };
  expect((await ask("/metrics", { headers })).status).toBe(421);
});

test("a POST must be JSON of a bounded size", async () => {
  const post = (body: string, headers: Record<string, string>) =>
    ask("/api/echo", { method: "POST", body, headers });
  expect(JSON.parse((await post('{"a":1}', json())).text)).toMatchObject({ body: { a: 1 } });
  expect((await post("a=1", { ...bearer(), "content-type": "text/plain" })).status).toBe(415);
  expect((await post("{", json())).status).toBe(400);
  expect((await post(`"${"x".repeat(70_000)}"`, json())).status).toBe(413);
  expect((await ask("/api/echo", { method: "DELETE", headers: bearer() })).status).toBe(405);
  expect((await ask("/metrics", { method: "POST" })).status).toBe(405);
});

test("an operating error becomes its status and code", async () => {
  const answer = await ask("/api/fail", { headers: bearer() });
  expect(answer.status).toBe(502);
  expect(JSON.parse(answer.text)).toMatchObject({ code: "FILL_FAILED" });
});

test("strange request targets end in an answer", async () => {
  for (const path of ["//", "/?", "/api/", "/api/echo?%zz", "*"]) {
    expect((await ask(path, { headers: bearer() })).status, path).toBeLessThan(500);
  }
});

test("without an address there is no server", async () => {
  expect((await start(null)).port).toBeUndefined();
});
