/** Where the status page comes from: built with the package, or from source in development. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { listName, type ListedFile, type PageFile } from "./page-file.ts";

/** Where packages carry the built page. */
const packagedDir = join(import.meta.dirname, "built");

/** Reads the built page, or builds it where there is none. */
export async function loadPageFiles(builtDir = packagedDir): Promise<PageFile[]> {
  const list = join(builtDir, listName);
  if (!existsSync(list)) return (await import("./build-status-page.ts")).buildStatusPage();
  const listed = JSON.parse(await readFile(list, "utf8")) as ListedFile[];
  return Promise.all(
    listed.map(async ({ name, contentType, file }) => ({
      ...{ name, contentType },
      bytes: await readFile(join(builtDir, file)),
    })),
  );
}
