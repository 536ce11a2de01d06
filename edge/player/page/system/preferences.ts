/** What the page remembers about a viewer's wishes, on this device only. */

export type PreferenceKey =
  | "volume"
  | "quality"
  | "bandwidthBitsPerSec"
  /** "off", or the language that was chosen. */
  | "captions"
  /** What was said about sharing with other viewers (consent.ts). */
  | "swarm";

const prefix = "fullhouse.";

/** localStorage, where there is one: in a foreign frame its very mention may throw. */
export class Preferences {
  readonly #storage: Storage | null;

  constructor(storageOf: () => Storage) {
    this.#storage = storageOrNull(storageOf);
  }

  read(key: PreferenceKey): string | null {
    return this.#storage?.getItem(prefix + key) ?? null;
  }

  readNumber(key: PreferenceKey): number | null {
    const text = this.read(key);
    const value = text === null || text === "" ? NaN : Number(text);
    return Number.isFinite(value) ? value : null;
  }

  write(key: PreferenceKey, value: string): void {
    try {
      this.#storage?.setItem(prefix + key, value);
    } catch {
      // Full, or forbidden: the wish is then good for this page only.
    }
  }
}

function storageOrNull(storageOf: () => Storage): Storage | null {
  try {
    return storageOf();
  } catch {
    return null;
  }
}
