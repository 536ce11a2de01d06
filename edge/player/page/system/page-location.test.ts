import { expect, test } from "vitest";
import { feedTitle, pageLocation } from "./page-location.ts";

test.each([
  ["/watch/main", "https://edge/watch/main", "https://edge/live/main/status.json"],
  ["/embed/main/", "https://edge/embed/main/", "https://edge/live/main/status.json"],
  ["/t/abc/watch/a-1", "https://edge/t/abc/watch/a-1", "https://edge/t/abc/live/a-1/status.json"],
])("%s finds its things with relative URLs", (path, page, status) => {
  const place = pageLocation(path)!;
  expect(new URL(place.statusUrl, page).href).toBe(status);
  const base = status.replace("status.json", "");
  expect(new URL(place.playlistUrl(), page).href).toBe(`${base}index.m3u8`);
  expect(new URL(place.playlistUrl("audio"), page).href).toBe(`${base}audio/index.m3u8`);
  expect(new URL(place.cmcdUrl, page).href).toBe(base.replace(/live\/.*/, "cmcd"));
  expect(new URL(place.qoeUrl, page).href).toBe(base.replace(/live\/.*/, "qoe"));
  expect(new URL(place.watchUrl, page).href).toBe(
    base.replace("/live/", "/watch/").replace(/\/$/, ""),
  );
  expect(new URL(place.embedUrl, page).href).toBe(
    base.replace("/live/", "/embed/").replace(/\/$/, ""),
  );
});

test.each(["/", "/watch/", "/watch/Main", "/watch/a/b", "/live/main", "/watch/a%2f"])(
  "%s names no feed",
  (path) => {
    expect(pageLocation(path)).toBeNull();
  },
);

test.each([
  ["main", "Main"],
  ["main-stage", "Main stage"],
  ["-", "-"],
])("feed %s is titled %s", (feed, title) => {
  expect(feedTitle(feed)).toBe(title);
});
