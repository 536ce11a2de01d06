/**
 * The kinds of panels that boards are made of, each with one look. A panel says what it shows, what
 * is good and what is bad; its height and place are its row's.
 */
import { PanelBuilder as BarGauge } from "@grafana/grafana-foundation-sdk/bargauge";
import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import {
  BarGaugeDisplayMode,
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  ScaleDistribution,
  ScaleDistributionConfigBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizOrientation,
  VizTooltipOptionsBuilder,
  type DataSourceRef,
} from "@grafana/grafana-foundation-sdk/common";
import {
  FieldColorBuilder,
  FieldColorModeId,
  MappingType,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type DynamicConfigValue,
  type Panel,
  type ThresholdsConfig,
} from "@grafana/grafana-foundation-sdk/dashboard";
import {
  HeatmapColorMode,
  HeatmapColorOptionsBuilder,
  PanelBuilder as Heatmap,
  YAxisConfigBuilder,
} from "@grafana/grafana-foundation-sdk/heatmap";
import { DataqueryBuilder, PromQueryFormat } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as Stat } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as StateTimeline } from "@grafana/grafana-foundation-sdk/statetimeline";
import { PanelBuilder as Table } from "@grafana/grafana-foundation-sdk/table";
import { PanelBuilder as TimeSeries } from "@grafana/grafana-foundation-sdk/timeseries";

/** The board's variable: whoever has more than one Prometheus chooses. */
export const datasource: DataSourceRef = { type: "prometheus", uid: "${datasource}" };

export interface Query {
  expr: string;
  /** With labels as `{{label}}`; only such as the result has. */
  legend: string;
  /** A line to compare with: drawn dashed. */
  isReference?: boolean;
}

export interface PanelSpec {
  title: string;
  description: string;
  unit: string;
  /** Of 24 columns. */
  width: number;
  queries: readonly Query[];
  levels?: Levels;
}

/** From where on a value is worth a look, and from where on bad. */
export interface Levels {
  good: "low" | "high";
  warn: number;
  bad: number;
}

/** What all kinds of panels can be told. */
export interface PanelMaker extends Builder<Panel> {
  title(title: string): this;
  description(description: string): this;
  unit(unit: string): this;
  span(columns: number): this;
  height(rows: number): this;
  datasource(ref: DataSourceRef): this;
  withTarget(query: DataqueryBuilder): this;
  thresholds(thresholds: Builder<ThresholdsConfig>): this;
}

export interface GraphSpec extends PanelSpec {
  /** Shares of a whole, one above the other. */
  isStacked?: boolean;
  /** Logarithmic where the values span decades; what is below `logFrom` counts as zero. */
  logFrom?: number;
  max?: number;
}

/** Values over time. */
export function graph(spec: GraphSpec): PanelMaker {
  const { queries, levels, max, logFrom, isStacked = false } = spec;
  const panel = described(new TimeSeries(), spec)
    .min(0)
    .lineWidth(1.5)
    .fillOpacity(isStacked ? 60 : 8)
    .showPoints(VisibilityMode.Never)
    .legend(legendBelow())
    .tooltip(
      new VizTooltipOptionsBuilder()
        .mode(TooltipDisplayMode.Multi)
        .sort(SortOrder.Descending)
        .hideZeros(true),
    );
  if (max !== undefined) panel.max(max);
  if (isStacked) panel.stacking(new StackingConfigBuilder().mode(StackingMode.Normal));
  if (logFrom !== undefined) {
    panel.scaleDistribution(
      new ScaleDistributionConfigBuilder()
        .type(ScaleDistribution.Symlog)
        .log(10)
        .linearThreshold(logFrom),
    );
  }
  if (levels !== undefined) {
    panel.thresholdsStyle(
      new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed),
    );
  }
  for (const [index, { isReference }] of queries.entries()) {
    if (isReference === true) panel.overrideByQuery(refIdOf(index), dashedLine);
  }
  return panel;
}

/** The last value in large, with its course behind it. */
export function figure(spec: PanelSpec): PanelMaker {
  return described(new Stat(), spec)
    .reduceOptions(lastValue())
    .graphMode(BigValueGraphMode.Area)
    .colorMode(spec.levels === undefined ? BigValueColorMode.None : BigValueColorMode.Value)
    .textMode(spec.queries.length > 1 ? BigValueTextMode.ValueAndName : BigValueTextMode.Auto);
}

