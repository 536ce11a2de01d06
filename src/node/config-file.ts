/**
 * Reads the configuration of a program: the file (YAML), then the environment, then `--set`, each
 * over the one before. A file that cannot be read or is wrong is one error that lists all problems
 * with key, rule, value and place.
 */
import { existsSync } from "node:fs";
import { resolveConfig } from "../config/resolve.ts";
import { configKeys } from "../config/schema-keys.ts";
import type { Config } from "../config/schema.ts";
import { environmentLayers } from "../config/text-layers.ts";
import { settingLayers, settingsError, valueReader } from "./settings.ts";
import { readYamlFile } from "./yaml-file.ts";

/** Read from the working folder when no file is named and it exists. */
export const defaultConfigFile = "fullhouse.yaml";

export interface ConfigSources {
  /** The file named by `--config`; it must exist. */
  file?: string | undefined;
  environment: Readonly<Record<string, string | undefined>>;
  /** Each `--set key=value`, in order. */
  settings: readonly string[];
}

export interface LoadedConfig {
  config: Config;
  /** Dotted key to where its value was set, for people; what is absent is a default. */
  sources: ReadonlyMap<string, string>;
}

/** What a text from the environment or `--set` means for a key. */
export const readValue = valueReader(configKeys());

/** Throws an AppError: CONFIG_UNREADABLE, CONFIG_INVALID, or USAGE when a `--set` is at fault. */
export function loadConfig(options: ConfigSources): LoadedConfig {
  const file = options.file ?? (existsSync(defaultConfigFile) ? defaultConfigFile : undefined);
  const read =
    file === undefined
      ? undefined
      : readYamlFile(file, { what: "configuration", example: "stateDir: x" });
  const result = resolveConfig([
    ...(file === undefined || read === undefined ? [] : [{ source: file, values: read.values }]),
    ...environmentLayers(options.environment, readValue),
    ...settingLayers(options.settings, readValue),
  ]);
  const placeOf = (source: string, key: string): string =>
    source === file ? source + (read?.lineOf(key) ?? "") : source;
  if (!result.ok) throw settingsError(result.problems, { what: "configuration", placeOf });
  const sources = new Map([...result.sources].map(([key, source]) => [key, placeOf(source, key)]));
  return { config: result.config, sources };
}
