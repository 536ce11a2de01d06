/** JSON from outside, read before anybody looks at it: how deep it may nest. */

/** Scenarios go four levels deep; code that walks values does so by recursion. Arbitrary. */
const depthMax = 32;

const [quote, backslash] = [0x22, 0x5c];
const opening: ReadonlySet<number> = new Set([0x5b, 0x7b]);
const closing: ReadonlySet<number> = new Set([0x5d, 0x7d]);

/** The value, or undefined for what is no JSON or nests deeper than anything here does. */
export function parseShallowJson(text: string): { value: unknown } | undefined {
  if (depthOf(text) > depthMax) return undefined;
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

/** Most brackets open at once, outside of strings. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (inString && code === backslash) at++;
    else if (code === quote) inString = !inString;
    else if (inString) continue;
    else if (opening.has(code)) deepest = Math.max(deepest, ++depth);
    else if (closing.has(code)) depth--;
  }
  return deepest;
}
