/** `fullhouse config`: checks the configuration; shows it with its sources, or an example of it. */
import { configKeys } from "../src/config/schema-keys.ts";
import type { Config } from "../src/config/schema.ts";
import { configOf, type ConfigOptions } from "./config-options.ts";
import { exampleConfig } from "./example-config.ts";

export interface ConfigPrintOptions extends ConfigOptions {
  print?: boolean;
  example?: boolean;
}

/** Values of these keys are never shown. */
const secretKeys = new Set(["tier.secret"]);

export function config(options: ConfigPrintOptions): void {
  if (options.example === true) {
    process.stdout.write(exampleConfig(configKeys()));
    return;
  }
  const { config: effective, sources } = configOf(options);
  if (options.print === true) process.stdout.write(configTable(effective, sources));
  else console.log("The configuration is valid.");
}

/** One line a value: key, value as JSON, and where it was set. */
export function configTable(config: Config, sources: ReadonlyMap<string, string>): string {
  const rows = leaves("", config).map(([key, value]) => ({
    key,
    value: secretKeys.has(key) && value !== "" ? "(set)" : JSON.stringify(value),
    source: sourceOf(key, sources),
  }));
  const keyWidth = Math.max(...rows.map(({ key }) => key.length));
  const valueWidth = Math.min(40, Math.max(...rows.map(({ value }) => value.length)));
  return rows
    .map(
      ({ key, value, source }) =>
        `${key.padEnd(keyWidth)}  ${value.padEnd(valueWidth)}  ${source}\n`,
    )
    .join("");
}

function leaves(prefix: string, value: unknown): [string, unknown][] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [[prefix, value]];
  return Object.entries(value).flatMap(([name, below]) =>
    leaves(prefix === "" ? name : `${prefix}.${name}`, below),
  );
}

function sourceOf(key: string, sources: ReadonlyMap<string, string>): string {
  return sources.get(key) ?? "default";
}
