/**
 * Reads a scenario: by its name from those that come with the package, or from a file of one's own.
 * A file may extend another (`extends: oprah-2008`) and then states only what differs; its name and
 * title are never taken over from what it extends.
 */
import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { AppError } from "../base/errors.ts";
import type { SettingsLayer, SettingsProblem } from "../config/resolve-layers.ts";
import { resolveScenario } from "../config/resolve-scenario.ts";
import { scenarioKeys } from "../config/schema-keys.ts";
import type { Scenario } from "../config/schema-scenario.ts";
import { packageRoot } from "./package-root.ts";
import { settingLayers, settingsError, valueReader } from "./settings.ts";
import { readYamlFile, type YamlFile } from "./yaml-file.ts";

/** Where the scenarios are that come with the package. */
const packagedFolder = join(packageRoot(), "loadtest/scenarios");

export interface ScenarioSources {
  /** A name ("oprah-2008") or the path of a YAML file. */
  scenario: string;
  /** Options of the command that are settings, such as --seed; below `settings`. */
  options?: readonly SettingsLayer[];
  /** Each `--set key=value`, in order. */
  settings: readonly string[];
}

export interface LoadedScenario {
  scenario: Scenario;
  /** Dotted key to where its value was set, for people; what is absent is a default. */
  sources: ReadonlyMap<string, string>;
}

/** Names of the scenarios that come with the package. */
export function scenarioNames(): string[] {
  return readdirSync(packagedFolder)
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => name.slice(0, -".yaml".length))
    .sort();
}

/**
 * Throws an AppError: USAGE for an unknown scenario and for settings of the command line that are
 * at fault, CONFIG_UNREADABLE or CONFIG_INVALID for a file.
 */
export function loadScenario({
  scenario: nameOrPath,
  options = [],
  settings,
}: ScenarioSources): LoadedScenario {
  const path = findScenario(nameOrPath);
  if (path === undefined) throw new AppError("USAGE", unknownWords(nameOrPath));
  const files = readChain(path);
  const layers = [...files].map(([source, { values }], index): SettingsLayer => {
    const own = without(values, ["extends"]);
    if (index === files.size - 1) return { source, values: { name: fileName(source), ...own } };
    return { source, values: without(own, ["name", "title"]) };
  });
  const optionLayers = [...options, ...settingLayers(settings, valueReader(scenarioKeys()))];
  const result = resolveScenario([...layers, ...optionLayers]);
  const placeOf = (source: string, key: string): string =>
    source + (files.get(source)?.lineOf(key) ?? "");
  if (!result.ok) {
    const problems = blamed(result.problems, { layers, optionLayers, placeOf });
    throw settingsError(problems, { what: `scenario ${nameOrPath}`, placeOf });
  }
  const sources = new Map([...result.sources].map(([key, source]) => [key, placeOf(source, key)]));
  return { scenario: result.scenario, sources };
}

/** The problems; those of values in files with the option as their source that made them wrong. */
function blamed(
  problems: readonly SettingsProblem[],
  {
    layers,
    optionLayers,
    placeOf,
  }: {
    layers: readonly SettingsLayer[];
    optionLayers: readonly SettingsLayer[];
    placeOf: (source: string, key: string) => string;
  },
): SettingsProblem[] {
  const found = optionLayers.map((_, count) => {
    const before = resolveScenario([...layers, ...optionLayers.slice(0, count)]);
    return new Set(before.ok ? [] : before.problems.map(({ key, rule }) => `${key} ${rule}`));
  });
  return problems.map((problem) => {
    const { key, rule, source } = problem;
    if (source.startsWith("--")) return problem;
    // The option that brought it; those after it found it there.
    const culprit = optionLayers[found.findLastIndex((known) => !known.has(`${key} ${rule}`))];
    if (culprit === undefined) return problem;
    const place = source === "default" ? "by default" : placeOf(source, key);
    return { ...problem, source: culprit.source, got: `${problem.got} (${place})` };
  });
}

/** The files from the one that extends nothing to the one that was asked for, by their paths. */
function readChain(path: string): Map<string, YamlFile> {
  const chain: [string, YamlFile][] = [];
  for (let file = path; ;) {
    const read = readYamlFile(file, { what: "scenario", example: "extends: oprah-2008" });
    chain.unshift([file, read]);
    const named: unknown = read.values["extends"];
    if (named === undefined || named === null) return new Map(chain);
    const place = `${file}${read.lineOf("extends")}: extends`;
    const refuse = (words: string): never => {
      throw new AppError("CONFIG_INVALID", `${place} ${words}`);
    };
    if (typeof named !== "string") return refuse("must be the name or path of a scenario");
    const next = findScenario(named, dirname(file)) ?? refuse(`is wrong: ${unknownWords(named)}`);
    if (chain.some(([before]) => resolve(before) === resolve(next))) {
      return refuse(`${named} leads back to ${next}: a scenario cannot extend itself`);
    }
    file = next;
  }
}

function without(values: Record<string, unknown>, keys: readonly string[]) {
  return Object.fromEntries(Object.entries(values).filter(([key]) => !keys.includes(key)));
}

/** Paths are as they were given, from `folder`; names are looked for there and in the package. */
function findScenario(nameOrPath: string, folder = ""): string | undefined {
  const isPath = /\.ya?ml$|[/\\]/.test(nameOrPath);
  const candidates = isPath
    ? [resolve(nameOrPath) === nameOrPath ? nameOrPath : join(folder, nameOrPath)]
    : [folder, packagedFolder]
        .filter((each) => each !== "")
        .map((each) => join(each, `${nameOrPath}.yaml`));
  return candidates.find((path) => existsSync(path));
}

function unknownWords(nameOrPath: string): string {
  const names = scenarioNames().join(", ");
  return `there is no scenario ${nameOrPath}; known are ${names}, and any path of a .yaml file`;
}

function fileName(path: string): string {
  return basename(path).replace(/\.ya?ml$/, "");
}
