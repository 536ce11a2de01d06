/** The edge program of this checkout below a given parent, on free ports, with a state folder of its own. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageRoot } from "../../src/node/package-root.ts";
import { startProgram } from "../wire/child-program.ts";

export interface EdgeBelow {
  pid: number;
  /** Base URL of its viewer port, without a slash at the end. */
  url: string;
  adminUrl: string;
  /** What operators of it prove themselves with. */
  adminToken(): string;
  /** Its metrics page. */
  metrics(): Promise<string>;
  /** What it said, the last 20,000 characters. */
  output(): string;
  stop(): Promise<void>;
}

/** Resolves when it listens; `settings` are further keys of its configuration. */
export async function startEdgeBelow(options: {
  parentUrl: string;
  /** Of the viewer port; 0: any free one. */
  port?: number;
  settings?: Readonly<Record<string, string>>;
}): Promise<EdgeBelow> {
  const { parentUrl, port = 0, settings = {} } = options;
  const stateDir = mkdtempSync(join(tmpdir(), "fullhouse-edge-"));
  const all = {
    parents: JSON.stringify([parentUrl]),
    "viewer.listen": `127.0.0.1:${port}`,
    "node.logLevel": "warn",
    stateDir,
    ...settings,
  };
  const edge = await startProgram<{ viewer: number; admin: number }>("the edge", [
    join(packageRoot(), "bin/fullhouse.mjs"),
    "edge",
    ...Object.entries(all).flatMap(([key, value]) => ["--set", `${key}=${value}`]),
  ]);
  const adminUrl = `http://127.0.0.1:${edge.ready.admin}`;
  return {
    pid: edge.pid,
    url: `http://127.0.0.1:${edge.ready.viewer}`,
    adminUrl,
    adminToken: () => readFileSync(join(stateDir, "admin-token"), "utf8").trim(),
    metrics: async () => (await fetch(`${adminUrl}/metrics`)).text(),
    output: () => edge.output(),
    stop: async () => {
      await edge.stop();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}
