/** The viewer's choice of quality, and what the menu offers for it. Pure. */

export type QualityChoice =
  | { kind: "auto" }
  | { kind: "rung"; rung: string }
  /** Auto, but never above `dataSaverKbps`. */
  | { kind: "dataSaver" }
  | { kind: "audioOnly" };

/** A video rung as the playlist offers it, in the order of the levels. */
export interface QualityRung {
  /** As it stands in URLs: kbps in decimal. */
  rung: string;
  kbps: number;
  /** 0 if not said. */
  height: number;
}

export interface QualityItem {
  choice: QualityChoice;
  label: string;
  detail: string;
  isChecked: boolean;
}

/** The cap that was suggested for everybody in 2008. */
export const dataSaverKbps = 300;

export const audioRung = "audio";
const audioKbps = 64;

/** The rate of a rung as it stands in URLs; null of none. */
export function rungKbpsOf(rung: string | null): number | null {
  if (rung === null) return null;
  return rung === audioRung ? audioKbps : Number(rung);
}

/** Index of the highest rung that the data saver allows; the lowest if none is that low. */
export function dataSaverIndex(rungs: readonly QualityRung[]): number {
  let best = -1;
  let lowest = 0;
  rungs.forEach((rung, index) => {
    if (rung.kbps < rungs[lowest]!.kbps) lowest = index;
    if (rung.kbps > dataSaverKbps) return;
    if (best < 0 || rung.kbps > rungs[best]!.kbps) best = index;
  });
  return best < 0 ? lowest : best;
}

/** What the menu lists, best first. */
export function qualityItems(options: {
  rungs: readonly QualityRung[];
  choice: QualityChoice;
  playingRung: string | null;
  audioOffered: boolean;
}): QualityItem[] {
  const { rungs, choice, playingRung, audioOffered } = options;
  const playing = rungs.find(({ rung }) => rung === playingRung);
  const automatic = playing === undefined ? "" : `now ${rungLabel(playing)}`;
  const items: QualityItem[] = [
    {
      choice: { kind: "auto" },
      label: "Auto",
      detail: choice.kind === "auto" ? automatic : "fits your connection",
      isChecked: choice.kind === "auto",
    },
    ...[...rungs]
      .sort((a, b) => b.kbps - a.kbps)
      .map((rung) => ({
        choice: { kind: "rung", rung: rung.rung } as const,
        label: rungLabel(rung),
        detail: `${rung.kbps} kbps`,
        isChecked: choice.kind === "rung" && choice.rung === rung.rung,
      })),
    {
      choice: { kind: "dataSaver" },
      label: "Data saver",
      detail: `at most ${dataSaverKbps} kbps`,
      isChecked: choice.kind === "dataSaver",
    },
  ];
  if (audioOffered) {
    items.push({
      choice: { kind: "audioOnly" },
      label: "Audio only",
      detail: "64 kbps",
      isChecked: choice.kind === "audioOnly",
    });
  }
  return items;
}

/** The few words on the quality button. */
export function qualitySummary(options: {
  rungs: readonly QualityRung[];
  choice: QualityChoice;
  playingRung: string | null;
}): string {
  const { rungs, choice, playingRung } = options;
  const playing = rungs.find(({ rung }) => rung === playingRung);
  switch (choice.kind) {
    case "audioOnly":
      return "Audio";
    case "dataSaver":
      return "Saver";
    case "rung":
      return playing === undefined ? "Quality" : rungLabel(playing);
    case "auto":
      return playing === undefined ? "Auto" : `Auto ${rungLabel(playing)}`;
  }
}

export function rungLabel({ height, kbps }: QualityRung): string {
  return height > 0 ? `${height}p` : `${kbps} kbps`;
}

/** Reads a stored choice; anything unknown is Auto. */
export function parseQualityChoice(text: string | null): QualityChoice {
  if (text === "dataSaver" || text === "audioOnly") return { kind: text };
  if (text !== null && /^\d{1,6}$/.test(text)) return { kind: "rung", rung: text };
  return { kind: "auto" };
}

export function formatQualityChoice(choice: QualityChoice): string {
  return choice.kind === "rung" ? choice.rung : choice.kind;
}

/** The rung a media playlist's URL names (`…/{rung}/index.m3u8`), or null. */
export function rungOfUrl(url: string): string | null {
  return /\/(\d{1,6}|audio)\/index\.m3u8(?:[?#]|$)/.exec(url)?.[1] ?? null;
}
