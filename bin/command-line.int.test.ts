import { spawn, spawnSync } from "node:child_process";
import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, expect, test } from "vitest";

const launcher = join(import.meta.dirname, "fullhouse.mjs");
const folder = mkdtempSync(join(tmpdir(), "fullhouse-command-"));
afterAll(() => rmSync(folder, { recursive: true }));

function fullhouse(args: readonly string[], environment: Record<string, string> = {}, input = "") {
  const { status, stdout, stderr } = spawnSync(process.execPath, [launcher, ...args], {
    cwd: folder,
    encoding: "utf8",
    input,
    env: { ...process.env, ...environment },
    timeout: 50_000,
  });
  return { status, stdout, stderr };
}

test.each([
  [["--help"], 0, /start .*whole broadcast/],
  [["start", "--help"], 0, /--port-base/],
  [["edge", "--help"], 0, /--config/],
  [[], 2, /Usage: fullhouse/],
  [["strat"], 2, /unknown command 'strat'.*\n.*start/],
  [["start", "--edges", "9"], 2, /whole number from 1 to 8/],
  [["start", "--cap", "50"], 2, /whole number from 100/],
  [["start", "--ladder", "4k"], 2, /oprah-2008, hd/],
  [["start", "--port-base", "80"], 2, /from 1024/],
  [["config", "--set", "ladder.capKbps"], 2, /--set key=value/],
  [["config", "--set", "ladder.cap=1"], 2, /--set ladder.cap: ladder.cap is not a known key/],
  [["loadtest", "--help"], 0, /needs Linux; k6[^]*Exit codes: 0 passed; 99 [^]*; 1 [^]*; 2 wrong/],
  [["segments", "--help"], 0, /need k6[^]*Exit codes: 0 passed[^]*99 [^]*; 1 [^]*; 2 wrong/],
  [["segments", "merge", "--help"], 0, /Exit codes: 0 passed/],
  [["knee", "--help"], 0, /Exit codes: 0 [^]*; 1 [^]*; 2 wrong/],
  [["loadtest", "ci", "--budgets", "none.json"], 2, /^fullhouse: --budgets none.json: there is no/],
  [
    ["loadtest", "ci", "--target", "http://a:s3cret@b"],
    2,
    /--target must have no user name or pass/,
  ],
  [["segments", "merge", "none.json", "none.json"], 2, /^fullhouse: none.json: there is no such/],
  [["config", "--config", "none.yaml"], 1, /cannot read none.yaml: it does not exist/],
])("fullhouse %j exits with %i", (args, status, words) => {
  const result = fullhouse(args);
  expect(result.stdout + result.stderr).toMatch(words);
  expect(result.status).toBe(status);
});

test("a program logs JSON lines, or with --pretty lines for people", () => {
  const edge = (...more: string[]) =>
    fullhouse(["edge", "--set", "viewer.listen=127.0.0.1:0", "--set", "node.name=edge-7", ...more]);
  const json = edge();
  expect(JSON.parse(json.stderr)).toMatchObject({
    ...{ level: 60, tier: "edge", node: "edge-7", code: "CONFIG_INVALID" },
    msg: "a relay needs parents: set the tier URL of its origin",
  });
  const pretty = edge("--pretty");
  expect(pretty.stderr).toMatch(
    /^\[[\d:.]+\] FATAL: edge-7 a relay needs parents: .* \{"code":"CONFIG_INVALID"\}\n$/,
  );
  expect([json.status, pretty.status]).toEqual([1, 1]);
});

test("logs shows what nodes wrote, in one order, for people or as it is, and one request's alone", () => {
  for (const [node, sec] of [
    ["origin", 2],
    ["edge-1", 1],
  ] as const) {
    mkdirSync(join(folder, "night", node), { recursive: true });
    const time = `2026-11-28T20:00:0${sec}.000Z`;
    const lines = [
      { level: 30, time, node, requestId: "a-1", msg: "response" },
      { level: 30, time, node, requestId: `other-${node}`, msg: "response" },
    ];
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
    writeFileSync(join(folder, "night", node, `${node}.log`), text);
  }
  const logs = (...args: string[]) => fullhouse(["logs", "--state", "night", ...args]);
  expect(logs().stdout).toMatch(
    /INFO: edge-1 response .*a-1.*\n.*INFO: edge-1 .*other.*\n.*INFO: origin response/,
  );
  const ofOne = logs("--id", "a-1", "--json").stdout.trimEnd().split("\n");
  expect(ofOne.map((line) => (JSON.parse(line) as { node: string }).node)).toEqual([
    "edge-1",
    "origin",
  ]);
  expect(logs("--node", "origin", "--lines", "1").stdout).toMatch(/^\S+ INFO: origin .*other.*\n$/);
  const none = logs("--node", "edge-9");
  expect(none.stderr).toMatch(/no node edge-9: there are edge-1, origin/);
  expect(none.status).toBe(2);
});

