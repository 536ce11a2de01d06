/**
 * Bundles the status page with esbuild: when somebody first asks for it in development, and once by
 * `npm run build` for packages, which carry the result in `built/` beside the compiled code.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bundlePage } from "../bundle-page.ts";
import { hashedName } from "../hashed-name.ts";
import { listName, type ListedFile, type PageFile } from "./page-file.ts";

const sourceDir = join(import.meta.dirname, "page");
const brandDir = join(import.meta.dirname, "../../brand");

export async function buildStatusPage(): Promise<PageFile[]> {
  const { output } = await bundlePage(sourceDir, { entries: ["main.ts", "page.css"] });
  const logo = (await readFile(join(brandDir, "logo.svg"), "utf8")).trim();
  const files = [
    hashed("status", "js", "text/javascript; charset=utf-8", output("main.js")),
    hashed("status", "css", "text/css; charset=utf-8", output("page.css")),
    hashed("icon", "svg", "image/svg+xml", Buffer.from(logo)),
  ];
  const [script, style, icon] = files.map(({ name }) => name);
  const values: Record<string, string | undefined> = { script, style, icon, logo };
  const html = (await readFile(join(sourceDir, "status.html"), "utf8")).replace(
    /\{\{(\w+)\}\}/g,
    (_, key: string) => values[key]!,
  );
  return [
    { name: "", contentType: "text/html; charset=utf-8", bytes: Buffer.from(html) },
    ...files,
  ];
}

/** Writes the page to a folder, for loadPageFiles. */
export async function writeBuiltStatusPage(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true });
  const listed: ListedFile[] = [];
  for (const { name, contentType, bytes } of await buildStatusPage()) {
    const file = name === "" ? "index.html" : name;
    await writeFile(join(dir, file), bytes);
    listed.push({ name, contentType, file });
  }
  await writeFile(join(dir, listName), JSON.stringify(listed));
}

function hashed(stem: string, ending: string, contentType: string, bytes: Uint8Array): PageFile {
  return { name: hashedName(stem, ending, bytes), contentType, bytes };
}
