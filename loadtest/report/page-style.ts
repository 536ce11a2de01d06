/** The look of report pages: one style sheet within the page, for screens in both themes and paper. */

/** Colours of the rungs, low to high: a ramp, because rungs are in order. */
const rungColours = [
  ["#4a2a63", "#7a57a6"],
  ["#7c2f6b", "#a3568f"],
  ["#a8335c", "#c9537a"],
  ["#cf4f4a", "#e06d63"],
  ["#e5833f", "#ec9a58"],
  ["#efb055", "#f2be70"],
  ["#f3d382", "#f5dc98"],
  ["#cfdfae", "#dbe8bd"],
] as const;

/** Colours of compared scenarios: told apart by hue, and by dashes on paper. */
const scenarioColours = [
  ["#a3122f", "#ff7288"],
  ["#1f6a92", "#63b4e0"],
  ["#a86a1c", "#e6b26a"],
  ["#3f7a3a", "#7fc47a"],
  ["#6b4c9a", "#b39ae0"],
  ["#127a72", "#4fc4b9"],
  ["#6a5a64", "#b5a3af"],
  ["#c04a78", "#f08cb4"],
] as const;

export const scenarioStyleCount = scenarioColours.length;

/** The class of a rung: the ramp is spread over however many there are. */
export function rungStyle(index: number, count: number): string {
  const last = rungColours.length - 1;
  return `rung-${count === 1 ? 4 : Math.round((index * last) / (count - 1))}`;
}

function colours(prefix: string, pairs: readonly (readonly [string, string])[], theme: 0 | 1) {
  return pairs.map((pair, i) => `--${prefix}-${i}:${pair[theme]};`).join("");
}

function classes(prefix: string, count: number): string {
  return Array.from({ length: count }, (_, i) => `.${prefix}-${i}{--c:var(--${prefix}-${i})}`).join(
    "\n",
  );
}

const dark = `
  --curtain:#ff7288; --brass:#e6b26a; --cool:#63b4e0; --leaf:#7fc47a;
  --paper:#120c14; --raised:#1d141f; --ink:#f8efe6; --soft:#b9a8b3; --line:#3a2b40; --glow:rgb(194 33 63 / 24%);
  ${colours("rung", rungColours, 1)}${colours("scenario", scenarioColours, 1)}`;

const light = `
  --curtain:#a3122f; --brass:#96601b; --cool:#1f6a92; --leaf:#3f7a3a;
  --paper:#fbf7f1; --raised:#fffdfa; --ink:#1f141d; --soft:#6a5a64; --line:#e6dbd2; --glow:rgb(163 18 47 / 10%);
  ${colours("rung", rungColours, 0)}${colours("scenario", scenarioColours, 0)}`;

