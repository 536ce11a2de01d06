/**
 * The steps of `npm test`, in order. A step with `parts` runs them two at a time. `limitSec` is when
 * a hanging command is ended, far above what it takes; `purposes` is the set-up it needs.
 */
const vitest = (project, limitSec, { name = project, more = [] } = {}) => ({
  name,
  command: ["npx", "vitest", "run", "--project", project, ...more],
  isVitest: true,
  limitSec,
});
const npx = (name, ...command) => ({ name, command: ["npx", ...command], limitSec: 300 });

/** They measure lateness, and so come last, with the machine to themselves. */
const loadTests = [
  "loadtest/e2e/k6-smoke.e2e.test.ts",
  "loadtest/e2e/loadtest.e2e.test.ts",
  "loadtest/e2e/loadtest-faults.e2e.test.ts",
];
/** Integration tests of what a load test is made of. */
const generators = ["k6", "knee", "links", "simulate", "wire"].map((name) => `loadtest/${name}/`);
/** Integration tests of pages in a browser, which play, and so need a core. */
const pages = ["edge/player/"];
/** Whatever cores there are: what these files measure is not to depend on each other. */
const oneByOne = ["--maxWorkers", "1"];
const without = (paths) => paths.flatMap((path) => ["--exclude", path]);
const withoutFolders = (folders) => without(folders.map((folder) => `${folder}**`));

export const steps = [
  {
    name: "check",
    purposes: [],
    // The long ones first, so that two at a time end together.
    parts: [
      npx("lint", "eslint", "."),
      npx("types-node", "tsc", "-p", "tsconfig.node.json"),
      vitest("unit", 300),
      npx("layers", "depcruise", "--config", ".dependency-cruiser.cjs", ...sources()),
      npx("types-pure", "tsc", "-p", "tsconfig.pure.json"),
      npx("types-player", "tsc", "-p", "edge/player"),
      npx("types-status", "tsc", "-p", "src/node/status-page"),
      npx("types-k6", "tsc", "-p", "loadtest/k6"),
      npx("format", "prettier", "--check", "--log-level", "warn", "."),
      npx("unused", "knip"),
    ],
  },
  {
    // Most of their time is waiting.
    ...vitest("int", 900, {
      more: ["--maxWorkers", "2", ...withoutFolders([...generators, ...pages])],
    }),
    purposes: ["run", "test"],
  },
  {
    ...vitest("int", 900, { name: "int-page", more: [...oneByOne, ...pages] }),
    purposes: ["run", "test"],
  },
  // One after the other: generators are judged by how late they wake viewers up.
  {
    ...vitest("int", 900, { name: "int-load", more: [...oneByOne, ...generators] }),
    purposes: ["run", "test"],
  },
  { ...vitest("e2e", 1_200, { more: without(loadTests) }), purposes: ["run", "test"] },
  {
    name: "pure",
    purposes: [],
    // Both only compute.
    parts: [vitest("sim", 900), npx("fuzz", "tsx", "loadtest/fuzz/main.ts", "--seconds", "60")],
  },
  { ...vitest("e2e", 700, { name: "load", more: loadTests }), purposes: ["run", "test"] },
];

function sources() {
  return ["bin", "src", "origin", "edge", "loadtest", "grafana"];
}

/** The steps of that name, be it a step or a part of one; undefined when there is none. */
export function stepsNamed(name) {
  if (name === undefined) return steps;
  const found = steps.flatMap((step) => [
    ...(step.name === name ? [step] : []),
    ...(step.parts ?? [])
      .filter((part) => part.name === name)
      .map((part) => ({ ...part, purposes: [] })),
  ]);
  return found.length === 0 ? undefined : found;
}

/**
 * Every name that `--only` takes.
 * @returns {string[]}
 */
export function stepNames() {
  return steps.flatMap(({ name, parts = [] }) => [name, ...parts.map((part) => part.name)]);
}
