/**
 * The options of `fullhouse session`, from the command line or a line of a batch: one table of what
 * each may be. All problems are found at once.
 */
import { abandonSemanticsNames, type AbandonSemantics } from "../src/viewer/recorded-session.ts";
import { abrNames, type AbrName } from "../src/viewer/rules/rule-table.ts";
import { defaultGammaP } from "../src/viewer/viewer-ladder.ts";

export interface SessionOptions {
  readonly manifest: string;
  readonly trace: string;
  readonly abr: AbrName;
  readonly bufferSec: number;
  readonly abandon: boolean;
  readonly abandonSemantics: AbandonSemantics;
  readonly gammaP: number;
  readonly networkMultiplier: number;
  /** All of the media without it. */
  readonly movieLengthSec?: number;
  /** Whether rules refuse rungs whose segment the buffer might not outlast. */
  readonly bufferRule: boolean;
  readonly movingAverage: "ewma" | "sliding";
  readonly halfLifeSec: readonly number[];
  readonly windowSegments: readonly number[];
  /** Of the rule `fixed`. */
  readonly rung?: number;
}

/** Sabre's own defaults. */
const defaults = {
  bufferSec: 25,
  abandon: true,
  abandonSemantics: "as-shipped",
  gammaP: defaultGammaP,
  networkMultiplier: 1,
  bufferRule: true,
  movingAverage: "ewma",
  halfLifeSec: [3, 8],
  windowSegments: [3],
} as const satisfies Partial<SessionOptions>;

interface Kind {
  /** What a value must be, after "must be". */
  readonly is: string;
  /** The value, or undefined where it is wrong. */
  readonly read: (value: unknown) => unknown;
}

const text: Kind = {
  is: "a path",
  read: (value) => (typeof value === "string" && value !== "" ? value : undefined),
};
const flag: Kind = {
  is: "true or false",
  read: (value) => (typeof value === "boolean" ? value : undefined),
};
const oneOf = (names: readonly string[]): Kind => ({
  is: `one of ${names.join(", ")}`,
  read: (value) => names.find((name) => name === value),
});
const above0 = numberKind("a number above 0 and up to 1000000000", (n) => n > 0 && n <= 1e9);
const from0 = numberKind("a number from 0 to 1000000", (n) => n >= 0 && n <= 1e6);
const whole = (min: number, max: number): Kind =>
  numberKind(
    `a whole number from ${min} to ${max}`,
    (n) => Number.isInteger(n) && n >= min && n <= max,
  );
const listOf = (kind: Kind): Kind => ({
  is: `1 to 20 of: ${kind.is}`,
  read: (value) => {
    const list = (Array.isArray(value) ? value : [value]).map((item) => kind.read(item));
    return list.length >= 1 && list.length <= 20 && !list.includes(undefined) ? list : undefined;
  },
});

const kinds: Record<keyof SessionOptions, Kind> = {
  manifest: text,
  trace: text,
  abr: oneOf(abrNames),
  bufferSec: above0,
  abandon: flag,
  abandonSemantics: oneOf(abandonSemanticsNames),
  gammaP: from0,
  networkMultiplier: above0,
  movieLengthSec: above0,
  bufferRule: flag,
  movingAverage: oneOf(["ewma", "sliding"]),
  halfLifeSec: listOf(above0),
  windowSegments: listOf(whole(1, 20)),
  rung: whole(0, 126),
};
const required = ["manifest", "trace", "abr"] as const;

/** Options as the command line calls them, without unit. */
const otherNames: Readonly<Record<string, keyof SessionOptions>> = {
  buffer: "bufferSec",
  movieLength: "movieLengthSec",
  halfLife: "halfLifeSec",
  windowSize: "windowSegments",
};

export interface OptionsRead {
  /** Where there are no problems: what was given, under the names of `SessionOptions`. */
  readonly given: Readonly<Record<string, unknown>>;
  readonly problems: readonly string[];
}

/** Reads what is given; `no-x: true` means `x: false`, and names may be those of the options. */
export function readGiven(raw: Readonly<Record<string, unknown>>): OptionsRead {
  const given: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [name, rawValue] of Object.entries(raw)) {
    if (rawValue === undefined) continue;
    const { key, value } = canonical(name, rawValue);
    const kind = Object.hasOwn(kinds, key) ? kinds[key as keyof SessionOptions] : undefined;
    const read = kind?.read(value);
    if (kind === undefined) problems.push(`${name} is no option`);
    else if (read === undefined) problems.push(`${name} must be ${kind.is}, is ${show(value)}`);
    else given[key] = read;
  }
  return { given, problems };
}

/** The options with defaults for what is not given, or what is missing. */
export function completeOptions(
  given: Readonly<Record<string, unknown>>,
): { options: SessionOptions } | { problems: readonly string[] } {
  const problems = required
    .filter((key) => given[key] === undefined)
    .map((key) => `${key} is missing: ${kinds[key].is}`);
  if (given["abr"] === "fixed" && given["rung"] === undefined) {
    problems.push(`rung is missing: the rule fixed needs ${kinds.rung.is}`);
  }
  // Each key was read by its kind.
  const options: Readonly<Record<string, unknown>> = { ...defaults, ...given };
  return problems.length > 0 ? { problems } : { options: options as unknown as SessionOptions };
}

function canonical(name: string, value: unknown): { key: string; value: unknown } {
  const camel = name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
  if (/^no[A-Z]/.test(camel) && typeof value === "boolean") {
    return { key: camel.charAt(2).toLowerCase() + camel.slice(3), value: !value };
  }
  const key = Object.hasOwn(otherNames, camel) ? otherNames[camel]! : camel;
  return { key, value };
}

/** The command line gives numbers as text. */
function numberKind(is: string, isRight: (value: number) => boolean): Kind {
  return {
    is,
    read: (value) => {
      const isNumeric = typeof value === "string" && value.trim() !== "";
      const number = isNumeric ? Number(value) : value;
      return typeof number === "number" && isRight(number) ? number : undefined;
    },
  };
}

function show(value: unknown): string {
  return JSON.stringify(value).slice(0, 60);
}
