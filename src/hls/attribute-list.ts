/** Attribute lists of playlist tags (RFC 8216bis section 4.2). */

/** Values by name, quotes taken off; undefined when the text is no attribute list. */
export function readAttributeList(text: string): Map<string, string> | undefined {
  const attributes = new Map<string, string>();
  let at = 0;
  while (at < text.length) {
    const equals = text.indexOf("=", at);
    if (equals < 0) return undefined;
    const name = text.slice(at, equals);
    if (!/^[A-Z0-9-]+$/.test(name) || attributes.has(name)) return undefined;
    const end = endOfValue(text, equals + 1);
    if (end === undefined) return undefined;
    const value = text.slice(equals + 1, end);
    attributes.set(name, value.startsWith('"') ? value.slice(1, -1) : value);
    if (end === text.length) return attributes;
    at = end + 1;
  }
  // Empty text, or a comma with nothing behind it.
  return undefined;
}

/** Where the value that starts at `at` ends: the comma behind it, or the end of the text. */
function endOfValue(text: string, at: number): number | undefined {
  if (text.charAt(at) !== '"') {
    const comma = text.indexOf(",", at);
    const end = comma < 0 ? text.length : comma;
    const value = text.slice(at, end);
    return value === "" || /["\s]/.test(value) ? undefined : end;
  }
  const quote = text.indexOf('"', at + 1);
  if (quote < 0) return undefined;
  const after = quote + 1;
  return after === text.length || text.charAt(after) === "," ? after : undefined;
}
