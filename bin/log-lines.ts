/** Lines of several nodes' logs put into one order, and those of one request picked out. Pure. */

export interface NodeLine {
  /** ISO 8601; of the line before where it says none, as a crash's trace. */
  time: string;
  text: string;
  /** Ids of the request and of the fill it waited for. */
  ids: readonly string[];
}

/** The lines of one node's log, in their order. */
export function nodeLines(texts: readonly string[], timeBefore = ""): NodeLine[] {
  let time = timeBefore;
  return texts
    .filter((text) => text.trim() !== "")
    .map((text) => {
      const entry = entryOf(text);
      if (typeof entry["time"] === "string") time = entry["time"];
      const ids = [entry["requestId"], entry["fillId"]].filter((id) => typeof id === "string");
      return { time, text, ids };
    });
}

/** All nodes' lines by time; those of one node stay in their order. */
export function inOrder(logs: readonly (readonly NodeLine[])[]): NodeLine[] {
  return logs.flat().sort((a, b) => (a.time < b.time ? -1 : Number(a.time > b.time)));
}

function entryOf(text: string): Record<string, unknown> {
  if (!text.startsWith("{")) return {};
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    // A cut or foreign line belongs where it stands.
    return {};
  }
}
