/** The page between building and serving: templates and files, without brand and headers. */

/** The page as built, still without the brand and response headers. */
export interface BuiltPage {
  /** HTML templates with `{{name}}` and the like left to fill in. */
  templates: Record<"watch" | "embed" | "feeds" | "notFound", string>;
  logoSvg: string;
  files: BuiltFile[];
  /** Names of those that no first visit loads. */
  lazyFiles: string[];
}

export interface BuiltFile {
  /** Content-hashed name under /assets/. */
  name: string;
  contentType: string;
  bytes: Uint8Array;
}

/** Replaces `{{key}}` for each given key; other keys are left. */
export function fillIn(template: string, values: Record<string, string>): string {
  return template.replace(/\{\{(\w+)\}\}/g, (whole, key: string) => values[key] ?? whole);
}
