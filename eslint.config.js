import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

/** The folders that run unchanged in Node, in the browser, inside k6 and in virtual time. */
const pure = [
  "src/{base,config,metrics,hls,media,rtmp,relay,govern,swarm,viewer,health,sim}/**/*.ts",
];

const clockMessage =
  "Take a Clock (src/base/clock.ts) or a nowMs parameter: pure code has no time.";
const timerMessage = "Pure code has no timers: return a decision and let an adapter schedule it.";

export default defineConfig([
  globalIgnores(["dist", "node_modules", "coverage", ".cache", "state", "**/*.cjs"]),
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: {
        project: [
          "./tsconfig.node.json",
          "./edge/player/tsconfig.json",
          "./src/node/status-page/tsconfig.json",
          "./loadtest/k6/tsconfig.json",
        ],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      "max-lines": ["error", { max: 400, skipBlankLines: true, skipComments: true }],
      "max-lines-per-function": ["error", { max: 70, skipBlankLines: true, skipComments: true }],
      complexity: ["error", 16],
      eqeqeq: "error",
      "no-console": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
      "@typescript-eslint/no-confusing-void-expression": [
        "error",
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      "@typescript-eslint/no-unnecessary-condition": [
        "error",
        { allowConstantLoopConditions: "only-allowed-literals" },
      ],
      "@typescript-eslint/no-non-null-assertion": "off",
    },
  },
  {
    files: ["**/*.test.ts", "loadtest/e2e/**/*.ts", "loadtest/bench/**/*.ts"],
    rules: { "max-lines": "off", "max-lines-per-function": "off" },
  },
  {
    files: pure,
    ignores: ["**/*.test.ts", "**/testing/**"],
    rules: {
      "no-restricted-globals": [
        "error",
        { name: "performance", message: clockMessage },
        { name: "setTimeout", message: timerMessage },
        { name: "setInterval", message: timerMessage },
        {
          name: "Buffer",
          message: "Use Uint8Array: pure code also runs where Buffer does not exist.",
        },
        {
          name: "process",
          message: "Pure code knows no process: take what you need as a parameter.",
        },
      ],
      "no-restricted-properties": [
        "error",
        { object: "Date", property: "now", message: clockMessage },
        {
          object: "Math",
          property: "random",
          message: "Take a Prng (src/base/prng.ts), so that one seed reproduces a run.",
        },
      ],
    },
  },
  {
    files: ["bin/**/*.ts", "loadtest/**/*.ts"],
    rules: { "no-console": "off" },
  },
]);
