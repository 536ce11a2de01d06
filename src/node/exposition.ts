/** Reads Prometheus's text format, as far as this project's own programs write it. Pure. */

export interface Sample {
  name: string;
  labels: Readonly<Record<string, string>>;
  value: number;
}

const samplePattern = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})? (\S+)/;
const labelPattern = /([A-Za-z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/** The samples of a scrape; lines that are none are left out. */
export function readExposition(text: string): Sample[] {
  return text.split("\n").flatMap((line): Sample[] => {
    const match = line.startsWith("#") ? null : samplePattern.exec(line);
    const value = Number(match?.[3]);
    if (match === null || Number.isNaN(value)) return [];
    const [, name = "", labelText = ""] = match;
    const labels = Object.fromEntries(
      [...labelText.matchAll(labelPattern)].map(([, label = "", content = ""]) => [
        label,
        content.replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === "n" ? "\n" : escaped)),
      ]),
    );
    return [{ name, labels, value }];
  });
}

/** The sum of a metric over the samples whose labels have the given values. */
export function sumOf(
  samples: readonly Sample[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  const wanted = Object.entries(labels);
  return samples
    .filter((sample) => sample.name === name)
    .filter((sample) => wanted.every(([label, value]) => sample.labels[label] === value))
    .reduce((sum, sample) => sum + sample.value, 0);
}

/** The families of an exposition that have one of the names, as they stand there. */
export function familiesOf(text: string, names: ReadonlySet<string>): string {
  return text
    .split(/^(?=# HELP )/m)
    .filter((family) => names.has(family.split(" ", 3)[2] ?? ""))
    .join("");
}
