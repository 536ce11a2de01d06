import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { packageRoot } from "../../src/node/package-root.ts";
import { pacedConfig, pacedRules } from "./prometheus-pace.ts";

const shipped = join(packageRoot(), "grafana/prometheus");
const pace = { everySec: 1, forSecMax: 5 };

test("the shipped configuration is kept but for its pace and where targets are", () => {
  const text = readFileSync(join(shipped, "prometheus.yml"), "utf8");
  const paced = pacedConfig(text, { pace, targetFolders: ["a", "b"] });
  const config = parse(paced) as { scrape_configs: object[]; rule_files: string[] };
  expect(config).toMatchObject({
    global: { scrape_interval: "1s", scrape_timeout: "1s", evaluation_interval: "1s" },
    rule_files: ["rules/*.yml"],
  });
  expect(config.scrape_configs).toContainEqual({
    job_name: "edge",
    honor_labels: true,
    file_sd_configs: [{ files: ["a/edge.json", "b/edge.json"] }],
  });
  expect(config.scrape_configs).toHaveLength((text.match(/job_name/g) ?? []).length);
});

interface RuleFile {
  groups: { interval: string; rules: Record<string, unknown>[] }[];
}

test("rules keep their expressions; only intervals and long waits are cut", () => {
  for (const name of readdirSync(join(shipped, "rules"))) {
    const text = readFileSync(join(shipped, "rules", name), "utf8");
    const [before, after] = [text, pacedRules(text, pace)].map((one) => parse(one) as RuleFile);
    const rules = (file: RuleFile) => file.groups.flatMap((group) => group.rules);
    expect(rules(after!)).toEqual(
      rules(before!).map((rule) => (rule["for"] === undefined ? rule : { ...rule, for: "5s" })),
    );
    expect(after!.groups.every(({ interval }) => interval === "1s")).toBe(true);
  }
  expect(() => pacedRules("groups: [{ rules: [{ for: 1h }] }]", pace)).toThrow("1h");
});
