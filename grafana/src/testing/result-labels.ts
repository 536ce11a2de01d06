/**
 * Which labels the result of a PromQL expression can have, by PromQL's rules of aggregation and
 * matching. Knows nothing of values.
 */
import type { SyntaxNode } from "@lezer/common";
import { parser } from "@prometheus-io/lezer-promql";

export type SeriesLabels = ReadonlyMap<string, ReadonlySet<string>>;

type Labels = ReadonlySet<string>;

/** A number has no labels and takes over those of what it is reckoned with. */
const scalar = Symbol("scalar");
type Result = Labels | typeof scalar;

const expressions =
  /^(AggregateExpr|BinaryExpr|FunctionCall|MatrixSelector|NumberDurationLiteral|OffsetExpr|ParenExpr|StringLiteral|SubqueryExpr|UnaryExpr|VectorSelector)$/;

/** Throws an Error for a series that `known` lacks, and for text that is no PromQL. */
export function resultLabels(expression: string, known: SeriesLabels): Labels {
  const textOf = (node: SyntaxNode): string => expression.slice(node.from, node.to);

  function labelsOf(node: SyntaxNode): Result {
    const parts = childExpressions(node);
    switch (node.name) {
      case "NumberDurationLiteral":
      case "StringLiteral":
        return scalar;
      case "VectorSelector":
        return selected(textOf(node.getChild("Identifier")!));
      case "AggregateExpr":
        return aggregated(node);
      case "FunctionCall":
        return called(node);
      case "BinaryExpr":
        return combined(node, labelsOf(parts[0]!), labelsOf(parts[1]!));
      default:
        return labelsOf(parts[0]!);
    }
  }

  function selected(series: string): Labels {
    const labels = known.get(series);
    if (labels === undefined) throw new Error(`no series is called "${series}"`);
    return labels;
  }

  function aggregated(node: SyntaxNode): Result {
    const modifier = node.getChild("AggregateModifier");
    const inner = labelsOf(childExpressions(node.getChild("FunctionCallBody")!).at(-1)!);
    if (inner === scalar) return new Set();
    // They choose among series, and leave these as they are.
    if (/^(top|bottom)k$/.test(textOf(node.getChild("AggregateOp")!))) return inner;
    if (modifier === null) return new Set();
    const named = groupingLabels(modifier, textOf)[0] ?? [];
    const isBy = modifier.getChild("By") !== null;
    return new Set([...inner].filter((label) => named.includes(label) === isBy));
  }

  function called(node: SyntaxNode): Result {
    const name = textOf(node.getChild("FunctionIdentifier")!);
    const parts = childExpressions(node.getChild("FunctionCallBody")!);
    if (name === "time" || name === "scalar") return scalar;
    if (name === "vector") return new Set();
    const inner = parts.map(labelsOf).find((result) => result !== scalar) ?? new Set<string>();
    if (name === "histogram_quantile") return without(inner, ["le"]);
    if (name !== "label_replace") return inner;
    return new Set([...inner, textOf(parts[1]!).slice(1, -1)]);
  }

  function combined(node: SyntaxNode, left: Result, right: Result): Result {
    if (left === scalar) return right;
    if (right === scalar) return left;
    if (node.getChild("Or") !== null) return new Set([...left, ...right]);
    if (node.getChild("And") !== null || node.getChild("Unless") !== null) return left;
    const clause = node.getChild("MatchingModifierClause");
    if (clause === null) return left;
    const [named = [], joined = []] = groupingLabels(clause, textOf);
    if (clause.getChild("GroupLeft") !== null) return new Set([...left, ...joined]);
    if (clause.getChild("GroupRight") !== null) return new Set([...right, ...joined]);
    return clause.getChild("On") === null ? without(left, named) : new Set(named);
  }

  const top = childExpressions(parser.parse(expression).topNode)[0];
  if (top === undefined) throw new Error("no PromQL");
  const result = labelsOf(top);
  return result === scalar ? new Set() : result;
}

function childExpressions(node: SyntaxNode): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) {
    if (expressions.test(child.name)) found.push(child);
  }
  return found;
}

/** The label lists below a node, in their order. */
function groupingLabels(node: SyntaxNode, textOf: (node: SyntaxNode) => string): string[][] {
  return node
    .getChildren("GroupingLabels")
    .map((list) => list.getChildren("LabelName").map((label) => textOf(label)));
}

function without(labels: Labels, named: readonly string[]): Labels {
  return new Set([...labels].filter((label) => !named.includes(label)));
}
