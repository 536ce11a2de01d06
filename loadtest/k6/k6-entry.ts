/**
 * The file that k6 is given for a run: one of the scripts with the ABR rules that the audience has,
 * in one piece where esbuild is at hand, as it is in a checkout. A module costs each VU 7 kB, so a
 * viewer in one piece takes 0.33 MB rather than 0.47 (k6 2.2.0, November 2026). Packages come
 * without esbuild; there k6 loads the files one by one.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { assert } from "../../src/base/assert.ts";
import type { Scenario } from "../../src/config/schema-scenario.ts";
import { packageRoot } from "../../src/node/package-root.ts";
import { bolaeDownloaded } from "../../src/viewer/rules/bolae.ts";
import { abrRules } from "../../src/viewer/rules/rule-table.ts";

type Abr = Scenario["viewer"]["abr"];

const onlyHlsjs: Abr = [{ rule: "hlsjs", ratio: 1, parameters: [] }];

/** Writes the entry of the script into `folder`, which the caller removes, and returns its path. */
export async function k6Entry(
  script: "wire" | "smoke" | "night",
  { abr = onlyHlsjs, folder }: { abr?: Abr; folder: string },
): Promise<string> {
  const root = packageRoot();
  const path = join(root, `loadtest/k6/scripts/${script}.ts`);
  const entry = join(folder, `${script}-entry.ts`);
  writeFileSync(entry, entryText(root, path, abr));
  return (await bundled(entry, join(folder, `${script}.js`))) ?? entry;
}

function entryText(root: string, script: string, abr: Abr): string {
  const from = (file: string): string => JSON.stringify(join(root, file));
  const rules = abr.map(({ rule, ratio, parameters }, n) => {
    const { firstRung, downloaded } = abrRules[rule];
    assert([undefined, bolaeDownloaded].includes(downloaded), "one hook after downloads is known");
    const arguments_ = ["viewers", "i", "ladder", "nowMs", ...parameters].join(", ");
    return {
      imported: `import { ${exportOf(rule)} as choose${n} } from ${from(`src/viewer/rules/${rule}.ts`)};`,
      share:
        `  { ratio: ${ratio}, rule: { firstRung: ${firstRung}, ` +
        `downloaded: ${downloaded === undefined ? "undefined" : "bolaeDownloaded"}, ` +
        `choose: (viewers, i, ladder, nowMs) => choose${n}(${arguments_}) } },`,
    };
  });
  const usesHook = rules.some(({ share }) => share.includes("bolaeDownloaded"));
  const isUsual = JSON.stringify(abr) === JSON.stringify(onlyHlsjs);
  const said = [
    ...rules.map(({ imported }) => imported),
    ...(usesHook ? [`import { bolaeDownloaded } from ${from("src/viewer/rules/bolae.ts")};`] : []),
    `import { usePlayerRules } from ${from("loadtest/k6/scripts/player-rules.ts")};`,
    `usePlayerRules([`,
    ...rules.map(({ share }) => share),
    `]);`,
  ];
  const lines = [
    ...(isUsual ? [] : said),
    `export * from ${JSON.stringify(script)};`,
    `export { default } from ${JSON.stringify(script)};`,
  ];
  return `${lines.join("\n")}\n`;
}

/** Rules are exported under their names. */
function exportOf(rule: string): string {
  return rule.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

async function bundled(entry: string, outfile: string): Promise<string | undefined> {
  const esbuild = await import("esbuild").catch(() => undefined);
  if (esbuild === undefined) return undefined;
  await esbuild.build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: "esm",
    target: "es2023",
    external: ["k6", "k6/*"],
    logLevel: "silent",
  });
  return outfile;
}
