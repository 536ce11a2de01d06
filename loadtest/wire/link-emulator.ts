/** The emulator of viewers' lines as a child process, and where viewers of each class find each edge. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Scenario } from "../../src/config/schema-scenario.ts";
import type { LinkStatus } from "../links/link-counts.ts";
import type { LinkPlan } from "../links/plan.ts";
import { sourceArguments, startProgram } from "./child-program.ts";
import type { WatchedProcess } from "./sampler.ts";
import type { WireSetup } from "./wire-setup.ts";

export interface LinkEmulator {
  /** Base URLs: a row a link class, a column an edge. */
  targets: readonly (readonly string[])[];
  process: WatchedProcess;
  /** How late it sent what was due, in 99 of 100 cases, since the last time this was asked. */
  latenessMsP99(): Promise<number>;
  stop(): Promise<void>;
}

/** A head with a compressed playlist. */
const freeHeadBytes = 700;
/** Connections beyond a viewer's one: retries while an old one is not closed yet. */
const spareRatio = 1.1;
const spareCount = 50;

/** Throws an AppError when it cannot carry so many viewers. */
export async function startLinks(
  setup: WireSetup,
  {
    scenario,
    edgeUrls,
    stepMs,
  }: { scenario: Scenario; edgeUrls: readonly string[]; stepMs: number },
): Promise<LinkEmulator> {
  const { pathNoiseLogSigma, pathNoiseCorrelationSec } = scenario.audience;
  const stateDir = mkdtempSync(join(tmpdir(), "fullhouse-links-"));
  const plan: LinkPlan = {
    stateDir,
    edges: edgeUrls.map(addressOf),
    classes: setup.links.map(({ kbps, ratio }) => ({ kbps, ratio })),
    rttMs: setup.rttMs,
    noise:
      pathNoiseLogSigma > 0
        ? { logSigma: pathNoiseLogSigma, correlationSec: pathNoiseCorrelationSec, stepMs }
        : null,
    freeHeadBytes,
    seed: scenario.seed,
    sharedKbpsPerEdge: setup.sharedEdgeKbps,
    connectionCountMax: Math.ceil(spareRatio * setup.viewerCount) + spareCount,
  };
  const file = join(stateDir, "plan.json");
  writeFileSync(file, JSON.stringify(plan));
  const removeFolder = (): void => rmSync(stateDir, { recursive: true, force: true });
  try {
    const source = sourceArguments(new URL("../links/main.ts", import.meta.url));
    const program = await startProgram<{
      admin: number;
      links: { edge: number; class: number; port: number }[];
    }>("the link emulator", [...source, file]);
    const targets = plan.classes.map((_, linkClass) =>
      plan.edges.map((_, edge) => {
        const found = program.ready.links.find(
          (link) => link.edge === edge && link.class === linkClass,
        );
        return `http://127.0.0.1:${found!.port}`;
      }),
    );
    return {
      targets,
      process: { name: "links", pid: program.pid },
      latenessMsP99: async () => {
        const url = `http://127.0.0.1:${program.ready.admin}/reset`;
        const status = (await (await fetch(url, { method: "POST" })).json()) as LinkStatus;
        return status.lateness.p99Ms;
      },
      stop: async () => {
        await program.stop();
        removeFolder();
      },
    };
  } catch (error) {
    removeFolder();
    throw error;
  }
}

/** Host and port; an URL leaves its usual port out. */
function addressOf(url: string): string {
  const { hostname, port } = new URL(url);
  return `${hostname}:${port || "80"}`;
}
