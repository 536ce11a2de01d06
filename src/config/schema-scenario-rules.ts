/**
 * Rules over several keys of a scenario. They are checked beside the rules of single keys, so that
 * all problems come at once; a rule is left out where a key it reads is wrong by itself.
 */

/** Longest run: a day of segments of 2 s, and some. */
const segmentCountMax = 50_000;
/** Tracks that a relay has for a feed. */
const rungCountMax = 13;
const parametersRule =
  "must give fixed its rung (0 to 12), throughput at most a safety ratio (up to 1), dynamicdash " +
  "none or two rising buffer levels in ms, and the other rules no parameters";

/** What the rules read of a scenario. */
interface RuledScenario {
  durationSec: number;
  plateau: { fromSec: number; toSec: number };
  segment: {
    durationMs: number;
    playlistCount: number;
    sizesBytes: readonly (readonly number[])[];
  };
  ladder: {
    rungsKbps: readonly number[];
    averagesKbps: readonly number[];
    capKbps: number | null;
  };
  swarm: { participationRatio: number; takeOnlyRatio: number };
  viewer: {
    holdBackTargetDurations: number;
    abr: readonly { rule: string; parameters: readonly number[] }[];
  };
  topology: { edges: number; shields: number };
  events: readonly {
    kind: string;
    atSec: number;
    count?: number;
    capKbps?: number | null | undefined;
  }[];
}

/** What they read and write of a check under way. */
interface CheckContext {
  issues: readonly { code?: string; path?: PropertyKey[] | undefined }[];
  addIssue(issue: { code: "custom"; path: PropertyKey[]; message: string }): void;
}

/** A rule: it stands at the first of its keys; `isWrong` is asked when all of them are sound. */
type Refuse = (keys: readonly string[], message: string, isWrong: () => boolean) => void;

export function checkAcrossKeys(scenario: RuledScenario, context: CheckContext): void {
  const broken = context.issues
    .filter(({ code }) => code !== "unrecognized_keys")
    .map(({ path = [] }) => `${path.join(".")}.`);
  const isSound = (key: string): boolean =>
    !broken.some((path) => path.startsWith(`${key}.`) || `${key}.`.startsWith(path));
  const refuse: Refuse = (keys, message, isWrong) => {
    if (!keys.every(isSound) || !isWrong()) return;
    const path = keys[0]!.split(".").map((name) => (/^\d+$/.test(name) ? Number(name) : name));
    context.addIssue({ code: "custom", path, message });
  };
  checkPlateau(scenario, refuse);
  checkSizes(scenario, refuse);
  refuse(
    ["viewer.holdBackTargetDurations", "segment.playlistCount"],
    "must be within the playlist (segment.playlistCount)",
    () => scenario.viewer.holdBackTargetDurations > scenario.segment.playlistCount,
  );
  refuse(
    ["durationSec", "segment.durationMs"],
    `must be at most ${segmentCountMax} segments long`,
    () => (scenario.durationSec * 1_000) / scenario.segment.durationMs > segmentCountMax,
  );
  refuse(
    ["swarm.takeOnlyRatio", "swarm.participationRatio"],
    "must be at most 1 together with swarm.participationRatio",
    () => scenario.swarm.takeOnlyRatio + scenario.swarm.participationRatio > 1,
  );
  refuse(
    ["ladder.rungsKbps", "ladder.capKbps", "events"],
    `must make at most ${rungCountMax} different rates, those at caps included`,
    () => ratesOf(scenario).size > rungCountMax,
  );
  refuse(["viewer.abr"], parametersRule, () => !scenario.viewer.abr.every(hasSoundParameters));
  // The type holds only where nothing was wrong.
  if (!Array.isArray(scenario.events)) return;
  scenario.events.forEach((_, index) => checkEvent(scenario, index, refuse));
}

/** Rates that are offered at some time. */
function ratesOf({ ladder, events }: RuledScenario): Set<number> {
  const caps = [ladder.capKbps, ...events.map(({ capKbps }) => capKbps)];
  return new Set([...ladder.rungsKbps, ...caps.filter((cap) => typeof cap === "number")]);
}

/** What each rule of src/viewer/rules may be given; all others take nothing. */
function hasSoundParameters({
  rule,
  parameters,
}: {
  rule: string;
  parameters: readonly number[];
}): boolean {
  const [first = 0, second = 0] = parameters;
  switch (rule) {
    case "fixed":
      return parameters.length === 1 && Number.isInteger(first) && first >= 0 && first <= 12;
    case "throughput":
      return parameters.length === 0 || (parameters.length === 1 && first > 0 && first <= 1);
    case "dynamicdash":
      return parameters.length === 0 || (parameters.length === 2 && first >= 0 && second >= first);
    default:
      return parameters.length === 0;
  }
}

function checkPlateau(scenario: RuledScenario, refuse: Refuse): void {
  refuse(
    ["plateau.toSec", "durationSec"],
    "must be within durationSec",
    () => scenario.plateau.toSec > scenario.durationSec,
  );
  refuse(
    ["plateau.fromSec", "plateau.toSec"],
    "must be before plateau.toSec",
    () => scenario.plateau.fromSec >= scenario.plateau.toSec,
  );
}

function checkSizes(scenario: RuledScenario, refuse: Refuse): void {
  const { segment, ladder } = scenario;
  refuse(
    ["segment.sizesBytes", "ladder.rungsKbps"],
    "must have a column for each of ladder.rungsKbps",
    () => segment.sizesBytes.some((row) => row.length !== ladder.rungsKbps.length),
  );
  refuse(
    ["ladder.averagesKbps", "ladder.rungsKbps"],
    "must have a rate for each of ladder.rungsKbps, none above it",
    () =>
      ladder.averagesKbps.length > 0 &&
      (ladder.averagesKbps.length !== ladder.rungsKbps.length ||
        ladder.averagesKbps.some((kbps, rung) => kbps > ladder.rungsKbps[rung]!)),
  );
  refuse(
    ["segment.sizesBytes", "ladder.capKbps"],
    "cannot be combined with ladder.capKbps: sizes of the rung at the cap are unknown",
    () => segment.sizesBytes.length > 0 && ladder.capKbps !== null,
  );
}

function checkEvent(scenario: RuledScenario, index: number, refuse: Refuse): void {
  const one = scenario.events[index]!;
  const key = `events.${index}`;
  refuse(
    [`${key}.atSec`, "durationSec"],
    "must be within durationSec",
    () => one.atSec > scenario.durationSec,
  );
  const parts = [`${key}.count`, `${key}.kind`];
  refuse(
    [...parts, "topology.edges"],
    "must leave an edge up",
    () => one.kind === "edge-down" && (one.count ?? 0) >= scenario.topology.edges,
  );
  refuse(
    [...parts, "topology.shields"],
    "must leave a shield up",
    () => one.kind === "shield-down" && (one.count ?? 0) >= scenario.topology.shields,
  );
}
