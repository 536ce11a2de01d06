/** What `start` prints when all is up: where to publish, where to watch, where to look. Pure. */
import type { ReadyPorts } from "../src/node/ready.ts";

export interface BroadcastSummary {
  feed: string;
  application: string;
  /** Undefined when the configuration holds the hashes of keys made elsewhere. */
  streamKey: string | undefined;
  /** Addresses of this machine on its networks. */
  lanAddresses: readonly string[];
  /** Undefined when the origin replays a recording. */
  rtmpPort: number | undefined;
  /** Node name to ports, in order of start. */
  nodes: ReadonlyMap<string, ReadyPorts>;
  stateDir: string;
  hasTestCard: boolean;
  /** Opens the status pages; it may be shown to whoever may start and stop the broadcast. */
  adminToken: string;
  /** Undefined without --prometheus. */
  prometheusUrl: string | undefined;
}

export function summaryText(summary: BroadcastSummary): string {
  const sections = [
    ...publishLines(summary),
    ...watchLines(summary),
    ...statusLines(summary),
    ...adminLines(summary),
    ...(summary.prometheusUrl === undefined
      ? []
      : [row("Metrics", `${summary.prometheusUrl} (Prometheus; alerts at /alerts)`)]),
    row("Logs", `${summary.stateDir}/NODE/NODE.log`),
  ];
  return ["", "Fullhouse is up. Ctrl-C ends it.", "", ...sections, ""].join("\n");
}

function publishLines({
  application,
  streamKey,
  rtmpPort,
  lanAddresses,
  hasTestCard,
}: BroadcastSummary): string[] {
  if (rtmpPort === undefined) return [row("Publish", "nobody: a recording is replayed"), ""];
  const server = (host: string) => `rtmp://${host}:${rtmpPort}/${application}`;
  const key = streamKey ?? "KEY (one whose hash is in feeds[].keyHashes)";
  return [
    row("Publish", `OBS: Settings > Stream > Service "Custom"`),
    ...["localhost", ...lanAddresses].map((host, index) =>
      row("", `  ${index === 0 ? "Server    " : "  or      "}  ${server(host)}`),
    ),
    row("", `  Stream key  ${key}`),
    row("", `or all in one: ${server("localhost")}/${streamKey ?? "KEY"}`),
    ...(hasTestCard ? [row("", "Until then, and after, a test card is on.")] : []),
    "",
  ];
}

function watchLines({ nodes, feed, lanAddresses }: BroadcastSummary): string[] {
  const url = (host: string, port: number) => `http://${host}:${port}/watch/${feed}`;
  const viewerPorts = [...nodes.values()].flatMap(({ viewer }) =>
    viewer === undefined ? [] : [viewer],
  );
  const urls = [
    ...viewerPorts.map((port) => url("localhost", port)),
    ...lanAddresses.flatMap((host) => viewerPorts.slice(0, 1).map((port) => url(host, port))),
  ];
  return [...urls.map((text, index) => row(index === 0 ? "Watch" : "", text)), ""];
}

/** The token stands behind the #, so that a browser keeps it to itself. */
function statusLines({ nodes, adminToken }: BroadcastSummary): string[] {
  const port = nodes.get("origin")?.admin;
  if (port === undefined) return [];
  return [row("Status", `http://127.0.0.1:${port}/#token=${adminToken}`), ""];
}

function adminLines({ nodes }: BroadcastSummary): string[] {
  const lines = [...nodes].flatMap(([name, { admin }]) =>
    admin === undefined ? [] : [`${name.padEnd(8)} http://127.0.0.1:${admin}/metrics`],
  );
  return lines.map((text, index) => row(index === 0 ? "Admin" : "", text));
}

function row(head: string, text: string): string {
  return `  ${head.padEnd(9)}${text}`;
}
