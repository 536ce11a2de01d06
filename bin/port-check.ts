/**
 * Whether the planned ports are free, asked before anything is started: a taken port is then one
 * clear line, and two broadcasts never share a port (the viewer port's library would allow it).
 */
import { createServer } from "node:net";
import { AppError } from "../src/base/errors.ts";
import { parseListenAddress } from "../src/config/listen-address.ts";
import type { PlannedNode } from "./start-plan.ts";

const words: Record<string, string> = {
  rtmp: "for publishers (RTMP)",
  tier: "for child relays",
  viewer: "for viewers",
  admin: "for operators",
};

/** The port of Debian's service, and of Prometheus unless another is asked for. */
const servicePort = 9_090;
const serviceHint =
  "\n  Debian's prometheus package starts a service there: sudo systemctl disable --now prometheus";

/**
 * Throws PORT_TAKEN, naming every taken port and the option that moves them; 0 and undefined stand
 * for ports that need no check.
 */
export async function checkPorts(
  nodes: readonly PlannedNode[],
  { prometheus = 0 }: { prometheus?: number | undefined } = {},
): Promise<void> {
  const taken: string[] = [];
  for (const node of nodes) {
    for (const [name, address] of Object.entries(node.listen)) {
      const { host, port } = parseListenAddress(address) ?? { host: "", port: 0 };
      if (port === 0 || (await isFree(host, port))) continue;
      taken.push(`${port} of ${node.name} ${words[name] ?? ""}`);
    }
  }
  const isPrometheusTaken = prometheus !== 0 && !(await isFree("127.0.0.1", prometheus));
  if (isPrometheusTaken) taken.push(`${prometheus} of prometheus`);
  if (taken.length === 0) return;
  throw new AppError(
    "PORT_TAKEN",
    `${taken.length === 1 ? "a port is" : "ports are"} taken: ${taken.join(", ")}\n` +
      "  Is Fullhouse running already? Stop it, or use other ports: --port-base 9000 (0: any free)" +
      (isPrometheusTaken && prometheus === servicePort ? serviceHint : ""),
  );
}

function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(false);
      else if (error.code === "EACCES") reject(notPermitted(port, error));
      else reject(error);
    });
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

function notPermitted(port: number, error: Error): AppError {
  return new AppError(
    "LISTEN_FAILED",
    `port ${port} is for the administrator only: use --port-base with 1024 or more`,
    error,
  );
}
