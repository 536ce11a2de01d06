/**
 * The emulator of viewers' paths: a port of loopback for each edge and class of paths. Who connects
 * there reaches that edge over such a path: a round trip to connect, one for each request, and
 * bodies at the path's rate, which the uplink of the edge may limit further.
 */
import { createServer, type Server, type Socket } from "node:net";
import { parseListenAddress } from "../../src/config/listen-address.ts";
import { listenOn } from "../../src/node/listen.ts";
import { Connection } from "./connection.ts";
import { LinkCounts, type LinkStatus } from "./link-counts.ts";
import { Pacemaker } from "./pacemaker.ts";
import { PathRate } from "./path-rate.ts";
import type { LinkPlan } from "./plan.ts";
import { ReadBlocks } from "./read-blocks.ts";
import { SharedBucket } from "./shared-bucket.ts";

/** Where the path of a class to an edge begins. */
export interface LinkPort {
  /** Indices in the plan's lists. */
  edge: number;
  class: number;
  port: number;
}

export class Emulator {
  readonly #plan: LinkPlan;
  readonly #pacemaker = new Pacemaker();
  readonly #counts = new LinkCounts();
  readonly #blocks = new ReadBlocks();
  readonly #connections = new Set<Connection>();
  readonly #servers: Server[] = [];

  constructor(plan: LinkPlan) {
    this.#plan = plan;
  }

  /** Opens the ports: by edge, then class. */
  async listen(): Promise<LinkPort[]> {
    const { edges, classes, sharedKbpsPerEdge } = this.#plan;
    const ports: LinkPort[] = [];
    for (const [edge, address] of edges.entries()) {
      const bucket =
        sharedKbpsPerEdge === null
          ? undefined
          : new SharedBucket(this.#pacemaker.schedule, sharedKbpsPerEdge);
      for (const [index, { kbps }] of classes.entries()) {
        const to = { edge: parseListenAddress(address)!, kbps, bucket };
        const server = createServer({ allowHalfOpen: true, noDelay: true }, (viewer) =>
          this.#accept(viewer, to),
        );
        this.#servers.push(server);
        const port = await listenOn(server, "127.0.0.1:0", { port: "link" });
        ports.push({ edge, class: index, port });
      }
    }
    return ports;
  }

  status(): LinkStatus {
    return this.#counts.status();
  }

  /** Lateness is counted anew. */
  resetLateness(): void {
    this.#counts.reset();
  }

  async close(): Promise<void> {
    const closed = this.#servers.map(
      (server) => new Promise<void>((resolve) => server.close(() => resolve())),
    );
    for (const connection of this.#connections) connection.reset();
    await Promise.all(closed);
    this.#pacemaker.stop();
    this.#counts.stop();
  }

  #accept(
    viewer: Socket,
    to: { edge: { host: string; port: number }; kbps: number; bucket: SharedBucket | undefined },
  ): void {
    const counts = this.#counts;
    const { rttMs, noise, seed, freeHeadBytes, connectionCountMax } = this.#plan;
    if (counts.open >= connectionCountMax) {
      counts.refused += 1;
      viewer.resetAndDestroy();
      return;
    }
    counts.open += 1;
    const number = counts.total++;
    const connection = new Connection(viewer, {
      ...to,
      rate: new PathRate({ kbps: to.kbps, noise, seed, number }),
      freeHeadBytes,
      rttUs: rttMs * 1_000,
      pacemaker: this.#pacemaker,
      blocks: this.#blocks,
      counts,
      closed: () => {
        counts.open -= 1;
        this.#connections.delete(connection);
      },
    });
    this.#connections.add(connection);
  }
}
