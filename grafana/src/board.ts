/**
 * A board of questions: each row asks one, its panels answer it. Adds what the SDK leaves out: ids
 * of panels, links to the other boards, and that nobody edits what is generated.
 */
import {
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
  VariableSort,
  type Dashboard,
} from "@grafana/grafana-foundation-sdk/dashboard";
import type { MetricSpec } from "../../src/metrics/metric.ts";
import { datasource, type PanelMaker } from "./panels.ts";

/** Of the data source in grafana/provisioning, which boards choose at first. */
export const datasourceUid = "fullhouse-prometheus";
/** All boards carry it, and link to whatever does. */
const tag = "fullhouse";

export interface BoardRow {
  question: string;
  /** Of its panels, in Grafana's units of 30 px and a margin. */
  height: number;
  panels: readonly PanelMaker[];
}

/** A choice over the values that a label of a metric has. */
export interface Choice {
  label: "tier" | "node" | "feed" | "scenario";
  of: MetricSpec;
  /** Matchers that narrow it down, by choices before it. */
  where?: string;
}

export interface BoardSpec {
  /** File name without its ending, and the end of the board's address. */
  name: string;
  title: string;
  description: string;
  choices: readonly Choice[];
  rows: readonly BoardRow[];
}

/* eslint-disable @typescript-eslint/no-deprecated --
   The classic form is what file provisioning reads in every Grafana from 10 on. */
/** The board as Grafana reads it. */
export function buildBoard({ name, title, description, choices, rows }: BoardSpec): Dashboard {
  const builder = new DashboardBuilder(title)
    .uid(`fullhouse-${name}`)
    .description(description)
    .tags([tag])
    .time({ from: "now-15m", to: "now" })
    .refresh("5s")
    .timezone("browser")
    .tooltip(DashboardCursorSync.Crosshair)
    .readonly()
    .link(
      new DashboardLinkBuilder("Fullhouse")
        .type(DashboardLinkType.Dashboards)
        .tags([tag])
        .keepTime(true)
        .includeVars(true),
    )
    .withVariable(
      new DatasourceVariableBuilder("datasource")
        .label("Data source")
        .type("prometheus")
        .current({ selected: true, text: "Prometheus", value: datasourceUid }),
    );
  for (const choice of choices) builder.withVariable(variableOf(choice));
  for (const { question, height, panels } of rows) {
    builder.withRow(new RowBuilder(question));
    for (const panel of panels) builder.withPanel(panel.height(height));
  }
  const board = builder.build();
  // Links stand in sight rather than in a menu.
  for (const link of board.links ?? []) delete link.placement;
  for (const [index, panel] of (board.panels ?? []).entries()) panel.id = index + 1;
  return board;
}
/* eslint-enable @typescript-eslint/no-deprecated */

function variableOf({ label, of, where = "" }: Choice): QueryVariableBuilder {
  const selector = where === "" ? of.name : `${of.name}{${where}}`;
  const query = `label_values(${selector}, ${label})`;
  return new QueryVariableBuilder(label)
    .label(`${label[0]!.toUpperCase()}${label.slice(1)}`)
    .datasource(datasource)
    .query({ qryType: 1, query, refId: "PrometheusVariableQueryEditor-VariableQuery" })
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue(".*")
    .current({ selected: true, text: ["All"], value: ["$__all"] });
}
