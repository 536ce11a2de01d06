/** Whether a page is well-formed. */

/** Tags that are not closed in order; none in a well-formed page. */
export function unclosed(page: string): string[] {
  const open: string[] = [];
  const wrong: string[] = [];
  const body = page.replace(/^<!doctype html>/i, "").replace(/<style>[\s\S]*?<\/style>/g, "");
  for (const [, close, name, attributes = ""] of body.matchAll(
    /<(\/?)([a-z0-9]+)((?:\s+[a-z:-]+(?:="[^"<]*")?)*\s*\/?)>/gi,
  )) {
    if (attributes.trim().endsWith("/")) continue;
    if (close === "") open.push(name!);
    else if (open.pop() !== name) wrong.push(name!);
  }
  const strayed = body.replace(/<\/?[a-z0-9]+((?:\s+[a-z:-]+(?:="[^"<]*")?)*\s*\/?)>/gi, "");
  return [
    ...wrong,
    ...open,
    ...(/[<>]/.test(strayed) ? [/.{0,20}[<>].{0,20}/.exec(strayed)![0]] : []),
  ];
}
