/** The file of a recorded night: read within bounds, and refused with all that is wrong with it. */
import { readFileSync, statSync } from "node:fs";
import { AppError } from "../../src/base/errors.ts";
import type { SettingsProblem } from "../../src/config/resolve-layers.ts";
import { resolveSimInputs } from "../../src/config/resolve-sim-inputs.ts";
import type { SimInputs } from "../../src/config/schema-sim-inputs.ts";
import { inputsProblem } from "../../src/sim/night-inputs.ts";
import { planOf } from "../../src/sim/plan.ts";
import { parseShallowJson } from "./json-depth.ts";

/** 100,000 inputs and the measured sizes of an hour take a sixth of it. */
const fileBytesMax = 67_108_864;
/** Problems that are shown; a hostile file may have a hundred thousand. */
const problemCountMax = 20;

/** Throws an AppError, INPUTS_UNUSABLE. */
export function readInputsFile(path: string): SimInputs {
  const parsed = parseShallowJson(readText(path));
  if (parsed === undefined) {
    throw unusable(path, "it is no JSON, cut off, or nested too deep");
  }
  const { value } = parsed;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw unusable(path, "it must hold one object, as GET /sim/runs/ID/inputs gives it");
  }
  const result = resolveSimInputs(value as Record<string, unknown>, path);
  if (!result.ok) throw unusable(path, problemWords(result.problems));
  const { scenario, inputs } = result.recorded;
  const wrong = inputsProblem(planOf(scenario, result.recorded), inputs);
  if (wrong !== undefined) throw unusable(path, `inputs.${wrong.index}.${wrong.problem}`);
  return result.recorded;
}

function problemWords(problems: readonly SettingsProblem[]): string {
  const shown = problems.slice(0, problemCountMax).map(({ key, rule, got }) => {
    const words = /^(must|is|cannot) /.test(rule) ? rule : `is wrong (${rule})`;
    return `\n  ${key === "" ? "the file" : key} ${words}, got ${got}`;
  });
  const more = problems.length - shown.length;
  return shown.join("") + (more > 0 ? `\n  and ${more} more problems` : "");
}

function readText(path: string): string {
  try {
    const stats = statSync(path);
    // Devices and pipes have no size, and some have no end.
    if (!stats.isFile()) throw unusable(path, "it is no regular file");
    if (stats.size > fileBytesMax) throw unusable(path, `it is over ${fileBytesMax} bytes`);
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof AppError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw unusable(path, code === "ENOENT" ? "it does not exist" : message);
  }
}

function unusable(path: string, why: string): AppError {
  return new AppError("INPUTS_UNUSABLE", `${path} cannot be replayed: ${why}`);
}
