/** The shipped rules and their tests as data. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

export interface AlertRule {
  alert: string;
  expr: string;
  for?: string;
  labels: { severity: string };
  annotations: { summary: string; description: string; runbook_url: string };
}

export interface RecordingRule {
  record: string;
  expr: string;
  labels?: Record<string, string>;
}

/** An entry of `tests` in a file for promtool. */
export interface RuleTest {
  name: string;
  alert_rule_test?: { alertname: string; exp_alerts?: unknown[] }[];
  promql_expr_test?: { expr: string; exp_samples?: unknown[] }[];
}

const folder = import.meta.dirname;

interface RuleFile {
  groups: { name: string; rules: (AlertRule | RecordingRule)[] }[];
}

const groups = yamlFiles<RuleFile>("rules").flatMap((file) => file.groups);
const rules = groups.flatMap((group) => group.rules);

export const groupNames: readonly string[] = groups.map(({ name }) => name);
export const alertRules = rules.filter((rule): rule is AlertRule => "alert" in rule);
export const recordingRules = rules.filter((rule): rule is RecordingRule => "record" in rule);
export const ruleTests = yamlFiles<{ tests: RuleTest[] }>("tests").flatMap(({ tests }) => tests);

function yamlFiles<File>(name: string): File[] {
  return readdirSync(join(folder, name))
    .filter((file) => file.endsWith(".yml"))
    .map((file) => parse(readFileSync(join(folder, name, file), "utf8")) as File);
}
