/**
 * Recorded media and recorded links in the formats of Sabre (UMass-LIDS/sabre), read from parsed
 * JSON. All problems are returned at once, each with its field; nothing is thrown.
 */

/** Media of constant segment duration in several rungs. */
export interface RecordedMedia {
  readonly segmentDurationMs: number;
  /** In rising order. */
  readonly kbps: readonly number[];
  readonly segmentCount: number;
  /** `segmentCount` rows of one size a rung. */
  readonly segmentBits: Float64Array;
}

/** What a link did: periods of constant rate and latency, repeated from the start when over. */
export interface RecordedTrace {
  readonly periodMs: Float64Array;
  readonly kbps: Float64Array;
  readonly latencyMs: Float64Array;
}

export type Read<T> = { readonly value: T } | { readonly problems: readonly string[] };

/** Far above any real duration, rate or size; below, sums stay exact enough to mean something. */
const numberMax = 1e12;
const segmentCountMax = 1_000_000;
/** Rungs are columns of 8 bits. */
const rungCountMax = 127;
/** The rest is only counted. */
const listedProblemCountMax = 20;

/** Reads `{segment_duration_ms, bitrates_kbps, segment_sizes_bits}`. */
export function readRecordedMedia(json: unknown): Read<RecordedMedia> {
  const problems = new Problems();
  if (!isObject(json)) return problems.of("a manifest is a JSON object");
  const durationMs = json["segment_duration_ms"];
  problems.above0("segment_duration_ms", durationMs);
  const kbps = readKbps(json["bitrates_kbps"], problems);
  const rows = json["segment_sizes_bits"];
  if (!Array.isArray(rows) || rows.length === 0 || rows.length > segmentCountMax) {
    problems.add(
      "segment_sizes_bits",
      `must be a list of 1 to ${segmentCountMax} segments, is ${show(rows)}`,
    );
    return problems.all();
  }
  const rungCount = kbps.length;
  const segmentBits = new Float64Array(rows.length * rungCount);
  rows.forEach((row: unknown, n) => {
    const field = `segment_sizes_bits[${n}]`;
    if (!Array.isArray(row) || row.length !== rungCount) {
      problems.add(field, `must be a list of one size for each of ${rungCount} bitrates`);
      return;
    }
    row.forEach((bits: unknown, rung) => {
      if (problems.above0(`${field}[${rung}]`, bits)) segmentBits[n * rungCount + rung] = bits;
    });
  });
  return problems.isEmpty()
    ? {
        value: {
          segmentDurationMs: durationMs as number,
          kbps,
          segmentCount: rows.length,
          segmentBits,
        },
      }
    : problems.all();
}

function readKbps(list: unknown, problems: Problems): number[] {
  if (!Array.isArray(list) || list.length === 0 || list.length > rungCountMax) {
    problems.add("bitrates_kbps", `must be a list of 1 to ${rungCountMax} bitrates`);
    return [];
  }
  const kbps = list as number[];
  kbps.forEach((rate, rung) => {
    const field = `bitrates_kbps[${rung}]`;
    if (!problems.above0(field, rate) || rung === 0) return;
    if (!(rate > kbps[rung - 1]!)) {
      problems.add(field, `must be above the bitrate before it, is ${rate}`);
    }
  });
  return kbps;
}

/** Reads a list of `{duration_ms, bandwidth_kbps, latency_ms}`. */
export function readRecordedTrace(json: unknown): Read<RecordedTrace> {
  const problems = new Problems();
  if (!Array.isArray(json) || json.length === 0) {
    return problems.of("a trace is a JSON list of at least one period");
  }
  const trace = {
    periodMs: new Float64Array(json.length),
    kbps: new Float64Array(json.length),
    latencyMs: new Float64Array(json.length),
  };
  json.forEach((period: unknown, n) => {
    if (!isObject(period)) {
      problems.add(`[${n}]`, `must be an object, is ${show(period)}`);
      return;
    }
    const { duration_ms: periodMs, bandwidth_kbps: kbps, latency_ms: latencyMs } = period;
    if (problems.above0(`[${n}].duration_ms`, periodMs)) trace.periodMs[n] = periodMs;
    if (problems.from0(`[${n}].bandwidth_kbps`, kbps)) trace.kbps[n] = kbps;
    if (problems.from0(`[${n}].latency_ms`, latencyMs)) trace.latencyMs[n] = latencyMs;
  });
  if (problems.isEmpty() && trace.kbps.every((kbps) => kbps === 0)) {
    problems.add("bandwidth_kbps", "is 0 in all periods: nothing would ever arrive");
  }
  return problems.isEmpty() ? { value: trace } : problems.all();
}

class Problems {
  readonly #list: string[] = [];
  #count = 0;

  add(field: string, problem: string): void {
    this.#count++;
    if (this.#count <= listedProblemCountMax) this.#list.push(`${field} ${problem}`);
  }

  of(problem: string): { problems: readonly string[] } {
    return { problems: [problem] };
  }

  isEmpty(): boolean {
    return this.#count === 0;
  }

  all(): { problems: readonly string[] } {
    const rest = this.#count - this.#list.length;
    return { problems: rest === 0 ? this.#list : [...this.#list, `and ${rest} more problems`] };
  }

  above0(field: string, value: unknown): value is number {
    if (isNumber(value) && value > 0) return true;
    this.add(field, `must be a number above 0 and up to ${numberMax}, is ${show(value)}`);
    return false;
  }

  from0(field: string, value: unknown): value is number {
    if (isNumber(value) && value >= 0) return true;
    this.add(field, `must be a number from 0 to ${numberMax}, is ${show(value)}`);
    return false;
  }
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value <= numberMax;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value in a few words. */
function show(value: unknown): string {
  if (value === undefined) return "missing";
  if (typeof value === "number") return String(value);
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === "object" && value !== null
    ? "an object"
    : JSON.stringify(value).slice(0, 40);
}
