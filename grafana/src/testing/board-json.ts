/** The committed boards, as far as tests read them. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface BoardJson {
  uid: string;
  title: string;
  description: string;
  tags: string[];
  editable: boolean;
  refresh: string;
  time: { from: string; to: string };
  templating: { list: VariableJson[] };
  panels: PanelJson[];
}

export interface VariableJson {
  name: string;
  type: string;
  query: string | { query: string };
  refresh?: number;
  multi?: boolean;
  includeAll?: boolean;
  allValue?: string;
  datasource?: DatasourceJson;
}

export interface DatasourceJson {
  type: string;
  uid: string;
}

export interface PanelJson {
  id: number;
  type: string;
  title: string;
  description?: string;
  gridPos: { x: number; y: number; w: number; h: number };
  datasource?: DatasourceJson;
  fieldConfig?: { defaults: { unit?: string } };
  options?: { legend?: { showLegend?: boolean } };
  targets?: TargetJson[];
}

export interface TargetJson {
  refId: string;
  expr: string;
  legendFormat: string;
  datasource: DatasourceJson;
}

const folder = join(import.meta.dirname, "../../dashboards");

/** File name without its ending to board; read anew at each call. */
export function readBoards(): Map<string, BoardJson> {
  const names = readdirSync(folder).map((file) => file.replace(/\.json$/, ""));
  return new Map(
    names.map((name) => [
      name,
      JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8")) as BoardJson,
    ]),
  );
}

/** Panels that show something: all but the titles of rows. */
export function shownPanels({ panels }: BoardJson): PanelJson[] {
  return panels.filter(({ type }) => type !== "row");
}

/** The expression with Grafana's variables as for everything, and the shortest interval. */
export function substituted(expr: string): string {
  return expr
    .replaceAll("$__rate_interval", "20s")
    .replaceAll(/\$(tier|node|feed|scenario)\b/g, ".*");
}
