/**
 * What a person sees of a child's log: warnings and errors as one line, and whatever is no log line
 * (a crash's trace). Everything goes to the log file. Pure.
 */

/** pino's numbers for the levels. */
const warnLevel = 40;

/** Lines a person can read in a while; past it they are told where the rest is. */
const linesPerWindowMax = 12;
const windowMs = 10_000;

/** The line for the console, or undefined when it is for the log file only. */
export function consoleLine(node: string, line: string): string | undefined {
  if (line.trim() === "") return undefined;
  const entry = logEntry(line);
  if (entry === undefined) return plain(`${node}: ${line}`);
  if (entry.level < warnLevel) return undefined;
  return plain(`${node}: ${entry.message}`);
}

function logEntry(line: string): { level: number; message: string } | undefined {
  if (!line.startsWith("{")) return undefined;
  let entry: { level?: unknown; msg?: unknown; err?: { message?: unknown } };
  try {
    entry = JSON.parse(line) as typeof entry;
  } catch {
    // A cut or foreign line is shown as it is.
    return undefined;
  }
  if (typeof entry.level !== "number") return undefined;
  const parts = [entry.msg, entry.err?.message].filter((part) => typeof part === "string");
  return { level: entry.level, message: parts.join(": ") };
}

/** Peers choose some of the words: no control character reaches the terminal. */
function plain(text: string): string {
  return text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "?");
}

/** Bounds the lines shown of one child. */
export class LineBudget {
  #windowStartMs = Number.NEGATIVE_INFINITY;
  #count = 0;

  /** "show" it, "last" one that may be shown (say where the rest is), or "drop". */
  take(nowMs: number): "show" | "last" | "drop" {
    if (nowMs - this.#windowStartMs >= windowMs) {
      this.#windowStartMs = nowMs;
      this.#count = 0;
    }
    this.#count += 1;
    if (this.#count < linesPerWindowMax) return "show";
    return this.#count === linesPerWindowMax ? "last" : "drop";
  }
}
