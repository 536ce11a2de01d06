/**
 * The report of a load test as a page that stands alone: verdict and red lines first, then what was
 * measured, what was modelled, and how far both agree. No script, nothing loaded.
 */
import type { LoadReport } from "../../src/config/schema-load-report.ts";
import { html, type Html } from "./html.ts";
import { wirePictures } from "./load-charts.ts";
import {
  checkTable,
  comparedTable,
  conservationTable,
  generatorTable,
  parameterTable,
  processTable,
  tierTable,
  validationTable,
  wireTable,
} from "./load-tables.ts";
import { counted, decimal, things } from "./number-format.ts";
import { loadAlerts, loadHead, loadName, loadTiles } from "./load-page-head.ts";
import { htmlDocument } from "./page-parts.ts";
import { modelPictures } from "./report-charts.ts";
import { validationPicture } from "./validation-picture.ts";

/** The page; it ends with a newline. */
export function loadHtmlReport(report: LoadReport): string {
  return htmlDocument(`${report.verdict}: ${loadName(report)} (load test)`, [
    loadHead(report),
    loadAlerts(report),
    loadTiles(report),
    checkSection(report),
    wireSection(report),
    modelSection(report),
    comparedSection(report),
    validationSection(report),
    conservationSection(report),
    costSection(report),
    foot(report),
  ]);
}

function section(title: string, words: string, content: readonly Html[]): Html {
  return html`<h2>${title}</h2>
    <p class="soft">${words}</p>
    ${content} `;
}

function checkSection(report: LoadReport): Html {
  if (report.checks.length + report.budgets.length === 0) return html``;
  return section("What had to hold", "Red lines first; each says where its value comes from.", [
    checkTable(report),
  ]);
}

function subsection(title: string, words: string, content: Html): Html {
  return html`<h3 class="sub">${title}</h3>
    <p class="soft">${words}</p>
    ${content} `;
}

function wireSection(report: LoadReport): Html {
  const { main, others } = wirePictures(report);
  const { viewers, durationSec, edges, tiers } = report.wire;
  const where = edges === 0 ? "the target's servers" : things(edges, "edge");
  return section(
    "On the wire",
    `Measured: ${things(viewers, "real viewer")} of ${where}, each with sockets of its own; means are over ${counted(durationSec)} s.`,
    [
      main,
      html`<div class="grid-2" style="margin-top:1rem">${others}</div> `,
      ...(tiers.length === 0
        ? []
        : [subsection("Tiers", "Measured by each tier's own counters.", tierTable(report))]),
      subsection("What viewers met", "Measured by the viewers themselves.", wireTable(report)),
    ],
  );
}

function modelSection({ modelled }: LoadReport): Html {
  if (modelled === null) return html``;
  const { main, others } = modelPictures(modelled.report);
  const { viewers, edgeCount } = modelled.report.headline;
  const replay = modelled.inputsFile === null ? "" : ` Its inputs: ${modelled.inputsFile}.`;
  return section(
    "In the model",
    `Modelled: ${things(viewers, "viewer")} of ${things(edgeCount, "edge")} in virtual time, ${decimal(modelled.timeRatio)} seconds of the night in one of the load test's, at most ${decimal(modelled.behindSecMax)} s behind.${replay}`,
    [main, html`<div class="grid-2" style="margin-top:1rem">${others}</div> `],
  );
}

function comparedSection(report: LoadReport): Html {
  const words =
    report.modelled === null
      ? "Measured on the wire; there was no model."
      : "Measured on the wire beside modelled for the whole audience: two different crowds. Whether the model is right is the next section's question.";
  return section("The figures", words, [comparedTable(report)]);
}

function validationSection({ validation, modelled }: LoadReport): Html {
  if (validation === null || validation.rows.length === 0) {
    if (modelled === null) return html``;
    return section("Model against wire", "Not compared in this run.", []);
  }
  const { seeds = [] } = validation;
  const means =
    seeds.length < 2 ? "" : ` Modelled figures are means of the seeds ${seeds.join(", ")}.`;
  return section(
    "Model against wire",
    `Measured runs of few viewers, and model runs of as many with the wire's own parameters.${means}`,
    [
      validationPicture(validation),
      html`<div style="margin-top:1rem">${validationTable(validation)}</div> `,
      subsection(
        "Parameters of both",
        "What the wire had and what the model was given.",
        parameterTable(validation),
      ),
    ],
  );
}

function conservationSection(report: LoadReport): Html {
  if (report.conservation.length === 0) return html``;
  return section(
    "Does it add up?",
    "Measured: bytes that were counted at both ends of a connection.",
    [conservationTable(report)],
  );
}

function costSection(report: LoadReport): Html {
  return section("What it cost", "Measured: CPU and memory of each process.", [
    processTable(report),
    subsection(
      "The load generator",
      "Measured: one that cannot keep up would make servers look bad, or good.",
      generatorTable(report),
    ),
  ]);
}

function foot({ caveats, host, parameters, commit }: LoadReport): Html {
  const notes = caveats.map((caveat) => html`<li>${caveat}</li>`);
  return html`<footer class="note">
    ${
      notes.length === 0
        ? html``
        : html`<p>Before you believe these figures:</p>
            <ul>
              ${notes}
            </ul>`
    }
    <p>
      Measured means: through real sockets, on ${host.cpu}, ${host.kernel}, Node ${host.node}.
      Modelled means: computed in virtual time with the relay's and the player's own rules. Gbps are
      decimal and count media payload; on the wire, protocols add about 6 %.
    </p>
    <p>To run it again: <code>${parameters.command}</code> at ${commit}.</p>
  </footer> `;
}
