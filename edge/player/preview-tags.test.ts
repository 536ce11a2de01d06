import { expect, test } from "vitest";
import { previewTags, type Preview } from "./preview-tags.ts";

const brand = { name: "Riverside", tagline: "Every seat.", publicUrl: null };
const poster = { name: "poster-1.png", contentType: "image/png", bytes: new Uint8Array() };
const logo = { name: "logo-1.svg", contentType: "image/svg+xml", bytes: new Uint8Array() };
const gala = { feed: "main", title: "The Gala", description: "" };

function check(
  expected: Record<string, string | undefined>,
  preview: Partial<Preview> = {},
  change: Partial<typeof brand> | { publicUrl: string } = {},
) {
  const tags = previewTags(
    { ...brand, ...change },
    { broadcast: undefined, pictures: [], assetsUrl: "../assets/", ...preview },
  );
  const said = Object.fromEntries(
    tags.map((tag) => /(?:name|property)="([^"]+)" content="([^"]*)"/.exec(tag)!.slice(1)),
  ) as Record<string, string>;
  for (const [key, value] of Object.entries(expected)) expect(said[key], key).toBe(value);
}

test("a page says whose it is, and that a video is to be seen", () => {
  check({
    description: "Every seat.",
    "og:type": "video.other",
    "og:site_name": "Riverside",
    "og:title": "Riverside",
    "og:description": "Every seat.",
    "og:image": undefined,
    "twitter:card": "summary",
  });
});

test("a broadcast speaks for itself, and where it says nothing, the broadcaster does", () => {
  check({ "og:title": "The Gala", "og:description": "Every seat." }, { broadcast: gala });
  const told = { ...gala, description: "Songs." };
  check({ description: "Songs.", "og:description": "Songs." }, { broadcast: told });
  check({ description: "Watch live: Riverside" }, {}, { tagline: "" });
});

test("the picture is one of pixels, by its whole address where that is known", () => {
  const pictures = [poster, logo];
  check({ "og:image": "../assets/poster-1.png" }, { pictures });
  for (const publicUrl of ["https://live.example", "https://live.example/"]) {
    const url = "https://live.example/assets/poster-1.png";
    check({ "og:image": url, "twitter:card": "summary_large_image" }, { pictures }, { publicUrl });
  }
  check({ "og:image": undefined, "twitter:card": "summary" }, { pictures: [null, logo] });
});

test("words cannot break out of their tags", () => {
  const tags = previewTags(
    { ...brand, name: `"><script>` },
    { broadcast: undefined, pictures: [], assetsUrl: "" },
  );
  expect(tags.join("")).not.toContain("<script");
});