test("key hashes a key that is given, and makes one that the configuration then takes", () => {
  const ofFoo = "sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae\n";
  expect(fullhouse(["key", "foo"]).stdout).toBe(ofFoo);
  expect(fullhouse(["key", "-"], {}, "foo\n").stdout).toBe(ofFoo);
  expect(fullhouse(["key", "-"], {}, "\n").status).toBe(2);
  const [, made = "", hash = ""] =
    /^Stream key +(\S{24})\nfeeds\.keyHashes +(\S+)\n$/.exec(fullhouse(["key"]).stdout) ?? [];
  expect(fullhouse(["key", "-"], {}, made).stdout).toBe(`${hash}\n`);
  const taken = fullhouse(["config", "--set", `feeds=[{name: main, keyHashes: ["${hash}"]}]`]);
  expect(taken.stdout).toContain("valid");
  const refused = fullhouse(["config", "--set", `feeds=[{name: main, keyHashes: ["${made}"]}]`]);
  expect(refused.stderr).toContain("fullhouse key");
  expect(refused.stderr).not.toContain(made);
});

test("config --print shows each value and where it comes from", () => {
  writeFileSync(join(folder, "own.yaml"), "ladder:\n  preset: hd\ntier:\n  secret: sesame\n");
  const { status, stdout } = fullhouse(
    ["config", "--print", "--config", "own.yaml", "--set", "ladder.capKbps=900"],
    { FULLHOUSE_NODE__NAME: "here" },
  );
  const line = (key: string) => stdout.split("\n").find((text) => text.startsWith(`${key} `));
  expect(status).toBe(0);
  expect(line("ladder.preset")).toMatch(/"hd" +own\.yaml:2$/);
  expect(line("ladder.capKbps")).toMatch(/900 +--set ladder\.capKbps$/);
  expect(line("node.name")).toMatch(/"here" +FULLHOUSE_NODE__NAME$/);
  expect(line("window.segmentCount")).toMatch(/8 +default$/);
  expect(stdout).not.toContain("sesame");
});

test("config --example is a configuration that is accepted", () => {
  writeFileSync(join(folder, "example.yaml"), fullhouse(["config", "--example"]).stdout);
  const { status, stdout } = fullhouse(["config", "--config", "example.yaml"]);
  expect(stdout).toContain("valid");
  expect(status).toBe(0);
});

test("start looks for the ffmpeg of the configuration, and for none when it replays", () => {
  const args = ["start", "--port-base", "0", "--state", "no-ffmpeg"];
  const own = fullhouse([...args, "--set", "origin.ffmpegPath=/none/ffmpeg"]);
  expect(own.stderr).toBe('set-up: origin.ffmpegPath "/none/ffmpeg": not found\n');
  expect(own.status).toBe(1);
  const environment = { PATH: folder };
  const replay = fullhouse([...args, "--set", "origin.source=replay:/none"], environment);
  expect(replay.stdout).toContain("origin did not start");
  expect(replay.stderr).not.toContain("ffmpeg");
});

test("an origin says when it is up, on which ports, and where the key is", async () => {
  const settings = ["rtmp.listen=127.0.0.1:0", "tier.listen=127.0.0.1:0", "stateDir=alone"];
  const origin = spawn(
    process.execPath,
    [launcher, "origin", ...settings.flatMap((setting) => ["--set", setting])],
    { cwd: folder, stdio: ["ignore", "ignore", "pipe"] },
  );
  const ended = once(origin, "exit");
  let line = "";
  for await (line of createInterface({ input: origin.stderr })) {
    if (line.includes("the origin is ready")) break;
  }
  origin.kill("SIGTERM");
  const { ports, streamKeyFiles } = JSON.parse(line) as Record<string, unknown>;
  const port = expect.any(Number) as number;
  expect(ports).toEqual({ tier: port, rtmp: port, admin: port });
  const keyFile = join(realpathSync(folder), "alone/stream-key-main");
  expect(streamKeyFiles).toEqual([keyFile]);
  expect(existsSync(keyFile)).toBe(true);
  expect(await ended).toEqual([0, null]);
});

test("a taken port is named with the option that moves it, before anything is started", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const { port } = taken.address() as AddressInfo;
  try {
    const base = port - 11;
    const result = fullhouse(["start", "--port-base", String(base), "--state", "taken"]);
    expect(result.stderr).toContain(`${port} of origin for child relays`);
    expect(result.stderr).toContain("--port-base 9000");
    expect(result.status).toBe(1);
  } finally {
    await new Promise((resolve) => taken.close(resolve));
  }
});
