/** Counts what passed and failed: steps, and the tests of vitest's JSON reports. Pure. */

const messageLinesMax = 12;
const messageColumnsMax = 200;

/**
 * The result of a step that vitest ran, from its JSON report: {passed, failures}. A file that could
 * not be loaded and a run that broke otherwise count as failures of their own.
 */
export function vitestResult({ report, exitCode, stepName }) {
  if (report === undefined) return { passed: 0, failures: [`${stepName}: vitest left no report`] };
  let passed = 0;
  const failures = [];
  for (const file of report.testResults) {
    const name = file.name.replace(/^.*\/(?=(?:bin|src|origin|edge|loadtest)\/)/, "");
    const failed = file.assertionResults.filter(({ status }) => status === "failed");
    passed += file.assertionResults.filter(({ status }) => status === "passed").length;
    failures.push(...failed.map((one) => `${stepName}: ${name} > ${failureText(one)}`));
    if (file.status === "failed" && failed.length === 0) {
      failures.push(`${stepName}: ${[name, ...reasonLines([file.message ?? ""])].join("\n")}`);
    }
  }
  if (exitCode !== 0 && failures.length === 0) {
    failures.push(`${stepName}: vitest ended with ${exitCode} though no test failed`);
  }
  return { passed, failures };
}

/** A failed test's name, and under it what went wrong; differences are in the output above. */
function failureText({ fullName, failureMessages = [] }) {
  return [fullName.trim(), ...reasonLines(failureMessages)].join("\n");
}

/** Without a terminal's escape sequences and the stack of calls; what is cut ends with `…`. */
function reasonLines(messages) {
  const lines = messages
    .join("\n")
    .replaceAll(/\u001b\[[\d;]*m/g, "")
    .split("\n")
    .filter((line) => line.trim() !== "" && !/^\s+at /.test(line));
  const shown = lines
    .slice(0, messageLinesMax)
    .map((line) =>
      line.length > messageColumnsMax ? line.slice(0, messageColumnsMax) + "…" : line,
    );
  if (lines.length > messageLinesMax) shown.push("…");
  return shown.map((line) => `    ${line}`);
}

/** The result of a step that is one command. */
export function commandResult({ exitCode, stepName }) {
  return exitCode === 0
    ? { passed: 1, failures: [] }
    : { passed: 0, failures: [`${stepName}: exit code ${exitCode}`] };
}

/** The end of a run: failing names and reasons again, then the counts as the last line. */
export function closingLines(results) {
  const failures = results.flatMap((result) => result.failures);
  const passed = results.reduce((sum, result) => sum + result.passed, 0);
  return [
    ...(failures.length === 0 ? [] : ["Failed:", ...failures.map((name) => `  ${name}`)]),
    `${passed} passed, ${failures.length} failed`,
  ];
}
