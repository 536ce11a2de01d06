/** What the control API takes, and what it says to a body that it does not. */
import { z } from "zod";
import { resolveLayers, type SettingsProblem } from "../../../src/config/resolve-layers.ts";
import { furtherCapsKbps } from "../../../src/config/schema-sim-inputs.ts";

/** More threads than this share too little work each. */
export const workerCountMax = 8;

const slugRule = "must be a name such as oprah-2008, or a whole scenario";

/** Body of POST /sim/runs. */
export const newRunSchema = z.strictObject({
  scenario: z.union(
    [
      z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, { error: slugRule }),
      z.record(z.string(), z.unknown()),
    ],
    { error: slugRule },
  ),
  /** Seconds of the night in one of the wall clock's; else the scenario's own. */
  timeRatio: z.number().min(0.1).max(1_000).optional(),
  workers: z.int().min(1).max(workerCountMax).optional(),
  capsKbps: furtherCapsKbps,
});

export type Parsed<T> = { ok: true; value: T } | { ok: false; problems: SettingsProblem[] };

/** The body by the schema; `values` is any JSON. */
export function parseBody<T>(values: unknown, schema: z.ZodType<T>): Parsed<T> {
  if (typeof values !== "object" || values === null || Array.isArray(values)) {
    const problem = { key: "", rule: "must be one JSON object", got: typeof values };
    return { ok: false, problems: [{ ...problem, source: "body" }] };
  }
  const layer = { source: "body", values: values as Record<string, unknown> };
  return resolveLayers([layer], { schema, base: {} });
}

/** All problems in one line. */
export function problemWords(problems: readonly SettingsProblem[]): string {
  const shown = problems.slice(0, 10).map(({ key, rule, got }) => {
    const words = /^(must|is|cannot) /.test(rule) ? rule : `is wrong (${rule})`;
    return `${key === "" ? "the body" : key} ${words}, got ${got}`;
  });
  const more = problems.length - shown.length;
  return shown.join("; ") + (more > 0 ? `; and ${more} more` : "");
}
