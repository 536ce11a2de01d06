/** Reads a page's beacon: all of it is as it should be, or it is nothing. Pure. */
import { faces, type Face } from "../player/page/state/player-state.ts";
import {
  qoeCountBounds,
  qoeReadingBounds,
  type QoeCount,
  type QoeReading,
  type QoeReport,
} from "./qoe-report.ts";

const session = /^[A-Za-z0-9._-]{1,64}$/;
const feedName = /^[a-z0-9-]{1,32}$/;
const counts = Object.keys(qoeCountBounds) as QoeCount[];
const readings = Object.keys(qoeReadingBounds) as QoeReading[];
const known: ReadonlySet<string> = new Set(["v", "sid", "feed", "face", ...counts, ...readings]);

/** Null for anything but a report of version 1 with every count and no key of another name. */
export function readQoe(text: string): QoeReport | null {
  const value = objectOf(text);
  if (value?.["v"] !== 1) return null;
  if (Object.keys(value).some((key) => !known.has(key))) return null;
  const { sid, feed, face } = value;
  if (!isText(sid, session) || !isText(feed, feedName) || !isFace(face)) return null;
  const report: QoeReport = { v: 1, sid, feed, face, ...noCounts };
  for (const key of counts) {
    const count = value[key];
    if (!isWhole(count, qoeCountBounds[key])) return null;
    report[key] = count;
  }
  for (const key of readings) {
    const reading = value[key];
    if (reading === undefined) continue;
    if (!isWhole(reading, qoeReadingBounds[key])) return null;
    report[key] = reading;
  }
  return report;
}

const noCounts = Object.fromEntries(counts.map((key) => [key, 0])) as Record<QoeCount, number>;

function objectOf(text: string): Record<string, unknown> | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // What it says of the text helps nobody.
    return null;
  }
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? (value as Record<string, unknown>) : null;
}

function isText(value: unknown, form: RegExp): value is string {
  return typeof value === "string" && form.test(value);
}

function isFace(value: unknown): value is Face {
  return typeof value === "string" && (faces as readonly string[]).includes(value);
}

function isWhole(value: unknown, max: number): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= max;
}
