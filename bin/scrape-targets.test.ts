import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { removeScrapeTargets, scrapeTargets, writeScrapeTargets } from "./scrape-targets.ts";
import { planNodes } from "./start-plan.ts";

const nodes = planNodes({ edgeCount: 2, portBase: 0 });

test("each node that has reported is a target of its tier's job", () => {
  const ports = new Map([
    ["origin", 9100],
    ["shield", 9101],
    ["edge-2", 9103],
  ]);
  expect(scrapeTargets(nodes, (name) => ports.get(name))).toEqual({
    origin: [{ targets: ["127.0.0.1:9100"], labels: { tier: "origin", node: "origin" } }],
    shield: [{ targets: ["127.0.0.1:9101"], labels: { tier: "shield", node: "shield" } }],
    edge: [{ targets: ["127.0.0.1:9103"], labels: { tier: "edge", node: "edge-2" } }],
  });
});

test("the files are those that prometheus.yml reads, and go at the end", () => {
  const stateDir = mkdtempSync(join(tmpdir(), "fullhouse-targets-"));
  const folder = join(stateDir, "prometheus/targets");
  const config = readFileSync(
    join(import.meta.dirname, "../grafana/prometheus/prometheus.yml"),
    "utf8",
  );
  const targets = scrapeTargets(nodes, () => 9100);
  writeScrapeTargets(stateDir, targets);
  const files = readdirSync(folder).sort();
  expect(files).toEqual(["edge.json", "origin.json", "shield.json"]);
  for (const file of files) expect(config).toContain(`[targets/${file}]`);
  expect(JSON.parse(readFileSync(join(folder, "edge.json"), "utf8"))).toEqual(targets.edge);
  removeScrapeTargets(stateDir);
  expect(readdirSync(folder)).toEqual([]);
  rmSync(stateDir, { recursive: true });
});
