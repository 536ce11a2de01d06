/**
 * The control API over HTTP, for clients of this machine (docs/simulator.md):
 *
 *   POST /sim/runs               {scenario, timeRatio?, workers?, capsKbps?} -> 201 {id, …}
 *   POST /sim/runs/ID/start      the clock runs -> {state}
 *   POST /sim/runs/ID/joins      {count} -> {atSec}: viewers come in the next window
 *   POST /sim/runs/ID/events     {kind, …} -> {atSec}: an event of a scenario, without its instant
 *   POST /sim/runs/ID/end        -> {atSec}
 *   GET  /sim/runs/ID/stats      ?since=SEC for rows of the timeline from then on
 *   GET  /sim/runs/ID/report     409 until the night has ended; the same for /inputs
 *   GET  /metrics                the newest runs, for Prometheus
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { simOrderSchema } from "../../../src/config/schema-sim-inputs.ts";
import { judgeAdminAsk } from "../../../src/node/admin-access.ts";
import type { Metrics } from "../../../src/node/metrics.ts";
import { readJsonText, sayJson, sayJsonText } from "../../../src/node/json-exchange.ts";
import { parseShallowJson } from "../json-depth.ts";
import { parseBody, problemWords } from "./control-schema.ts";
import type { PacedRun } from "./paced-run.ts";
import type { SimRuns } from "./sim-runs.ts";

/** A scenario with the measured sizes of hours fits; all other bodies are one small object. */
const scenarioBytesMax = 4_194_304;
const bodyBytesMax = 4_096;
const rowCountMax = 1_000;
/** k6 opens one for each of its viewers that joins batches; the rest is refused by a reset. */
const connectionCountMax = 512;

interface Answer {
  status: number;
  /** Metrics as Prometheus reads them. */
  exposition?: string;
  /** JSON as text where it is kept so. */
  text?: string;
  value?: unknown;
}

type Call = (run: PacedRun, ask: { query: URLSearchParams; body: unknown }) => Answer;

const calls: Readonly<Record<string, { method: "GET" | "POST"; call: Call }>> = {
  start: {
    method: "POST",
    call: (run) => {
      run.start();
      return { status: 200, value: { state: run.state } };
    },
  },
  joins: {
    method: "POST",
    call: (run, { body }) => tell(run, isObject(body) ? { ...body, kind: "join" } : body),
  },
  events: { method: "POST", call: (run, { body }) => tellEvent(run, body) },
  end: { method: "POST", call: (run) => ({ status: 200, value: { atSec: run.end() } }) },
  stats: {
    method: "GET",
    call: (run, { query }) => {
      const since = query.get("since");
      const sinceSec = since === null ? Infinity : Number(since);
      if (since === "" || !(sinceSec >= 0))
        return wrong(400, "since must be seconds, as in ?since=60");
      return { status: 200, value: run.stats(sinceSec, rowCountMax) };
    },
  },
  report: {
    method: "GET",
    call: (run) => (run.report === undefined ? notOver(run) : { status: 200, text: run.report }),
  },
  inputs: {
    method: "GET",
    call: (run) => (run.inputs === undefined ? notOver(run) : { status: 200, value: run.inputs }),
  },
};

export function createControlServer(runs: SimRuns, metrics: Metrics): Server {
  const server = createServer(
    { headersTimeout: 5_000, requestTimeout: 10_000, keepAliveTimeout: 65_000 },
    (request, response) => void answer(request, response, { runs, metrics }),
  );
  server.maxConnections = connectionCountMax;
  return server;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  of: { runs: SimRuns; metrics: Metrics },
): Promise<void> {
  const { status, exposition, text, value } = await answerOf(request, response, of);
  if (exposition !== undefined) {
    response.setHeader("content-type", of.metrics.contentType);
    response.end(exposition);
  } else if (text === undefined) sayJson(response, status, value);
  else sayJsonText(response, status, text);
}

