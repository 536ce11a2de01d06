/**
 * What every board keeps: the rules of Grafana's own dashboard linter that fit, and this project's.
 * A rule returns what breaks it, in words. `spoil` breaks it, so that tests see the rule work.
 */
import * as units from "@grafana/grafana-foundation-sdk/units";
import { namesIn } from "../../prometheus/expressions.ts";
import { unknownNames } from "../../prometheus/known-series.ts";
import { shownPanels, substituted, type BoardJson, type PanelJson } from "./board-json.ts";
import { boardSeries, isModelled } from "./board-series.ts";
import { resultLabels } from "./result-labels.ts";

export interface BoardRule {
  says: string;
  problems: (board: BoardJson) => string[];
  spoil: (board: BoardJson) => void;
}

const source = { type: "prometheus", uid: "${datasource}" };
const columns = 24;
/** How a panel says that it looks back so far, whatever time is shown. */
const rangeWords = new Map([
  ["1m", /\ba minute\b/],
  ["5m", /\bfive minutes\b/],
]);
const knownUnits = new Set<unknown>(Object.values(units));

/** The first panel that shows something. */
const first = (board: BoardJson): PanelJson => shownPanels(board)[0]!;
const targets = (board: BoardJson) =>
  shownPanels(board).flatMap((panel) =>
    (panel.targets ?? []).map((target) => ({
      ...target,
      expr: substituted(target.expr),
      written: target.expr,
      at: `${panel.title} ${target.refId}`,
      panel,
    })),
  );
const seriesIn = (panel: PanelJson): string[] =>
  (panel.targets ?? []).flatMap(({ expr }) =>
    namesIn(substituted(expr)).selectors.map(({ series }) => series),
  );

function repeated(values: readonly (string | number)[]): string[] {
  return values.filter((value, index) => values.indexOf(value) !== index).map(String);
}

function isSource(datasource: { type: string; uid: string } | undefined): boolean {
  return datasource?.type === source.type && datasource.uid === source.uid;
}

export const formRules: BoardRule[] = [
  {
    says: "nobody edits it; it has a stable address, a tag and the same clock as the others",
    problems: ({ editable, uid, tags, refresh, time }) => {
      const facts = { editable, tags, refresh, time };
      const wanted = {
        editable: false,
        tags: ["fullhouse"],
        refresh: "5s",
        time: { from: "now-15m", to: "now" },
      };
      const isSame = JSON.stringify(facts) === JSON.stringify(wanted);
      return [
        ...(isSame ? [] : [JSON.stringify(facts)]),
        ...(/^fullhouse-[a-z]{1,30}$/.test(uid) ? [] : [uid]),
      ];
    },
    spoil: (board) => (board.editable = true),
  },
  {
    says: "the data source is a variable, of the board, of each panel and of each query",
    problems: (board) => [
      ...(board.templating.list[0]?.name === "datasource" ? [] : ["no variable for it"]),
      ...shownPanels(board)
        .filter(({ datasource }) => !isSource(datasource))
        .map(({ title }) => title),
      ...targets(board)
        .filter(({ datasource }) => !isSource(datasource))
        .map(({ at }) => at),
      ...board.templating.list
        .filter(({ type, datasource }) => type === "query" && !isSource(datasource))
        .map(({ name }) => name),
    ],
    spoil: (board) => (first(board).targets![0]!.datasource.uid = "other"),
  },
  {
    says: "choices take several values or all, follow the time range, and are used",
    problems: (board) => {
      const text = JSON.stringify([board.panels, board.templating.list]);
      return board.templating.list
        .filter(({ type }) => type === "query")
        .filter(
          ({ name, refresh, multi, includeAll, allValue }) =>
            refresh !== 2 ||
            multi !== true ||
            includeAll !== true ||
            allValue !== ".*" ||
            !text.includes(`=~\\"$${name}\\"`),
        )
        .map(({ name }) => name);
    },
    spoil: (board) =>
      board.templating.list.push({ ...board.templating.list[0]!, type: "query", name: "unused" }),
  },
  {
    says: "each panel has a title of its own and says in sentences what it shows",
    problems: (board) => [
      ...repeated(shownPanels(board).map(({ title }) => title)),
      ...shownPanels(board)
        .filter(
          ({ title, description = "" }) => title === "" || !/^[A-Z\d].{10,}\.$/.test(description),
        )
        .map(({ title }) => title),
    ],
    spoil: (board) => delete first(board).description,
  },
  {
    says: "each panel has a unit that Grafana knows",
    problems: (board) =>
      shownPanels(board)
        .filter(({ fieldConfig }) => !knownUnits.has(fieldConfig?.defaults.unit ?? ""))
        .map(({ title }) => title),
    spoil: (board) => delete first(board).fieldConfig!.defaults.unit,
  },
  {
    says: "ids of panels and letters of queries are given, and once",
    problems: (board) => [
      ...repeated(board.panels.map(({ id }) => id)),
      ...shownPanels(board)
        .filter(({ targets: queries = [] }) => {
          const letters = queries.map(({ refId }) => refId).join("");
          return letters === "" || !"ABCDEFGHIJ".startsWith(letters);
        })
        .map(({ title }) => title),
    ],
    spoil: (board) => (board.panels[1]!.id = board.panels[0]!.id),
  },
  {
    says: "rows ask a question and are full from left to right, nothing overlaps",
    problems: (board) => {
      const byTop = new Map<number, PanelJson[]>();
      for (const panel of board.panels) {
        byTop.set(panel.gridPos.y, [...(byTop.get(panel.gridPos.y) ?? []), panel]);
      }
      let bottom = 0;
      return [...byTop].flatMap(([y, panels]) => {
        const isWhole = panels.reduce(
          (x, { gridPos }) => (gridPos.x === x ? x + gridPos.w : NaN),
          0,
        );
        const heights = new Set(panels.map(({ gridPos }) => gridPos.h));
        const isTitle = panels[0]!.type === "row";
        const isRight =
          isWhole === columns &&
          heights.size === 1 &&
          y === bottom &&
          (!isTitle || /[?)]$/.test(panels[0]!.title));
        bottom = y + panels[0]!.gridPos.h;
        return isRight ? [] : [`at ${y}: ${panels.map(({ title }) => title).join(", ")}`];
      });
    },
    spoil: (board) => (first(board).gridPos.w -= 1),
  },
  {
    says: "graphs show a legend",
    problems: (board) =>
      shownPanels(board)
        .filter(({ type }) => type === "timeseries" || type === "state-timeline")
        .filter(({ options }) => options?.legend?.showLegend !== true)
        .map(({ title }) => title),
    spoil: (board) => {
      for (const { options } of shownPanels(board)) {
        if (options?.legend !== undefined) options.legend.showLegend = false;
      }
    },
  },
];

