/**
 * Settings that come as text: `FULLHOUSE_A__B_C=1` in the environment means `a.bC: 1`, and so does
 * `--set a.bC=1`. Pure: the environment is a parameter, and so is the reader of values.
 */
import { nest, type SettingsLayer } from "./resolve-layers.ts";

const prefix = "FULLHOUSE_";

/** Gives the value that a text means for a key. */
export type ValueReader = (key: string, text: string) => unknown;

/** One layer for each variable that begins with FULLHOUSE_, in the order of their names. */
export function environmentLayers(
  environment: Readonly<Record<string, string | undefined>>,
  readValue: ValueReader,
): SettingsLayer[] {
  return Object.entries(environment)
    .filter(([name]) => name.startsWith(prefix))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, text]) => {
      const key = name.slice(prefix.length).split("__").map(camelCase).join(".");
      return { source: name, values: nest(key, readValue(key, text ?? "")) };
    });
}

/** The layer of one `--set key=value`; undefined when it is not of that form. */
export function settingLayer(setting: string, readValue: ValueReader): SettingsLayer | undefined {
  const match = /^([A-Za-z0-9]+(?:\.[A-Za-z0-9]+)*)=([\s\S]*)$/.exec(setting);
  if (match === null) return undefined;
  const [, key = "", text = ""] = match;
  return { source: `--set ${key}`, values: nest(key, readValue(key, text)) };
}

function camelCase(upperSnake: string): string {
  return upperSnake
    .toLowerCase()
    .replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
