/** The example configuration: every key with its doc and default, commented out. */
import { stringify } from "yaml";
import type { ConfigKey } from "../src/config/schema-keys.ts";

const header = `# The configuration of Fullhouse: every key with its default. Generated; do not edit.
# Copy it to fullhouse.yaml, keep what you change and drop the rest. Any value may also come from the
# environment (FULLHOUSE_LADDER__CAP_KBPS=300) or the command line (--set ladder.capKbps=300).
`;

/** Widest comment line. */
const columnMax = 100;

/** A file that reads as the defaults. */
export function exampleConfig(keys: readonly ConfigKey[]): string {
  const entries = keys.filter(({ key }) => !key.includes("[]"));
  return header + entries.map((entry) => entryOf(entry, partsOf(entry, keys))).join("");
}

/** The parts of a list's entries: they are documentation, the list itself has the value. */
function partsOf(list: ConfigKey, keys: readonly ConfigKey[]): ConfigKey[] {
  return keys.filter(({ key }) => key.startsWith(`${list.key}[].`));
}

function entryOf(row: ConfigKey, parts: readonly ConfigKey[]): string {
  const names = row.key.split(".");
  const indent = "  ".repeat(names.length - 1);
  const gap = names.length === 1 ? "\n" : "";
  const comment = [
    ...(row.doc === "" ? [] : [commentLines(noteOf(row), indent)]),
    ...parts.map((part) => commentLines(`  ${lastName(part)}: ${noteOf(part)}`, indent)),
  ].join("");
  const head = `${gap}${comment}${indent}${lastName(row)}:`;
  if (row.types.includes("object")) return `${head}\n`;
  const value = row.defaultValue ?? (row.key === "feeds" ? [{ name: "main" }] : null);
  const text = stringify(value, {
    collectionStyle: "flow",
    lineWidth: 0,
    flowCollectionPadding: false,
  });
  return `${head} ${text.trim()}\n`;
}

function lastName({ key }: ConfigKey): string {
  return key.split(".").at(-1) ?? key;
}

function noteOf({ doc, allowed, unit }: ConfigKey): string {
  const limits = [unit, allowed].filter((text) => text !== "").join(", ");
  return limits === "" ? doc : `${doc} (${limits})`;
}

function commentLines(text: string, indent: string): string {
  const own = /^ */.exec(text)?.[0] ?? "";
  const lines: string[] = [];
  let line = own;
  for (const word of text.trim().split(" ")) {
    if (`${indent}# ${line} ${word}`.length > columnMax && line.trim() !== "") {
      lines.push(line);
      line = `${own}  `;
    }
    line += line.trim() === "" ? word : ` ${word}`;
  }
  return [...lines, line].map((each) => `${indent}# ${each}\n`).join("");
}