export const queryRules: BoardRule[] = [
  {
    says: "expressions are PromQL of series, labels and values that exist",
    problems: (board) =>
      targets(board).flatMap(({ expr, at }) =>
        unknownNames(expr, boardSeries).map((problem) => `${at}: ${problem}`),
      ),
    spoil: (board) => (first(board).targets![0]!.expr = "sum(rate(live_edge_reponses_total[1m]))"),
  },
  {
    says: "legends name labels that the result has, unless it is one line",
    problems: (board) =>
      targets(board).flatMap(({ expr, legendFormat, at }) => {
        const labels = resultLabels(expr, boardSeries);
        const named = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]!);
        const unknown = named.filter((label) => !labels.has(label));
        const isBare = legendFormat === "";
        return unknown.length > 0 || isBare ? [`${at}: ${legendFormat}`] : [];
      }),
    spoil: (board) => (first(board).targets![0]!.legendFormat = "{{rung}}{{colour}}"),
  },
  {
    says: "rates are over $__rate_interval, or over what the panel says in words",
    problems: (board) =>
      targets(board)
        .filter(({ written, panel: { description = "" } }) =>
          [...written.matchAll(/\[([^\]]+)\]/g)].some(
            ([, range = ""]) =>
              range !== "$__rate_interval" && !rangeWords.get(range)?.test(description),
          ),
        )
        .map(({ at }) => at),
    spoil: (board) => (first(board).targets![0]!.expr = "sum(rate(live_edge_responses_total[1m]))"),
  },
  {
    says: "what edges and shields both have is chosen by tier or node, so that nothing counts twice",
    problems: (board) =>
      targets(board).flatMap(({ expr, at }) =>
        namesIn(expr)
          .selectors.filter(({ series }) =>
            /^(live_(edge|cmcd|process)|process|nodejs)_/.test(series),
          )
          .filter(({ matchers }) => !matchers.some(({ label }) => /^(tier|node)$/.test(label)))
          .map(({ series }) => `${at}: ${series}`),
      ),
    spoil: (board) => (first(board).targets![0]!.expr = "sum(live_edge_connections)"),
  },
  {
    says: "what a board lets choose narrows every series that has the label",
    problems: (board) => {
      const choices = board.templating.list
        .filter(({ type }) => type === "query")
        .map(({ name }) => name);
      return targets(board).flatMap(({ expr, at }) =>
        namesIn(expr).selectors.flatMap(({ series, matchers }) =>
          choices
            // What k6 calls a scenario is not what a load test does.
            .filter((choice) => !(choice === "scenario" && series.startsWith("k6_")))
            .filter((choice) => boardSeries.get(series)?.has(choice) === true)
            .filter((choice) => !matchers.some(({ label }) => label === choice))
            .map((choice) => `${at}: ${series} is not narrowed by ${choice}`),
        ),
      );
    },
    spoil: (board) => {
      board.templating.list.push({ ...board.templating.list[0]!, type: "query", name: "node" });
      first(board).targets![0]!.expr = 'max(live_origin_feed_state{state="live"})';
    },
  },
  {
    says: "no panel mixes what was measured and what was modelled, and modelled ones say so",
    problems: (board) =>
      shownPanels(board)
        .filter((panel) => {
          const kinds = new Set(seriesIn(panel).map(isModelled));
          const says = panel.title.endsWith("(modelled)");
          const mustSay = board.uid === "fullhouse-loadtest" && !says;
          return (
            kinds.size !== 1 ||
            kinds.has(true) !== says ||
            (mustSay && !panel.title.endsWith("(measured)"))
          );
        })
        .map(({ title }) => title),
    spoil: (board) =>
      first(board).targets!.push({ ...first(board).targets![0]!, expr: "sum(live_sim_viewers)" }),
  },
];
