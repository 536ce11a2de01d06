import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { resolveConfig } from "../../src/config/resolve.ts";
import { readBrand } from "./read-brand.ts";

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "fullhouse-brand-"));
});
afterAll(() => rmSync(dir, { recursive: true }));

const svg = `<?xml version="1.0"?><!-- a sign --><svg xmlns="http://www.w3.org/2000/svg"/>`;
const png = Buffer.concat([Buffer.from("89504e470d0a1a0a", "hex"), Buffer.alloc(40)]);

function file(name: string, content: string | Uint8Array): string {
  const path = join(dir, name);
  writeFileSync(path, content);
  return path;
}

function brandOf(page: Record<string, unknown>) {
  const result = resolveConfig([{ source: "test", values: { page } }]);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return readBrand(result.config.page);
}

test("words, colours and files come from the configuration", async () => {
  const brand = await brandOf({
    title: "Théâtre",
    logoFile: file("logo.svg", svg),
    posterFile: file("poster.bin", png),
    styleFile: file("own.css", ":root { --lamp: gold; }"),
    accentColour: "#00a3ff",
  });
  expect(brand).toMatchObject({ name: "Théâtre", accentColour: "#00a3ff" });
  expect(brand.logo).toMatchObject({ contentType: "image/svg+xml", ending: "svg" });
  expect(brand.poster).toMatchObject({ contentType: "image/png", ending: "png" });
  expect(brand.style?.contentType).toBe("text/css; charset=utf-8");
  expect(Buffer.from(brand.logo!.bytes).toString()).toBe(svg);
});

test.each<[string, string, string | Uint8Array | null, string | null]>([
  ["logoFile", "a.svg", "<html><svg></svg></html>", "must be SVG, PNG; its content is none"],
  ["logoFile", "b.png", Buffer.from("ffd8ffe0", "hex"), "must be SVG, PNG; its content is JPG"],
  ["logoFile", "c.svg", `<svg>${" ".repeat(65_536 - 5)}`, null],
  ["logoFile", "d.svg", `<svg>${" ".repeat(65_536 - 4)}`, "must be at most 65536 bytes"],
  ["logoFile", "none.svg", null, "must be a file that can be read"],
  ["logoFile", ".", null, "must be a file that can be read"],
  ["posterFile", "e.jpg", Buffer.from("ffd8ffe0", "hex"), null],
  ["posterFile", "f.webp", Buffer.from("RIFF\x01\x02\x03\x04WEBPVP8 "), null],
  ["posterFile", "g.css", "a {}", "must be SVG, PNG, JPG, WEBP; its content is CSS"],
  ["styleFile", "h.css", "a { color: red }", null],
  ["styleFile", "i.css", "<script>alert(1)</script>", "must be CSS; its content is none"],
  ["styleFile", "j.css", Buffer.from("61007b7d", "hex"), "must be CSS; its content is none"],
  ["styleFile", "k.txt", "a {}", "must be CSS; its content is none"],
])("page.%s of %s", async (key, name, content, problem) => {
  const path = content === null ? join(dir, name) : file(name, content);
  const read = brandOf({ [key]: path });
  if (problem === null) await read;
  else await expect(read).rejects.toThrow(`page.${key} ${problem}`);
});

test("all problems are told at once, with where the files are", async () => {
  const missing = join(dir, "missing");
  const read = brandOf({ logoFile: missing, posterFile: missing });
  const rule = "must be a file that can be read";
  await expect(read).rejects.toThrow(
    `page.logoFile ${rule} (${missing})\npage.posterFile ${rule} (${missing})`,
  );
});
