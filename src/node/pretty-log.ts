/**
 * Log lines for people, by pino-pretty in this process. Peers choose some of the words, so no
 * control character of a line reaches the terminal.
 */
import { isatty } from "node:tty";
import type { DestinationStream } from "pino";
import { prettyFactory } from "pino-pretty";
import { standardErrorStream } from "./log-stream.ts";

/** Formats one line; what is no JSON line comes back as it is, without control characters. */
export function prettyFormat({ colorize }: { colorize: boolean }): (line: string) => string {
  const format = prettyFactory({
    colorize,
    translateTime: "SYS:HH:MM:ss.l",
    singleLine: true,
    ignore: "pid,hostname,tier,node",
    messageFormat: "{node} {msg}",
  });
  return (line) => {
    const entry = entryOf(line);
    if (entry === undefined) return `${plain(line.trimEnd(), "?")}\n`;
    return format(cleaned(entry));
  };
}

/** Standard error; in colour on a terminal. */
export function prettyStream(): DestinationStream {
  const format = prettyFormat({ colorize: isatty(2) });
  const stream = standardErrorStream();
  return {
    write: (line) => stream.write(format(line)),
    // For pino, which calls it after a fatal line.
    ...{ flushSync: () => stream.flushSync() },
  };
}

function entryOf(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    // Cut or foreign: shown as it is.
    return undefined;
  }
}

function cleaned(value: unknown, key = ""): unknown {
  // A stack is several lines, which pino-pretty indents.
  if (typeof value === "string") return plain(value, key === "stack" ? "\n" : "?");
  if (Array.isArray(value)) return value.map((item) => cleaned(item));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [plain(name, "?"), cleaned(inner, name)]),
  );
}

/** Without control characters: "?" in their place, `lineBreak` in that of a line's end. */
function plain(text: string, lineBreak: "?" | "\n"): string {
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, (found) =>
    found === "\n" ? lineBreak : "?",
  );
}
