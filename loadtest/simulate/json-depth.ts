/** JSON from outside that is read before anybody looks at it: how deep it may nest. */

/** Scenarios go four levels deep; code that walks values does so by recursion. Arbitrary. */
const depthMax = 32;

/** The value, or undefined for what is no JSON or nests deeper than anything here does. */
export function parseShallowJson(text: string): { value: unknown } | undefined {
  if (depthOf(text) > depthMax) return undefined;
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

/** Brackets open at once, outside of strings. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/gs)) {
    if (token === "[" || token === "{") deepest = Math.max(deepest, ++depth);
    else if (token === "]" || token === "}") depth--;
  }
  return deepest;
}
