/** The peer of the comparison: a page with a video element and hls.js, full build, as it comes. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

export interface PlainSite {
  url: string;
  close(): Promise<void>;
}

const script = `
import Hls from "hls.js";
const video = document.querySelector("video");
const hls = new Hls();
hls.loadSource(document.body.dataset.playlist);
hls.attachMedia(video);
void video.play();
`;

/** Serves it gzipped on a free loopback port; the media comes from where the playlist is. */
export async function startPlainSite(playlistUrl: string): Promise<PlainSite> {
  const { outputFiles } = await build({
    stdin: { contents: script, resolveDir: import.meta.dirname },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "chrome100",
    logLevel: "silent",
  });
  const html =
    `<!doctype html><title>hls.js</title><body data-playlist="${playlistUrl}">` +
    `<video muted playsinline width=1180></video><script type="module" src="/page.js"></script>`;
  const files = new Map([
    ["/", { type: "text/html", body: gzipSync(html) }],
    ["/page.js", { type: "text/javascript", body: gzipSync(outputFiles[0]!.contents) }],
  ]);
  const site = createServer((request, response) => {
    const file = files.get(request.url ?? "");
    if (file === undefined) response.writeHead(404).end();
    else {
      response.setHeader("Content-Type", file.type);
      response.setHeader("Content-Encoding", "gzip");
      response.end(file.body);
    }
  });
  await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  const { port } = site.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () =>
      new Promise<void>((resolve) => {
        site.close(() => resolve());
        site.closeAllConnections();
      }),
  };
}
