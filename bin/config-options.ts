/** The options --config and --set, and the configuration they lead to. */
import { loadConfig, type LoadedConfig } from "../src/node/config-file.ts";

export interface ConfigOptions {
  config?: string;
  set: string[];
}

/** Throws an AppError that lists what is wrong. */
export function configOf(options: ConfigOptions): LoadedConfig {
  return loadConfig({ file: options.config, environment: process.env, settings: options.set });
}
