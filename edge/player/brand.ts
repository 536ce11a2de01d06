/** Whose page it is: the words, files and colours that the broadcaster may change. */

export interface Brand {
  name: string;
  /** One line at the foot of the page; may be empty. */
  tagline: string;
  /** Null: the one that comes with the page. */
  logo: BrandFile | null;
  /** Shown until there is a picture; null: none. */
  poster: BrandFile | null;
  /** CSS that is loaded after the page's own; null: none. */
  style: BrandFile | null;
  /** `#rrggbb`; null: the page's own. */
  accentColour: string | null;
  backgroundColour: string | null;
  broadcasts: readonly Broadcast[];
  /** Where viewers reach this edge; null: not known. */
  publicUrl: string | null;
}

/** What is on at a feed. */
export interface Broadcast {
  feed: string;
  title: string;
  /** May be empty. */
  description: string;
}

export interface BrandFile {
  contentType: string;
  /** How its name ends, without the dot. */
  ending: string;
  bytes: Uint8Array;
}

export const defaultBrand: Brand = {
  name: "Fullhouse",
  tagline: "A seat for everyone.",
  logo: null,
  poster: null,
  style: null,
  accentColour: null,
  backgroundColour: null,
  broadcasts: [],
  publicUrl: null,
};
