/** How far model and wire are apart, as a picture of the judged figures. */
import type { LoadReport } from "../../src/config/schema-load-report.ts";
import { smallChart, wideChart } from "./chart-frame.ts";
import { gateChart, type GateGroup } from "./gate-chart.ts";
import { html, type Html } from "./html.ts";
import { differenceWords, gateWords } from "./load-words.ts";
import { things } from "./number-format.ts";
import { figure } from "./page-parts.ts";

type Validation = NonNullable<LoadReport["validation"]>;

/** Nothing where no figure has a gate. */
export function validationPicture(validation: Validation): Html {
  const groups = groupsOf(validation);
  if (groups.length === 0) return html``;
  const title = "How far model and wire are apart, modelled less measured";
  const caption =
    "The band is the gate; a disc lies within it, a cross beyond; what is further out stands at the rim.";
  const rows = groups.flatMap((group) => group.rows.map((row) => ({ group, row })));
  const description = rows
    .map(({ group, row }) => `${group.name}, ${row.name}: ${row.words}${row.ok ? "" : ", red"}`)
    .join("; ");
  const chart = { title, description, groups };
  return figure({
    ...{ title, caption },
    picture: {
      wide: gateChart({ ...chart, id: "gates", size: wideChart }),
      narrow: gateChart({ ...chart, id: "gates-narrow", size: smallChart }),
    },
  });
}

/** Judged figures, each with its numbers of viewers. */
function groupsOf({ rows }: Validation): GateGroup[] {
  const judged = rows.flatMap(({ viewers, figures }) =>
    figures.flatMap((one) => (one.gate === null ? [] : [{ viewers, one, gate: one.gate }])),
  );
  return [...new Set(judged.map(({ one }) => one.name))].map((name) => {
    const own = judged.filter(({ one }) => one.name === name);
    return {
      name: `${name}, gate ${gateWords(name, own[0]!.gate)}`,
      rows: own.map(({ viewers, one, gate }) => ({
        name: things(viewers, "viewer"),
        words: differenceWords(one),
        ratio: one.difference === null ? undefined : ratioTo(one.difference, gate.bound),
        ok: one.ok,
      })),
    };
  });
}

/** Of a gate of 0, any difference is infinitely many. */
function ratioTo(difference: number, bound: number): number {
  return difference === 0 ? 0 : difference / bound;
}
