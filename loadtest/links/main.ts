/**
 * `main.ts PLAN`: emulates viewers' paths until it is told to stop or its parent is gone. PLAN is a
 * JSON file (plan.ts). Its ports are in ready.json of the plan's stateDir and go to the parent by
 * IPC: `{ready: {admin, links: [{edge, class, port}]}}`.
 */
import { createLog } from "../../src/node/log.ts";
import { runProgram, type Closable } from "../../src/node/lifecycle.ts";
import { reportReady } from "../../src/node/ready.ts";
import { startLinkAdmin } from "./admin.ts";
import { Emulator, type LinkPort } from "./emulator.ts";
import { openFileCountMax, readPlan, requireOpenFiles } from "./plan.ts";

/** What ready.json holds. */
export interface LinksReady {
  admin: number;
  links: LinkPort[];
}

async function start(planFile: string): Promise<Closable> {
  const plan = readPlan(planFile);
  requireOpenFiles(plan, openFileCountMax());
  const emulator = new Emulator(plan);
  const links = await emulator.listen();
  const admin = await startLinkAdmin(emulator);
  reportReady<LinksReady>(plan.stateDir, { admin: admin.port, links });
  return {
    close: async () => {
      await admin.close();
      await emulator.close();
    },
  };
}

const [planFile, ...rest] = process.argv.slice(2);
if (planFile === undefined || rest.length > 0) {
  console.error("usage: main.ts PLAN: a JSON file that says which links to emulate");
  process.exit(2);
}
await runProgram({
  name: "links",
  log: createLog({ level: "info", node: "links" }),
  start: () => start(planFile),
});
