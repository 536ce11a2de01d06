import { expect, test } from "vitest";
import { withSession } from "./session-id.ts";

test("media playlists carry the session, in the query that an edge reads it from", () => {
  const first = withSession("http://edge/live/main/300/index.m3u8");
  expect(first).toMatch(
    /^http:\/\/edge\/live\/main\/300\/index\.m3u8\?CMCD=sid%3D%22[0-9a-f]{32}%22$/,
  );
  expect(withSession("/live/main/300/index.m3u8")).toContain(first.split("?")[1]);
  expect(withSession("../live/main/audio/index.m3u8?_HLS_msn=7")).toMatch(
    /\?_HLS_msn=7&CMCD=sid%3D%22[0-9a-f]{32}%22$/,
  );
});

test("nothing else does: neither caches nor logs of other objects see it", () => {
  for (const url of ["/live/main/index.m3u8", "/live/main/300/1-2.m4s", "/live/main/status.json"]) {
    expect(withSession(url)).toBe(url);
  }
});
