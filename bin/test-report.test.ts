import { expect, test } from "vitest";
import { closingLines, commandResult, vitestResult } from "./test-report.mjs";
import { stepNames, stepsNamed } from "./test-steps.mjs";

const report = {
  testResults: [
    {
      name: "/somewhere/src/base/a.test.ts",
      status: "failed",
      assertionResults: [
        { status: "passed", fullName: " one" },
        { status: "failed", fullName: " two" },
      ],
    },
    { name: "/somewhere/bin/b.test.ts", status: "failed", assertionResults: [] },
    {
      name: "/somewhere/bin/c.test.ts",
      status: "passed",
      assertionResults: [{ status: "passed", fullName: "three" }],
    },
  ],
};

test("every test counts, and so does a file that could not be loaded", () => {
  expect(vitestResult({ report, exitCode: 1, stepName: "unit" })).toEqual({
    passed: 2,
    failures: ["unit: src/base/a.test.ts > two", "unit: bin/b.test.ts"],
  });
});

test("a run that broke counts as failed, though no test did", () => {
  const good = { testResults: report.testResults.slice(2) };
  const broken = { stepName: "int" };
  expect(vitestResult({ ...broken, report: good, exitCode: 0 }).failures).toEqual([]);
  expect(vitestResult({ ...broken, report: good, exitCode: 1 }).failures).toHaveLength(1);
  expect(vitestResult({ ...broken, report: undefined, exitCode: "SIGKILL" }).failures).toEqual([
    "int: vitest left no report",
  ]);
});

test("the failing names are said again, and the last line is the count", () => {
  const lint = commandResult({ exitCode: 1, stepName: "lint" });
  const types = commandResult({ exitCode: 0, stepName: "types" });
  expect(closingLines([lint, types, { passed: 5, failures: [] }])).toEqual([
    "Failed:",
    "  lint: exit code 1",
    "6 passed, 1 failed",
  ]);
  expect(closingLines([types])).toEqual(["1 passed, 0 failed"]);
});

test("a failed test says again what went wrong, without colours and the stack, in few lines", () => {
  const failureMessages = [
    "\u001b[31mAssertionError: expected 1 to be 2\u001b[39m // Object.is equality\n    at /a/b.ts:1:2",
    "x".repeat(1_000) + "\nmore".repeat(50),
  ];
  const assertionResults = [{ status: "failed", fullName: " two", failureMessages }];
  const told = { testResults: [{ name: "/s/src/a.test.ts", status: "failed", assertionResults }] };
  const { failures } = vitestResult({ report: told, exitCode: 1, stepName: "unit" });
  const lines = failures.join("\n").split("\n");
  expect(lines.slice(0, 4)).toEqual([
    "unit: src/a.test.ts > two",
    "    AssertionError: expected 1 to be 2 // Object.is equality",
    `    ${"x".repeat(200)}…`,
    "    more",
  ]);
  expect(lines).toHaveLength(14);
  expect(lines.at(-1)).toBe("    …");
});

test("so does a file that could not be loaded", () => {
  const file = { name: "/s/src/a.test.ts", status: "failed", assertionResults: [] };
  const told = { testResults: [{ ...file, message: "Failed to load\n    at /a/b.ts:1:2" }] };
  expect(vitestResult({ report: told, exitCode: 1, stepName: "unit" }).failures).toEqual([
    "unit: src/a.test.ts\n    Failed to load",
  ]);
});

test("steps and their parts have names of their own", () => {
  expect(new Set(stepNames()).size).toBe(stepNames().length);
  for (const name of stepNames()) expect(stepsNamed(name), name).toHaveLength(1);
  expect(stepsNamed("none")).toBeUndefined();
});
