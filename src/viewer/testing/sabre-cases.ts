/** The sessions that are compared with Sabre, and how Sabre is told to run them. */
import type { AbrName } from "../rules/rule-table.ts";
import type { manifests } from "./recorded-inputs.ts";
import { traces } from "./recorded-inputs.ts";

export interface SabreCase {
  manifest: keyof typeof manifests;
  trace: keyof typeof traces;
  abr: AbrName;
  bufferSec: number;
  abandon: boolean;
  gammaP?: number;
  rateRatio?: number;
  movieLengthSec?: number;
  hasBufferRule?: boolean;
  halfLifeSec?: number[];
  windowSegments?: number[];
}

const sabreRules = {
  bola: ["bola"],
  "bola-basic": ["bola", "-ab"],
  bolae: ["bolae"],
  dynamic: ["dynamic"],
  dynamicdash: ["dynamicdash"],
  throughput: ["throughput"],
} as const satisfies Partial<Record<AbrName, string[]>>;
const names = Object.keys(sabreRules) as (keyof typeof sabreRules)[];

/** The further options, each once. */
const variants: Partial<SabreCase>[] = [
  { gammaP: 8 },
  { rateRatio: 0.7 },
  { movieLengthSec: 250 },
  { movieLengthSec: 40 },
  { hasBufferRule: false },
  { halfLifeSec: [5] },
  { windowSegments: [3, 7] },
];

export function sabreCases(): SabreCase[] {
  const grid = names.flatMap((abr) =>
    (Object.keys(traces) as (keyof typeof traces)[]).flatMap((trace) =>
      [10, 25, 60].flatMap((bufferSec) =>
        [false, true].map((abandon): SabreCase => {
          // Each trace once with either media at a buffer, in turn.
          const manifest = (bufferSec === 25) === (trace !== "noisy") ? "oprah" : "wide";
          return { manifest, trace, abr, bufferSec, abandon };
        }),
      ),
    ),
  );
  const common = { manifest: "wide", trace: "noisy", bufferSec: 25, abandon: true } as const;
  const more = variants.flatMap((variant) =>
    (["bola", "bolae", "throughput"] as const).map((abr): SabreCase => ({
      ...common,
      ...variant,
      abr,
    })),
  );
  return [...grid, ...more];
}

export function nameOf(of: SabreCase): string {
  const { manifest, trace, abr, bufferSec, abandon, ...more } = of;
  const variant = Object.entries(more).map(([key, value]) => `${key}=${[value].flat().join("+")}`);
  return [manifest, trace, abr, bufferSec, abandon ? "abandon" : "none", ...variant].join(" ");
}

/** Sabre's arguments but for the two files. */
export function sabreArguments(of: SabreCase): string[] {
  const args = ["-a", ...sabreRules[of.abr as keyof typeof sabreRules], "-b", `${of.bufferSec}`];
  if (!of.abandon) args.push("-noa");
  if (of.gammaP !== undefined) args.push("-gp", `${of.gammaP}`);
  if (of.rateRatio !== undefined) args.push("-nm", `${of.rateRatio}`);
  if (of.movieLengthSec !== undefined) args.push("-ml", `${of.movieLengthSec}`);
  if (of.hasBufferRule === false) args.push("-noibr");
  if (of.halfLifeSec !== undefined) args.push("-hl", ...of.halfLifeSec.map(String));
  if (of.windowSegments !== undefined) {
    args.push("-ma", "sliding", "-ws", ...of.windowSegments.map(String));
  }
  return args;
}
