/**
 * The least that a viewer in k6 can be: a playlist and its newest segment at each turn, without a
 * player. What real viewers cost is held against it (bench/wire.ts). WIRE as for scripts/wire.ts,
 * PLAYLIST and EVERY_MS say what to ask for and how often; SUMMARY names a file for the figures.
 */
import { sleep } from "k6";
import exec from "k6/execution";
import http from "k6/http";

const run = JSON.parse(__ENV.WIRE);
const { viewerCount, durationSec } = run;
const url = `${run.targets[0][0]}${__ENV.PLAYLIST}`;
const everyMs = Number(__ENV.EVERY_MS);
const { atSec: arrivalSec } = run.arrivals.at(-1);

export const options = {
  scenarios: {
    viewers: {
      executor: "constant-vus",
      vus: viewerCount,
      duration: `${durationSec}s`,
      gracefulStop: "30s",
    },
  },
  discardResponseBodies: true,
  summaryTrendStats: ["avg", "med", "p(95)", "p(99)", "max"],
  systemTags: ["name", "status", "error_code", "scenario"],
  userAgent: "fullhouse-k6",
};

const playlist = { responseType: "text", tags: { name: "playlist" } };
const segment = { tags: { name: "segment" } };
let dueMs = 0;

export default function watch() {
  if (dueMs === 0) {
    const place = (exec.vu.idInTest - 0.5) / viewerCount;
    dueMs = exec.scenario.startTime + 1_000 * arrivalSec * place;
  }
  const aheadMs = dueMs - Date.now();
  if (aheadMs > 0) sleep(aheadMs / 1_000);
  dueMs += everyMs;
  const { status, body } = http.get(url, playlist);
  if (status !== 200) return;
  const name = body.trimEnd();
  http.get(url.replace("index.m3u8", name.slice(name.lastIndexOf("\n") + 1)), segment);
}

export function setup() {
  return { startedUnixMs: Date.now() };
}

export function handleSummary({ metrics, setup_data: { startedUnixMs } }) {
  return { [__ENV.SUMMARY]: JSON.stringify({ metrics, startedUnixMs }) };
}
