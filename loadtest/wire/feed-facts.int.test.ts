/** What somebody else's feed must be for viewers in k6, over real HTTP. */
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { readOffer } from "./feed-facts.ts";

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

const streamInf = "#EXT-X-STREAM-INF:BANDWIDTH=900000,RESOLUTION=640x360";
const mediaHead = "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-MEDIA-SEQUENCE:7";

interface Served {
  variant?: string;
  segment?: string;
  isChunked?: boolean;
  /** What the segment says of its length. */
  byteCount?: number;
  playlist?: RequestListener;
}

async function serve(of: Served): Promise<string> {
  const {
    variant = "1/index.m3u8",
    segment = "7.m4s",
    isChunked = false,
    byteCount = 4,
    playlist,
  } = of;
  const server = createServer((request, response) => {
    if (request.url === "/live/main/index.m3u8") {
      if (playlist !== undefined) playlist(request, response);
      else response.end(`#EXTM3U\n${streamInf}\n${variant}\n`);
    } else if (request.url === "/live/main/1/index.m3u8") {
      response.end(`${mediaHead}\n#EXTINF:4,\n${segment}\n`);
    } else {
      if (!isChunked) response.setHeader("content-length", byteCount);
      response.write("moof");
      if (byteCount === 4) response.end();
    }
  }).listen(0, "127.0.0.1");
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("a feed with relative URIs and segments of known length is taken", async () => {
  const offer = await readOffer(await serve({}), "main");
  expect(offer).toEqual({
    targetDurationMs: 4_000,
    rungs: [{ peakKbps: 900, averageKbps: 900 }],
  });
});

test("an abort while an edge keeps one waiting ends it at once, with the abort's own words", async () => {
  const controller = new AbortController();
  const url = await serve({ playlist: () => controller.abort(new Error("interrupted")) });
  await expect(readOffer(url, "main", controller.signal)).rejects.toThrow("interrupted");
});

const refused: { what: string; served: Served; words: RegExp }[] = [
  {
    what: "variants at whole addresses",
    served: { variant: "https://cdn.example/1/index.m3u8" },
    words: /names whole addresses \(https:\/\/cdn\.example.*relative URIs/,
  },
  {
    what: "segments at another host",
    served: { segment: "//cdn.example/7.m4s" },
    words: /names whole addresses \(\/\/cdn\.example/,
  },
  {
    what: "segments without a length",
    served: { isChunked: true },
    words: /7\.m4s comes without Content-Length/,
  },
  {
    what: "a segment of a terabyte",
    served: { byteCount: 1e12 },
    words: /7\.m4s says that it has 1000000000000 bytes, over 64 MB/,
  },
  {
    what: "a redirect",
    served: {
      playlist: (_, response) => {
        response.writeHead(302, { location: "http://other.example/live/main/index.m3u8" }).end();
      },
    },
    words: /answers 302, a redirect to http:\/\/other\.example.*do not follow.*edge itself/,
  },
  {
    what: "a playlist without an end",
    served: {
      playlist: (_, response) => {
        const more = (): void => {
          while (response.write("#".repeat(65_536)));
        };
        response.on("drain", more);
        more();
      },
    },
    words: /is over 1 MB/,
  },
  {
    what: "an answer that breaks off",
    served: {
      playlist: (_, response) => {
        response.write("#EXTM3U\n", () => response.destroy());
      },
    },
    words: /does not answer/,
  },
];

test.each(refused)("$what is one clear refusal", async ({ served, words }) => {
  const url = await serve(served);
  await expect(readOffer(url, "main")).rejects.toMatchObject({
    code: "TARGET_UNREACHABLE",
    message: expect.stringMatching(words) as string,
  });
});
