/**
 * `npm test [-- --only NAME]`: set-up, then every step. Each is bounded in time and ended with all
 * it started; the last line is `N passed, N failed`. Plain JavaScript without dependencies, because
 * it installs them.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { setUp } from "./setup.mjs";
import { closingLines, commandResult, vitestResult } from "./test-report.mjs";
import { stepNames, stepsNamed } from "./test-steps.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const reportDir = join(root, ".cache/test");
/** All steps together, after set-up: half as much again as the 45 minutes they take on two cores. */
const totalLimitSec = 4_200;
const partsAtOnce = 2;

const groups = new Set();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    for (const pid of groups) endGroup(pid);
    process.exit(130);
  });
}

const [flag, only, ...more] = process.argv.slice(2);
const chosen = stepsNamed(only);
if (
  (flag !== undefined && (flag !== "--only" || only === undefined)) ||
  more.length > 0 ||
  !chosen
) {
  console.error(`usage: npm test [-- --only NAME]; NAME: ${stepNames().join(", ")}`);
  process.exit(2);
}
mkdirSync(reportDir, { recursive: true });
const results = [];
if (await setUp({ root, purposes: [...new Set(chosen.flatMap((step) => step.purposes))] })) {
  const deadlineMs = performance.now() + totalLimitSec * 1_000;
  for (const step of chosen) {
    if (step.parts === undefined) results.push(await runStep(step, { deadlineMs, isShown: true }));
    else results.push(...(await runParts(step, deadlineMs)));
  }
} else results.push({ passed: 0, failures: ["set-up"] });

console.log("");
for (const line of closingLines(results)) console.log(line);
process.exitCode = results.some(({ failures }) => failures.length > 0) ? 1 : 0;

/** Two at a time; each one's output is shown when it has ended, so that they do not mix. */
async function runParts({ name, parts }, deadlineMs) {
  console.log(`\n== ${name}: ${parts.map((part) => part.name).join(", ")}`);
  const waiting = [...parts];
  const ended = [];
  const worker = async () => {
    for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
      ended.push(await runStep(part, { deadlineMs, isShown: false }));
    }
  };
  await Promise.all(Array.from({ length: partsAtOnce }, worker));
  return ended;
}

async function runStep(step, { deadlineMs, isShown }) {
  const stepName = step.name;
  const startMs = performance.now();
  if (isShown) console.log(`\n== ${stepName}`);
  const reportFile = join(reportDir, `${stepName}.json`);
  rmSync(reportFile, { force: true });
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${reportFile}`];
  const { exitCode, output } = await runBounded({
    command: [...step.command, ...(step.isVitest ? reporters : [])],
    limitSec: Math.max(1, Math.min(step.limitSec, (deadlineMs - startMs) / 1_000)),
    isShown,
  });
  const result = step.isVitest
    ? vitestResult({ report: readReport(reportFile), exitCode, stepName })
    : commandResult({ exitCode, stepName });
  const sec = ((performance.now() - startMs) / 1_000).toFixed(1);
  const verdict = result.failures.length === 0 ? "ok" : "FAILED";
  if (output.trim() !== "" && result.failures.length > 0) console.log(`\n${output.trimEnd()}`);
  console.log(`-- ${stepName}: ${verdict}, ${result.passed} passed, ${sec} s`);
  return result;
}

/** Runs a command in a process group of its own, which is ended when the time is up. */
function runBounded({ command: [program, ...args], limitSec, isShown }) {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: root,
      detached: true,
      stdio: ["ignore", isShown ? "inherit" : "pipe", isShown ? "inherit" : "pipe"],
    });
    groups.add(child.pid);
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text) => (output += text));
    }
    const timer = setTimeout(() => {
      output += `\nended: it took longer than ${Math.round(limitSec)} s\n`;
      if (isShown) console.log(output);
      endGroup(child.pid);
    }, limitSec * 1_000);
    const end = (exitCode) => {
      clearTimeout(timer);
      groups.delete(child.pid);
      // What a step left running is ended with it.
      endGroup(child.pid);
      resolve({ exitCode, output });
    };
    child.on("error", (error) => {
      output += String(error);
      end(127);
    });
    child.on("exit", (code, signal) => end(signal ?? code));
  });
}

function endGroup(pid) {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch (error) {
    if (error.code !== "ESRCH" && error.code !== "EPERM") throw error;
  }
}

function readReport(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
}
