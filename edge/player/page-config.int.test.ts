/** A real edge serves the page as it is configured, or does not start. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ScriptedParent } from "../testing/scripted-parent.ts";
import { startRelay } from "../testing/test-edge.ts";

let parent: ScriptedParent;
let dir: string;

beforeAll(async () => {
  parent = await ScriptedParent.start();
  dir = mkdtempSync(join(tmpdir(), "fullhouse-page-config-"));
});

afterAll(async () => {
  await parent.stop();
  rmSync(dir, { recursive: true });
});

test("title, logo and colours stand in the page, and its files are served", async () => {
  const logoFile = join(dir, "logo.svg");
  writeFileSync(logoFile, `<svg xmlns="http://www.w3.org/2000/svg"/>`);
  const edge = await startRelay({
    parents: [parent.url],
    page: { title: "Riverside", logoFile, accentColour: "#0f6f5c" },
  });
  try {
    const html = await (await fetch(`${edge.viewerUrl}/watch/main`)).text();
    expect(html).toContain("<title>Riverside</title>");
    expect(html).toContain("--curtain-bright:#0f6f5c");
    const name = /src="\.\.\/assets\/(logo-[^"]+)"/.exec(html)![1]!;
    const logo = await fetch(`${edge.viewerUrl}/assets/${name}`);
    expect([logo.status, logo.headers.get("content-type")]).toEqual([200, "image/svg+xml"]);
    expect(logo.headers.get("content-security-policy")).toContain("sandbox");
    expect(logo.headers.get("x-content-type-options")).toBe("nosniff");
  } finally {
    await edge.close();
  }
});

test("a broadcast's title and picture stand in its page's head, for previews of its link", async () => {
  const posterFile = join(dir, "poster.png");
  writeFileSync(posterFile, Buffer.from("89504e470d0a1a0a", "hex"));
  const edge = await startRelay({
    parents: [parent.url],
    page: {
      posterFile,
      broadcasts: [{ feed: "main", title: "The Gala", description: "Songs." }],
      publicUrl: "https://live.example/",
    },
  });
  try {
    const html = await (await fetch(`${edge.viewerUrl}/watch/main`)).text();
    expect(html).toContain('<meta property="og:title" content="The Gala" />');
    expect(html).toContain('<meta property="og:description" content="Songs." />');
    const picture = /og:image" content="https:\/\/live\.example(\/assets\/[^"]+)"/.exec(html)![1]!;
    const poster = await fetch(edge.viewerUrl + picture);
    expect([poster.status, poster.headers.get("content-type")]).toEqual([200, "image/png"]);
  } finally {
    await edge.close();
  }
});

test.each(["inform", "ask"] as const)("swarm.consent %s stands in both pages", async (consent) => {
  const edge = await startRelay({ parents: [parent.url], swarm: { consent } });
  try {
    for (const page of ["watch", "embed"]) {
      const html = await (await fetch(`${edge.viewerUrl}/${page}/main`)).text();
      expect(html).toContain(`<html lang="en" data-page="${page}" data-consent="${consent}"`);
    }
  } finally {
    await edge.close();
  }
});

test("an edge whose logo is no picture does not start, and says which key is wrong", async () => {
  const logoFile = join(dir, "logo.png");
  writeFileSync(logoFile, "not a picture");
  const start = startRelay({ parents: [parent.url], page: { logoFile } });
  await expect(start).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    message: `page.logoFile must be SVG, PNG; its content is none of these (${logoFile})`,
  });
});
