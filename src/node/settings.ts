/**
 * What configurations and scenarios have in common: values that come as text (`--set key=value`),
 * and the one error that lists all problems with key, rule, value and place.
 */
import { parse } from "yaml";
import { AppError } from "../base/errors.ts";
import type { SettingsLayer, SettingsProblem } from "../config/resolve-layers.ts";
import type { ConfigKey } from "../config/schema-keys.ts";
import { settingLayer, type ValueReader } from "../config/text-layers.ts";

/** What a text means for a key: YAML, but text where text is due. */
export function valueReader(keys: readonly ConfigKey[]): ValueReader {
  const typesOf: ReadonlyMap<string, readonly string[]> = new Map(
    keys.map(({ key, types }) => [key, types]),
  );
  return (key, text) => {
    const types = typesOf.get(key);
    if (types?.includes("string") === true) {
      return types.includes("null") && text === "null" ? null : text;
    }
    try {
      return parse(text, { prettyErrors: false }) as unknown;
    } catch (error) {
      // Feeds hold keys, which no message repeats.
      const what = /^feeds\b/.test(key) ? "the value" : `"${text}"`;
      throw new AppError("CONFIG_INVALID", `${key}: ${what} is not a YAML value`, error);
    }
  };
}

/** A layer for each `--set key=value`. Throws USAGE for one that is not of that form. */
export function settingLayers(
  settings: readonly string[],
  readValue: ValueReader,
): SettingsLayer[] {
  return settings.map((setting) => {
    const layer = settingLayer(setting, readValue);
    if (layer === undefined) {
      throw new AppError("USAGE", `--set ${setting}: write --set key=value, as in --set a.b=1`);
    }
    return layer;
  });
}

export interface ProblemPlaces {
  /** What has the problems: "configuration", "scenario". */
  what: string;
  /** Where the source of a key stands, for people: "file.yaml:12". */
  placeOf: (source: string, key: string) => string;
}

/** The error that lists the problems: USAGE when an option is at fault, else CONFIG_INVALID. */
export function settingsError(
  problems: readonly SettingsProblem[],
  { what, placeOf }: ProblemPlaces,
): AppError {
  const lines = problems.map(({ key, rule, got, source }) => {
    const place = placeOf(source, key);
    return `  ${place}: ${key === "" ? `the ${what}` : key} ${phrase(rule)}, got ${got}`;
  });
  const code = problems.some((p) => p.source.startsWith("--")) ? "USAGE" : "CONFIG_INVALID";
  const count = problems.length === 1 ? "a problem" : `${problems.length} problems`;
  return new AppError(code, `the ${what} has ${count}:\n${lines.join("\n")}`);
}

/** Rules read on from the key ("must be …"); what does not is a sentence of the library's. */
function phrase(rule: string): string {
  return /^(must|is|cannot) /.test(rule) ? rule : `is wrong (${rule})`;
}
