import { expect, test } from "vitest";
import { embedSnippet } from "./embed-snippet.ts";

test("the snippet frames the embed page and allows what the player needs", () => {
  const html = embedSnippet({ url: "https://edge.example/embed/main", title: "Main" });
  expect(html).toMatch(/^<iframe src="https:\/\/edge\.example\/embed\/main" title="Main" [^<>]+>/);
  expect(html).toMatch(/ allow="autoplay; fullscreen; picture-in-picture;[^"]+; web-share">/);
  expect(html).toMatch(/><\/iframe>$/);
});

test("a title cannot break out of its attribute", () => {
  const html = embedSnippet({ url: "https://edge.example/embed/a?b&c", title: `"><script>&` });
  expect(html).toContain(`title="&quot;&gt;&lt;script&gt;&amp;"`);
  expect(html).toContain(`src="https://edge.example/embed/a?b&amp;c"`);
});
