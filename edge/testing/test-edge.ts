/** A real edge or shield for tests, on free ports of loopback, below scripted parents. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resolveConfig } from "../../src/config/resolve.ts";
import type { Log } from "../../src/node/log.ts";
import { runEdge } from "../main.ts";

export interface TestRelay {
  viewerUrl: string;
  tierUrl: string;
  adminUrl: string;
  viewerPort: number;
  stateDir: string;
  /** One sample of the metrics page, summed over its label sets that contain `labels`. */
  metric(name: string, labels?: string): Promise<number>;
  close(): Promise<void>;
}

export async function startRelay(
  options: {
    parents: readonly string[];
    role?: "edge" | "shield";
    /** Takes the place of standard error. */
    logTo?: Log;
  } & Record<string, unknown>,
): Promise<TestRelay> {
  const { parents, role = "edge", logTo, ...values } = options;
  const stateDir = mkdtempSync(join(tmpdir(), "fullhouse-edge-"));
  const result = resolveConfig([
    {
      source: "test",
      values: {
        node: { name: role, logLevel: "error" },
        parents,
        stateDir,
        ...(role === "edge" ? { viewer: { listen: "127.0.0.1:0" } } : {}),
        ...(role === "shield" ? { tier: { listen: "127.0.0.1:0" } } : {}),
      },
    },
    { source: "test", values },
  ]);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  const program = await runEdge(result.config, logTo === undefined ? {} : { log: logTo });
  const adminUrl = `http://127.0.0.1:${program.ports.admin ?? 0}`;
  return {
    viewerUrl: `http://127.0.0.1:${program.ports.viewer ?? 0}`,
    tierUrl: `http://127.0.0.1:${program.ports.tier ?? 0}`,
    adminUrl,
    viewerPort: program.ports.viewer ?? 0,
    stateDir,
    metric: async (name, labels = "") => {
      const text = await (await fetch(`${adminUrl}/metrics`)).text();
      return sumOf(text, name, labels);
    },
    close: async () => {
      await program.close();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}

function sumOf(text: string, name: string, labels: string): number {
  let sum = 0;
  for (const line of text.split("\n")) {
    if (line.startsWith(`${name}{`) && line.includes(labels)) {
      sum += Number(line.slice(line.lastIndexOf(" ") + 1));
    }
  }
  return sum;
}
