/** The shipped Prometheus files at another pace: the same expressions, looked at more often. Pure. */
import { parse, stringify } from "yaml";

export interface Pace {
  /** Between scrapes, and between evaluations of rules. */
  everySec: number;
  /** An alert's `for` is cut to it. */
  forSecMax: number;
}

interface Config {
  global: Record<string, string>;
  scrape_configs: { job_name: string; file_sd_configs: { files: string[] }[] }[];
}

interface Rules {
  groups: { interval: string; rules: { for?: string }[] }[];
}

/** `prometheus.yml`, with each job's targets in files of its name in the given folders. */
export function pacedConfig(
  text: string,
  options: { pace: Pace; targetFolders: readonly string[] },
): string {
  const config = parse(text) as Config;
  const every = `${options.pace.everySec}s`;
  for (const key of ["scrape_interval", "scrape_timeout", "evaluation_interval"]) {
    config.global[key] = every;
  }
  for (const job of config.scrape_configs) {
    const files = options.targetFolders.map((folder) => `${folder}/${job.job_name}.json`);
    job.file_sd_configs = [{ files }];
  }
  return stringify(config);
}

/** A rule file. */
export function pacedRules(text: string, { everySec, forSecMax }: Pace): string {
  const file = parse(text) as Rules;
  for (const group of file.groups) {
    group.interval = `${everySec}s`;
    for (const rule of group.rules) {
      if (rule.for !== undefined && secondsOf(rule.for) > forSecMax) rule.for = `${forSecMax}s`;
    }
  }
  return stringify(file, { lineWidth: 0 });
}

function secondsOf(duration: string): number {
  const match = /^(\d+)([sm])$/.exec(duration);
  if (match === null) throw new Error(`no duration as the rules have them: ${duration}`);
  return Number(match[1]) * (match[2] === "m" ? 60 : 1);
}
