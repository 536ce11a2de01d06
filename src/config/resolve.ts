/** The configuration of a node, from layers of settings. */
import {
  resolveLayers,
  showJson,
  type SettingsLayer,
  type SettingsProblem,
  type SettingsSources,
} from "./resolve-layers.ts";
import { configSchema, type Config } from "./schema.ts";

export type ConfigResult =
  | { ok: true; config: Config; sources: SettingsSources }
  | { ok: false; problems: SettingsProblem[] };

/** Sections and lists whose absence, or presence with nothing in it, means "all defaults below". */
const emptyBase = {
  node: {},
  feeds: [{}],
  rtmp: {},
  ladder: { rungs: [] },
  window: {},
  origin: {},
  tier: {},
  parents: [],
  viewer: {},
  cache: {},
  follow: {},
  log: {},
  cmcd: {},
  qoe: {},
  page: {},
  edge: {},
  swarm: {},
  room: {},
  admin: { allowedHosts: [] },
};

/** Merges the layers over the defaults; lists are replaced, not joined. */
export function resolveConfig(layers: readonly SettingsLayer[]): ConfigResult {
  const result = resolveLayers(layers, { schema: configSchema, base: emptyBase, show });
  return result.ok ? { ok: true, config: result.value, sources: result.sources } : result;
}

/** Keys that hold secrets; a wrong value may be the secret itself, typed where its hash belongs. */
const secretNames: ReadonlySet<string> = new Set([
  "keyHashes",
  "standbyKeyHashes",
  "secret",
  "credential",
]);

/** A key whose value may be a secret, misspelt ones of a feed included. */
function mayBeSecret(path: readonly string[]): boolean {
  const isOfFeed = path[0] === "feeds" && path.length > 2 && path[2] !== "name";
  return isOfFeed || path.some((name) => secretNames.has(name));
}

function show(path: readonly string[], value: unknown): string {
  if (mayBeSecret(path)) return "a value that is not shown";
  return showJson(path, value, (name, below) => (secretNames.has(name) ? "(not shown)" : below));
}
