import { defineConfig } from "vitest/config";

const sources = ["bin", "src", "origin", "edge", "loadtest", "grafana"];
const inSources = (ending: string): string[] => sources.map((folder) => `${folder}/**/*${ending}`);

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: inSources(".test.ts"),
          exclude: ["**/*.{int,sim,e2e,obs}.test.ts", "**/node_modules/**", "dist/**"],
          // Far above what any takes: a busy machine is no failure.
          testTimeout: 30_000,
        },
      },
      { test: { name: "int", include: inSources(".int.test.ts"), testTimeout: 60_000 } },
      { test: { name: "sim", include: inSources(".sim.test.ts"), testTimeout: 180_000 } },
      {
        test: {
          name: "obs",
          include: ["loadtest/obs/**/*.obs.test.ts"],
          testTimeout: 240_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "e2e",
          include: ["loadtest/e2e/**/*.e2e.test.ts"],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