export const pageStyle = `
:root{color-scheme:light dark;${light}
  --font:"Avenir Next",Avenir,"Segoe UI Variable","Segoe UI",Roboto,"Helvetica Neue","Liberation Sans",Arial,sans-serif;
  --display:"Iowan Old Style","Palatino Linotype",Palatino,"Book Antiqua",Georgia,"Liberation Serif",serif}
@media screen and (prefers-color-scheme:dark){:root{${dark}}}
*{box-sizing:border-box}
body{margin:0;background:radial-gradient(90rem 36rem at 50% -12rem,var(--glow),transparent) no-repeat var(--paper);color:var(--ink);font:16px/1.55 var(--font);-webkit-text-size-adjust:100%}
main{max-width:70rem;margin:0 auto;padding:3.2rem 1.25rem 4rem}
h1{font:600 clamp(1.7rem,4.6vw,3rem)/1.15 var(--display);margin:.5rem 0 .9rem;text-wrap:balance;overflow-wrap:anywhere}
h2{font:600 1.5rem/1.25 var(--display);margin:3rem 0 .3rem}
h2+p{margin:0 0 1rem}
h3{font:600 1.02rem/1.3 var(--font);margin:0}
p{max-width:46rem;margin:.4rem 0}
.soft,.note{color:var(--soft)}
.note{font-size:.86rem}
.eyebrow{display:flex;flex-wrap:wrap;gap:.7rem;align-items:center;color:var(--soft);font-size:.9rem;margin:0}
.badge{background:var(--curtain);color:var(--paper);font-weight:700;font-size:.72rem;letter-spacing:.09em;text-transform:uppercase;border-radius:99px;padding:.22rem .7rem}
.verdict{font-size:1.12rem;max-width:52rem}
.facts{display:flex;flex-wrap:wrap;gap:.3rem 1.6rem;margin:1.1rem 0 0;font-size:.9rem}
.facts div{display:flex;gap:.45rem}
.facts dt{color:var(--soft)}
.facts dd{margin:0;font-weight:600;overflow-wrap:anywhere}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(10.4rem,1fr));gap:.8rem;margin:2rem 0 0;padding:0}
.tile{background:var(--raised);border:1px solid var(--line);border-radius:14px;padding:.85rem 1rem .8rem}
.tile dt{color:var(--soft);font-size:.84rem}
.tile dd{margin:0}
.tile .value{font:600 1.72rem/1.2 var(--display);font-variant-numeric:lining-nums tabular-nums;white-space:nowrap}
.tile .value small{font-size:.58em;font-weight:400}
.tile .more{color:var(--soft);font-size:.8rem}
.grid-2{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:1rem}
figure{margin:1rem 0 0;background:var(--raised);border:1px solid var(--line);border-radius:14px;padding:1rem 1.1rem .8rem;min-width:0}
.grid-2 figure{margin:0}
figcaption p{color:var(--soft);font-size:.88rem;margin:.15rem 0 .6rem}
svg{display:block;width:100%;height:auto;overflow:visible}
svg text{font-family:var(--font);font-size:12.5px;fill:var(--soft);font-variant-numeric:tabular-nums}
.grid{stroke:var(--line);stroke-width:1;fill:none}
.axis{stroke:var(--soft);stroke-width:1;fill:none}
svg .caption{font-size:12px}
.line{fill:none;stroke:var(--c);stroke-width:2;stroke-linejoin:round;vector-effect:non-scaling-stroke}
.area{fill:var(--c);opacity:.14}
.band{fill:var(--c);stroke:var(--raised);stroke-width:.6}
.bar{fill:var(--c)}
.reference{stroke:var(--brass);stroke-width:1.6;stroke-dasharray:7 5;fill:none;vector-effect:non-scaling-stroke}
svg .reference-label{fill:var(--brass);font-weight:600;paint-order:stroke;stroke:var(--raised);stroke-width:4px}
.mark{stroke:var(--ink);stroke-width:1;stroke-dasharray:2 3;fill:none;vector-effect:non-scaling-stroke}
.mark-sign{fill:var(--ink)}
svg .mark-text{fill:var(--raised);font-size:11px;font-weight:700}
svg .bar-name,svg .bar-value{fill:var(--ink);font-size:13px}
.gate{fill:var(--leaf);opacity:.16}
.gate-middle{stroke:var(--soft);stroke-width:1;stroke-dasharray:2 3;fill:none}
.within{fill:var(--leaf)}.beyond{stroke:var(--curtain);stroke-width:3.4;fill:none}
svg .beyond-value{fill:var(--curtain);font-weight:700}
.hover rect{fill:transparent}
.hover rect:hover{fill:var(--ink);opacity:.1}
.wide-only{display:block}.narrow-only{display:none}
.main{--c:var(--curtain)}.cool{--c:var(--cool)}.brass{--c:var(--brass)}.leaf{--c:var(--leaf)}
${classes("rung", rungColours.length)}
${classes("scenario", scenarioColours.length)}
.line.scenario-1{stroke-dasharray:9 3}.line.scenario-2{stroke-dasharray:3 3}.line.scenario-3{stroke-dasharray:12 3 3 3}
.line.scenario-5{stroke-dasharray:9 3}.line.scenario-6{stroke-dasharray:3 3}.line.scenario-7{stroke-dasharray:12 3 3 3}
.legend{display:flex;flex-wrap:wrap;gap:.25rem 1.1rem;list-style:none;margin:.5rem 0 .2rem;padding:0;font-size:.86rem}
.legend li{display:flex;align-items:center;gap:.4rem}
.legend svg{width:1.5rem;height:.8rem;flex:none}
details{margin:.5rem 0 0;font-size:.86rem}
summary{cursor:pointer;color:var(--soft)}
.scroll{overflow-x:auto;-webkit-overflow-scrolling:touch}
table{border-collapse:collapse;width:100%;font-size:.93rem}
th,td{text-align:left;padding:.42rem .8rem .42rem 0;border-bottom:1px solid var(--line);vertical-align:baseline}
thead th{color:var(--soft);font-weight:600;font-size:.84rem}
tbody th{font-weight:500;min-width:9rem}
.figures th:first-child{width:15rem}.figures td:nth-child(2){width:9rem}.figures td:last-child,.figures thead th:last-child{padding-left:1.6rem}
.events th:first-child{width:4rem;min-width:0}.events td:nth-child(2){width:6rem}.events td:last-child,.events thead th:last-child{padding-left:1.6rem}
tr.group th{padding-top:1.3rem;font:600 1.05rem/1.3 var(--display);border-bottom-color:var(--soft)}
.number{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums;padding-left:.6rem}
td .change{color:var(--soft);font-size:.82em;display:block}
.plain{background:var(--raised);border:1px solid var(--line);border-radius:14px;padding:.4rem 1.1rem 1rem}
.alert{background:var(--raised);border:2px solid var(--curtain);border-radius:14px;padding:.8rem 1.1rem 1rem;margin:1.4rem 0 0}
.alert h2{margin:0 0 .4rem;font-size:1.25rem}.alert ul{margin:0;padding-left:1.2rem}.alert li{margin:.35rem 0;overflow-wrap:anywhere}
.badge.passed{background:var(--leaf)}.badge.plain-badge{background:none;color:var(--soft);border:1px solid var(--line)}
.sub{margin:2rem 0 .1rem;font-size:1.15rem}.sub+p{margin:0 0 .8rem}
.verdicts td:nth-child(2){padding-left:.6rem;width:4rem;white-space:nowrap}.verdicts thead th:nth-child(2){padding-left:.6rem}.verdicts .note{display:block}
.good{color:var(--leaf);font-weight:600}.bad{color:var(--curtain);font-weight:700}
code{font:.86em ui-monospace,"Liberation Mono",monospace;background:var(--raised);border:1px solid var(--line);border-radius:6px;padding:.1rem .35rem;overflow-wrap:anywhere}
footer{margin-top:3rem;padding-top:1.2rem;border-top:1px solid var(--line)}
@media (max-width:46rem){
  main{padding-top:1.8rem}
  .grid-2{grid-template-columns:minmax(0,1fr)}
  .wide-only{display:none}.narrow-only{display:block}
  svg text,svg .caption{font-size:15px}
  svg .bar-name,svg .bar-value{font-size:16px}
  figure,.plain{padding:.8rem .75rem .6rem}
  .figures thead th:last-child{display:none}
  .figures table,.figures thead,.figures tbody,.figures .group,.figures .group th{display:block}
  .figures thead tr{display:flex;justify-content:space-between}.figures .group th:first-child{width:auto}
  .figures tbody tr:not(.group){display:grid;grid-template-columns:1fr auto;border-bottom:1px solid var(--line);padding:.35rem 0}
  .figures tbody tr:not(.group)>*{border:0;padding:0;width:auto}
  .figures td:last-child{grid-column:1/-1;font-size:.88em}
  .events td:last-child,.events thead th:last-child{padding-left:.6rem}
  .tiles{grid-template-columns:repeat(2,minmax(0,1fr))}
  .tile{padding:.7rem .75rem}.tile .value{font-size:1.4rem}
}
@media print{
  body{background:none;font-size:11pt}
  main{max-width:none;padding:0}
  .wide-only{display:block}.narrow-only{display:none}
  .grid-2{grid-template-columns:repeat(2,minmax(0,1fr))}
  figure,.tile,.plain,tr{break-inside:avoid}
  h2{break-after:avoid;margin-top:1.6rem}
  details{display:none}
  svg text,svg .caption{font-size:15px}
  *{-webkit-print-color-adjust:exact;print-color-adjust:exact}
}
`;
