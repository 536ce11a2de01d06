/**
 * Checks on the repository itself: the code map lists the folders that exist, names follow the
 * conventions, and nothing that belongs to one machine is committed.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  cwd: root,
  encoding: "utf8",
})
  .split("\n")
  .filter((file) => file !== "" && existsSync(join(root, file)));
const sources = files.filter((file) => /\.(ts|mjs)$/.test(file));
const read = (file: string): string => readFileSync(join(root, file), "utf8");

/** The first two levels of every folder that holds code: what the code map lists. */
function codeFolders(): string[] {
  const folders = sources
    .map(dirname)
    .filter((folder) => /^(bin|src|origin|edge|loadtest|grafana)/.test(folder))
    // Stand-ins for tests are not part of what runs.
    .filter((folder) => !folder.includes("/testing"))
    .map((folder) => folder.split("/").slice(0, 2).join("/"));
  return [...new Set(folders)].filter((folder) => folder === "bin" || folder.includes("/")).sort();
}

test("the code map of ARCHITECTURE.md lists the folders that exist, and no others", () => {
  const map = read("ARCHITECTURE.md").split("## Code map")[1]!.split("\n## ")[0]!;
  const listed = [...map.matchAll(/^\| `([^`]+)` \|/gm)].map((match) => match[1]!).sort();
  expect(listed).toEqual(codeFolders());
});

test("every file that README.md and ARCHITECTURE.md name exists", () => {
  for (const document of ["README.md", "ARCHITECTURE.md"]) {
    const named = [
      ...read(document).matchAll(
        /(?:`|\]\()((?:[\w.-]+\/)*[\w-]+\.(?:ts|mjs|md|png|yaml|json))[`)]/g,
      ),
    ].map((match) => match[1]!);
    // Names of what programs write or serve are not files of the repository.
    const own = named.filter((name) => name.includes("/") || /\.(md|png)$/.test(name));
    expect(
      own.filter((name) => !existsSync(join(root, name)) && !name.startsWith("live/")),
      document,
    ).toEqual([]);
  }
});

test("file names are kebab-case and say what they hold", () => {
  const wrong = sources.filter((file) => {
    const name = basename(file).replace(/\.(ts|mjs)$/, "");
    return (
      !/^[a-z0-9]+([.-][a-z0-9]+)*$/.test(name) ||
      /^(utils?|helpers?|common|managers?|data|info|misc)$/.test(name)
    );
  });
  expect(wrong).toEqual([]);
});

test("nothing names a machine's folders, a registry's host or unfinished work", () => {
  const own = "bin/tidy.test.ts";
  const forbidden =
    /(^|[\s"'`(=])\/(work|root|home)\/|registry\.npmjs|proxy\.golang|deb\.debian|\b(TODO|FIXME|XXX)\b/;
  const wrong = files
    .filter((file) => file !== own && !/\.(png|mp4|bin|m4s|jpg)$|\/corpus\//.test(file))
    .filter((file) => forbidden.test(read(file)));
  expect(wrong).toEqual([]);
});

test("the lock file records no download addresses", () => {
  expect(read("package-lock.json")).not.toContain('"resolved"');
});

test("no test is skipped or focused", () => {
  const wrong = sources
    .filter((file) => file.endsWith(".test.ts"))
    .filter((file) => /\b(test|it|describe)\.(skip|only|todo|skipIf|runIf)\b/.test(read(file)));
  expect(wrong).toEqual([]);
});
