/** Whose page it is: the words and the sign that the broadcaster may change (colours: brand.css). */

export interface Brand {
  name: string;
  /** One line at the foot of the page; may be empty. */
  tagline: string;
  /** Inline SVG; null: the one that comes with the page. */
  logoSvg: string | null;
}

export const defaultBrand: Brand = {
  name: "Fullhouse",
  tagline: "A seat for everyone.",
  logoSvg: null,
};
