/** Who is compared: our watch page, and a page with p2p-media-loader. */
import type { Page } from "playwright-core";
import type { SwarmStats } from "../../../src/swarm/client-ports.ts";
import type { Broadcast } from "./broadcast.ts";
import { startLibrarySite } from "./library-site.ts";
import type { Task } from "./settings.ts";

/** What a page says of its viewer; bytes since it was opened. */
export interface ViewerCount {
  httpBytes: number;
  peerBytes: number;
  peerCount: number;
  latencySec: number | null;
}

export interface Contender {
  name: string;
  url: string;
  read(page: Page): Promise<ViewerCount>;
  stop(): Promise<void>;
}

export const contenderNames = ["ours", "p2p-media-loader"] as const;
export type ContenderName = (typeof contenderNames)[number];

export function startContender(
  name: ContenderName,
  broadcast: Broadcast,
  task: Task,
): Promise<Contender> {
  return name === "ours" ? Promise.resolve(ours(broadcast)) : library(broadcast, task);
}

function ours({ edge }: Broadcast): Contender {
  return {
    name: "ours",
    url: `${edge.url}/watch/main`,
    read: (page) =>
      page.evaluate(() => {
        const { swarm, latencySec } = (
          globalThis as unknown as { fullhouse: { swarm: SwarmStats; latencySec: number | null } }
        ).fullhouse;
        const { httpBytes, peerBytes, peerCount } = swarm;
        return { httpBytes, peerBytes, peerCount, latencySec };
      }),
    stop: () => Promise.resolve(),
  };
}

async function library(broadcast: Broadcast, task: Task): Promise<Contender> {
  const site = await startLibrarySite({
    playlistUrl: `${broadcast.edge.url}/live/main/index.m3u8`,
    targetDurationSec: broadcast.targetDurationSec,
    latencySec: task.latencySec,
    highDemandSec: task.highDemandSec,
  });
  return {
    name: "p2p-media-loader",
    url: site.url,
    read: (page) =>
      page.evaluate(() => {
        const { httpBytes, peerBytes, peers, latencySec } = (
          globalThis as unknown as {
            libraryViewer: ViewerCount & { peers: ReadonlySet<string> };
          }
        ).libraryViewer;
        return { httpBytes, peerBytes, peerCount: peers.size, latencySec };
      }),
    stop: () => site.close(),
  };
}