async function answerOf(
  request: IncomingMessage,
  response: ServerResponse,
  { runs, metrics }: { runs: SimRuns; metrics: Metrics },
): Promise<Answer> {
  const [path = "", search = ""] = (request.url ?? "/").split("?", 2);
  const { host } = request.headers;
  const remote = request.socket.remoteAddress;
  const ask = { path, host, authorization: undefined, remote };
  const verdict = judgeAdminAsk(ask, { token: "", allowedHosts: [] });
  if (verdict !== "allowed") return wrong(421, "this port answers loopback addresses only");
  if (path === "/metrics") return scrape(request, response, metrics);
  if (path === "/sim/runs") return makeRun(request, response, runs);
  const [, id = "", name = ""] = /^\/sim\/runs\/(\d{1,9})\/([a-z]{1,16})$/.exec(path) ?? [];
  const found = Object.hasOwn(calls, name) ? calls[name] : undefined;
  if (found === undefined) {
    return wrong(404, `there are /sim/runs and /sim/runs/ID/{${Object.keys(calls).join(",")}}`);
  }
  const run = runs.find(id);
  if (run === undefined) return wrong(404, `there is no run ${id}: POST /sim/runs makes one`);
  if (request.method !== found.method) return wrongMethod(response, found.method);
  const query = new URLSearchParams(search);
  if (found.method === "GET") return found.call(run, { query, body: undefined });
  const body = await readBody(request, bodyBytesMax);
  return body.ok ? found.call(run, { query, body: body.value }) : body.answer;
}

async function scrape(
  request: IncomingMessage,
  response: ServerResponse,
  metrics: Metrics,
): Promise<Answer> {
  if (request.method !== "GET") return wrongMethod(response, "GET");
  return { status: 200, exposition: await metrics.text() };
}

async function makeRun(
  request: IncomingMessage,
  response: ServerResponse,
  runs: SimRuns,
): Promise<Answer> {
  if (request.method !== "POST") return wrongMethod(response, "POST");
  const body = await readBody(request, scenarioBytesMax);
  if (!body.ok) return body.answer;
  const made = runs.make(body.value);
  if (!made.ok) return wrong(made.status, made.error);
  const { run } = made;
  await run.ready;
  if (!run.isUnderWay) return wrong(500, `the run could not be made: it is ${run.state}`);
  return { status: 201, value: { id: run.id, state: run.state, scenario: run.scenario.name } };
}

type Body = { ok: true; value: unknown } | { ok: false; answer: Answer };

/** A POST that says nothing may leave its body out. */
async function readBody(request: IncomingMessage, bytesMax: number): Promise<Body> {
  const read = await readJsonText(request, bytesMax);
  if (!read.ok) return { ok: false, answer: wrong(read.status, read.error) };
  if (read.text === "") return { ok: true, value: {} };
  const parsed = parseShallowJson(read.text);
  if (parsed !== undefined) return { ok: true, ...parsed };
  return { ok: false, answer: wrong(400, "the body is no JSON, or nests too deep") };
}

/** Batches of viewers have a call of their own, which k6 counts. */
function tellEvent(run: PacedRun, body: unknown): Answer {
  const isJoin = isObject(body) && body["kind"] === "join";
  return isJoin ? wrong(400, "kind join is no event: POST {count} to joins") : tell(run, body);
}

function tell(run: PacedRun, body: unknown): Answer {
  const parsed = parseBody(body, simOrderSchema);
  if (!parsed.ok) return wrong(400, problemWords(parsed.problems));
  const told = run.tell(parsed.value);
  return told.ok ? { status: 200, value: { atSec: told.atSec } } : wrong(told.status, told.error);
}

function notOver(run: PacedRun): Answer {
  return wrong(409, `the night has not ended: it is ${run.state}`);
}

function wrongMethod(response: ServerResponse, method: string): Answer {
  response.setHeader("allow", method);
  return wrong(405, `${method} only`);
}

function wrong(status: number, error: string): Answer {
  return { status, value: { error } };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
