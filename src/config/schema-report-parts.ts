/** What the forms of reports are built of: a number with its meaning, a count, shares by rung. */
import { z } from "zod";

export function figure(description: string) {
  return z.number().describe(description);
}

export function count(description: string) {
  return z.int().min(0).describe(description);
}

/** From 0 to 1. */
export function share(description: string) {
  return z.number().min(0).max(1).describe(description);
}

export function byRung(description: string) {
  return z.record(z.string().regex(/^\d+$/), z.number().min(0).max(1)).describe(description);
}
