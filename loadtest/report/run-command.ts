/** How a run is asked for: what reports name, because a report holds figures and no options. */

export interface RunCommand {
  /** Names or paths, as they were given. */
  scenarios: readonly string[];
  seed?: number | undefined;
  viewers?: number | undefined;
  /** Each `--set key=value`. */
  settings: readonly string[];
  /** The file of a recorded night, which then has all the rest. */
  replay?: string | undefined;
}

/** The command that gives the same figures again. */
export function commandLineOf(command: RunCommand): string {
  const { scenarios, seed, viewers, settings, replay } = command;
  if (replay !== undefined) return `fullhouse simulate --replay ${quoted(replay)}`;
  const isOne = scenarios.length === 1;
  return [
    "fullhouse simulate",
    ...(isOne ? [] : ["--compare"]),
    ...scenarios.map(quoted),
    ...(seed === undefined ? [] : [`--seed ${seed}`]),
    ...(viewers === undefined ? [] : [`--viewers ${viewers}`]),
    ...settings.map((setting) => `--set ${quoted(setting)}`),
  ].join(" ");
}

/** What differs from the scenario's file, for people; empty when nothing does. */
export function changesWords({ viewers, settings }: RunCommand): string {
  return [...(viewers === undefined ? [] : [`--viewers ${viewers}`]), ...settings].join(", ");
}

/** A word as a shell takes it. */
/** A word as a shell takes it. */
export function quoted(word: string): string {
  return /^[\w.,:/=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