/** Shares of limits as bars, full at 1. */
export function bars(spec: PanelSpec): PanelMaker {
  return described(new BarGauge(), spec)
    .reduceOptions(lastValue())
    .orientation(VizOrientation.Horizontal)
    .displayMode(BarGaugeDisplayMode.Gradient)
    .min(0)
    .max(1);
}

/** A histogram's buckets over time; the unit is that of the buckets. */
export function heat(spec: PanelSpec): PanelMaker {
  return described(new Heatmap(), spec, PromQueryFormat.Heatmap)
    .calculate(false)
    .color(
      new HeatmapColorOptionsBuilder()
        .mode(HeatmapColorMode.Scheme)
        .scheme("Oranges")
        .fill("dark-orange")
        .exponent(0.5)
        .steps(64),
    )
    .yAxis(new YAxisConfigBuilder().unit(spec.unit))
    .showLegend();
}

/** One band for each series, coloured by state; values are places in `states`, from 1. */
export function timeline(
  spec: PanelSpec,
  states: readonly { text: string; color: string }[],
): PanelMaker {
  const options = Object.fromEntries(
    states.map((state, index) => [String(index + 1), { ...state, index }]),
  );
  return described(new StateTimeline(), spec)
    .mappings([{ type: MappingType.ValueToText, options }])
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds))
    .mergeValues(true)
    .showValue(VisibilityMode.Auto)
    .rowHeight(0.9)
    .lineWidth(0)
    .fillOpacity(70)
    .legend(legendBelow());
}

/** The labels of a result as they are now, one row a series; `names` head the columns. */
export function listing(spec: PanelSpec, names: Readonly<Record<string, string>>): PanelMaker {
  return described(new Table(), spec, PromQueryFormat.Table).transformations([
    { id: "organize", options: { excludeByName: { Time: true }, renameByName: names } },
  ]);
}

function described<P extends PanelMaker>(
  panel: P,
  { title, description, unit, width, queries, levels }: PanelSpec,
  format: PromQueryFormat = PromQueryFormat.TimeSeries,
): P {
  panel.title(title).description(description).unit(unit).span(width).datasource(datasource);
  panel.thresholds(thresholdsOf(levels));
  for (const [index, { expr, legend }] of queries.entries()) {
    const query = new DataqueryBuilder()
      .refId(refIdOf(index))
      .datasource(datasource)
      .expr(expr)
      .legendFormat(legend)
      .format(format);
    // A table shows what is now; all else has a course.
    panel.withTarget(format === PromQueryFormat.Table ? query.instant() : query.range());
  }
  return panel;
}

function thresholdsOf(levels: Levels | undefined): ThresholdsConfigBuilder {
  const builder = new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute);
  if (levels === undefined) return builder.steps([{ value: null, color: "green" }]);
  const { good, warn, bad } = levels;
  return builder.steps(
    good === "low"
      ? [
          { value: null, color: "green" },
          { value: warn, color: "yellow" },
          { value: bad, color: "red" },
        ]
      : [
          { value: null, color: "red" },
          { value: bad, color: "yellow" },
          { value: warn, color: "green" },
        ],
  );
}

const dashedLine: DynamicConfigValue[] = [
  { id: "custom.lineStyle", value: { fill: "dash", dash: [8, 8] } },
  { id: "custom.fillOpacity", value: 0 },
  { id: "custom.stacking", value: { mode: "none", group: "reference" } },
];

function legendBelow(): VizLegendOptionsBuilder {
  return new VizLegendOptionsBuilder()
    .showLegend(true)
    .displayMode(LegendDisplayMode.List)
    .placement(LegendPlacement.Bottom)
    .calcs([]);
}

function lastValue(): ReduceDataOptionsBuilder {
  return new ReduceDataOptionsBuilder().calcs(["lastNotNull"]).fields("").values(false);
}

/** A, B, C, … as Grafana names queries. */
function refIdOf(index: number): string {
  return String.fromCharCode(65 + index);
}
