/** The configuration of the viewers' page: whose it is, and what it looks like. */
import { z } from "zod";
import { integer, type KeyDoc } from "./schema-parts.ts";

/** Files are read when a relay starts; what is wrong with one is said then, by its key. */
function file(doc: KeyDoc["doc"]) {
  return z.string().min(1).max(4096).nullable().default(null).meta({ doc });
}

function colour(doc: KeyDoc["doc"]) {
  return z
    .string()
    .regex(/^#[0-9a-fA-F]{6}$/, { error: "must be a colour as # and 6 hexadecimal digits" })
    .nullable()
    .default(null)
    .meta({ doc });
}

function words({ min, max }: { min: number; max: number }) {
  return z
    .string()
    .min(min)
    .max(max)
    .regex(/^\P{Cc}*$/u, { error: "must be one line without control characters" });
}

function line(
  defaultValue: string,
  { min, max, doc }: { min: number; max: number; doc: KeyDoc["doc"] },
) {
  return words({ min, max }).default(defaultValue).meta({ doc });
}

const broadcast = z.strictObject({
  feed: z
    .string()
    .regex(/^[a-z0-9-]{1,32}$/, { error: "must be 1 to 32 of a-z, 0-9 and -" })
    .meta({ doc: "Name of the feed, as it stands in URLs." }),
  title: words({ min: 1, max: 120 }).meta({ doc: "What is on, instead of the feed's name." }),
  description: line("", {
    min: 0,
    max: 300,
    doc: "A sentence about it, in previews of its link; empty: the tagline.",
  }),
});

export const page = z.strictObject({
  title: line("Fullhouse", { min: 1, max: 80, doc: "Whose broadcast it is, on every page." }),
  tagline: line("A seat for everyone.", {
    min: 0,
    max: 160,
    doc: "A line at the foot of the page.",
  }),
  logoFile: file("SVG or PNG of at most 64 kB, shown beside the title; null: ours."),
  posterFile: file(
    "SVG, PNG, JPEG or WebP of at most 512 kB, shown until there is a picture; null: none.",
  ),
  broadcasts: z
    .array(broadcast)
    .max(64)
    .refine((all) => new Set(all.map(({ feed }) => feed)).size === all.length, {
      error: "must name each feed once",
    })
    .default([])
    .meta({ doc: "What is on, by feed; none: titles are made of the feeds' names." }),
  publicUrl: z
    .string()
    .max(512)
    .regex(/^https?:\/\/[^\s"'<>?#]+$/, { error: "must begin with http:// or https://" })
    .nullable()
    .default(null)
    .meta({
      doc: "Where viewers reach this edge, such as https://live.example: previews of links name their picture by it. null: they may lack one.",
    }),
  accentColour: colour(
    "Colour of buttons and marks, such as #a3122f; text on it becomes black or white. null: ours.",
  ),
  backgroundColour: colour(
    "Colour behind the player in light and dark; text becomes readable on it. null: ours.",
  ),
  styleFile: file("CSS of at most 64 kB that is loaded after ours (docs/page.md); null: none."),
});

/** Players' own figures, as the page posts them (docs/qoe.md). */
export const qoe = z.strictObject({
  beaconsPerSecMax: integer(
    3_000,
    { min: 1, max: 1_000_000 },
    "Beacons of pages read a second, of all viewers together; past it they are left out.",
  ),
  bodyCountMax: integer(
    256,
    { min: 1, max: 100_000 },
    "Beacons on their way at a time; past it the oldest is cut off.",
  ),
});
