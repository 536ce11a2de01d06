/**
 * What p2p-media-loader needs to be watched: a small site with its page, and a tracker by which its
 * pages find each other. Both are on loopback; the media comes from the edge of the comparison.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import Tracker from "bittorrent-tracker/server";
import { build } from "esbuild";

export interface LibrarySettings {
  playlistUrl: string;
  targetDurationSec: number;
  /** Distance from the live edge. */
  latencySec: number;
  /** Ahead of the picture by less than this the library asks the edge, whoever else may have it. */
  highDemandSec: number;
}

export interface LibrarySite {
  url: string;
  close(): Promise<void>;
}

export async function startLibrarySite(settings: LibrarySettings): Promise<LibrarySite> {
  const script = await bundledPage();
  const tracker = new Tracker({ http: true, udp: false, ws: true, stats: false });
  await new Promise<void>((resolve) => tracker.listen(0, "127.0.0.1", resolve));
  const trackerUrl = `ws://127.0.0.1:${portOf(tracker.http)}`;
  const page = pageWith({ ...settings, trackerUrl });
  const site = createServer((request, response) => {
    const isScript = request.url === "/page.js";
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
    response.end(isScript ? script : page);
  });
  await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${portOf(site)}/`,
    close: async () => {
      await new Promise<void>((resolve) => tracker.close(resolve));
      await new Promise((resolve) => {
        site.close(resolve);
        site.closeAllConnections();
      });
    },
  };
}

/** By the way that its authors give for bundlers. */
async function bundledPage(): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, "library-page.mjs")],
    conditions: ["p2pml:core-as-bundle"],
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "chrome100",
    logLevel: "silent",
  });
  return outputFiles[0]!.contents;
}

function pageWith(settings: object): string {
  const text = JSON.stringify(settings).replaceAll("<", "\\u003c");
  return `<!doctype html><title>p2p-media-loader</title><video muted width=480></video>
<script type="application/json" id="settings">${text}</script>
<script type="module" src="/page.js"></script>`;
}

function portOf(server: { address(): AddressInfo | string | null }): number {
  return (server.address() as AddressInfo).port;
}
