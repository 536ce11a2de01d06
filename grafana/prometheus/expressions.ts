/** What a PromQL expression names: series with their matchers, and labels it groups or joins by. */
import { parser } from "@prometheus-io/lezer-promql";

export interface Matcher {
  label: string;
  /** `=`, `!=`, `=~` or `!~`. */
  operator: string;
  value: string;
}

export interface Selector {
  /** Name of the series, as `live_edge_first_byte_seconds_bucket`. */
  series: string;
  matchers: Matcher[];
}

export interface ExpressionNames {
  selectors: Selector[];
  /** Labels of `by`, `without`, `on`, `ignoring` and `group_left`. */
  labels: string[];
  /** Where the text is no PromQL; empty when it is. */
  errors: string[];
}

export function namesIn(expression: string): ExpressionNames {
  const names: ExpressionNames = { selectors: [], labels: [], errors: [] };
  const selectorAt: Selector[] = [];
  parser.parse(expression).iterate({
    enter: (node) => {
      const text = expression.slice(node.from, node.to);
      const parent = node.node.parent?.name;
      if (node.type.isError) {
        const around = expression.slice(Math.max(0, node.from - 20), node.to + 20);
        names.errors.push(`no PromQL near "${around.replaceAll(/\s+/g, " ")}"`);
      } else if (node.name === "VectorSelector") {
        selectorAt.push({ series: "", matchers: [] });
      } else if (node.name === "Identifier" && parent === "VectorSelector") {
        selectorAt.at(-1)!.series = text;
      } else if (node.name === "UnquotedLabelMatcher") {
        selectorAt.at(-1)!.matchers.push(readMatcher(text));
      } else if (node.name === "LabelName" && parent === "GroupingLabels") {
        names.labels.push(text);
      }
    },
    leave: (node) => {
      if (node.name === "VectorSelector") names.selectors.push(selectorAt.pop()!);
    },
  });
  return names;
}

function readMatcher(text: string): Matcher {
  const [, label = "", operator = "", value = ""] =
    /^(\w+)\s*(=~|!~|!=|=)\s*"(.*)"$/s.exec(text) ?? [];
  return { label, operator, value };
}
