/** The files with which Grafana and Prometheus are started, as far as no Grafana is needed to judge them. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { readBoards } from "./testing/board-json.ts";

const folder = join(import.meta.dirname, "..");
const read = (path: string): unknown => parse(readFileSync(join(folder, path), "utf8"));

interface Service {
  image: string;
  network_mode: string;
  command?: string[];
  environment?: Record<string, string>;
  volumes: (string | { source: string; target: string; read_only?: boolean })[];
}
const { services } = read("docker-compose.yml") as { services: Record<string, Service> };
const { grafana, prometheus } = services as Record<"grafana" | "prometheus", Service>;

interface Source {
  uid: string;
  type: string;
  url: string;
  jsonData: { timeInterval: string };
}
const [source] = (read("provisioning/datasources/prometheus.yaml") as { datasources: [Source] })
  .datasources;

/** Where a container sees a path of this folder; undefined for what it does not see. */
function mounted({ volumes }: Service, path: string): string | undefined {
  for (const volume of volumes) {
    if (typeof volume === "string") continue;
    const { source: from, target } = volume;
    if (path === from || path.startsWith(`${from}/`)) return target + path.slice(from.length);
  }
  return undefined;
}

test("boards choose the data source that is provisioned, whose interval is Prometheus's", () => {
  const { global } = read("prometheus/prometheus.yml") as { global: { scrape_interval: string } };
  expect(source.type).toBe("prometheus");
  expect(source.jsonData.timeInterval).toBe(global.scrape_interval);
  for (const board of readBoards().values()) {
    expect(JSON.stringify(board.templating.list[0])).toContain(source.uid);
  }
});

test("the provider takes the folder of the boards, and nobody edits them", () => {
  const { providers } = read("provisioning/dashboards/fullhouse.yaml") as {
    providers: { type: string; allowUiUpdates: boolean; options: { path: string } }[];
  };
  expect(providers).toMatchObject([{ type: "file", allowUiUpdates: false }]);
  expect(providers[0]!.options.path).toBe("$FULLHOUSE_DASHBOARDS");
});

test("the containers find what they are told to read", () => {
  const { environment = {} } = grafana;
  expect(environment["FULLHOUSE_DASHBOARDS"]).toBe(mounted(grafana, "./dashboards"));
  expect(environment["GF_PATHS_PROVISIONING"]).toBe(mounted(grafana, "./provisioning"));
  expect(environment["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]).toBe(
    mounted(grafana, "./dashboards/overview.json"),
  );
  const config = mounted(prometheus, "./prometheus/prometheus.yml")!;
  expect(prometheus.command).toContain(`--config.file=${config}`);
  // Rules and targets are named relative to the configuration.
  const beside = config.replace(/[^/]+$/, "");
  expect(mounted(prometheus, "./prometheus/rules")).toBe(`${beside}rules`);
  expect(mounted(prometheus, "${FULLHOUSE_STATE:-../state}/prometheus/targets")).toBe(
    `${beside}targets`,
  );
});

test("what is mounted exists, and is not written to", () => {
  for (const volume of [...grafana.volumes, ...prometheus.volumes]) {
    if (typeof volume === "string") continue;
    expect(volume.read_only, volume.source).toBe(true);
    if (volume.source.startsWith("./")) expect(existsSync(join(folder, volume.source))).toBe(true);
  }
});

test("images are pinned, and both programs are on loopback alone, where the data source looks", () => {
  for (const { image, network_mode: network } of [grafana, prometheus]) {
    expect(image).toMatch(/:v?\d+\.\d+\.\d+$/);
    expect(network).toBe("host");
  }
  expect(prometheus.command).toContain(
    `--web.listen-address=${source.url.replace(/^http:\/\//, "")}`,
  );
  expect(prometheus.command).toContain("--web.enable-remote-write-receiver");
  expect(grafana.environment).toMatchObject({
    GF_SERVER_HTTP_ADDR: "127.0.0.1",
    GF_AUTH_ANONYMOUS_ORG_ROLE: "Viewer",
  });
});
