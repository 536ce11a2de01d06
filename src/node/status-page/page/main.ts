/** The status page: takes the token, asks the node every two seconds, shows what it says. */
import type { StatusDocument } from "../../../health/status-document.ts";
import { elementById, h, show } from "./dom.ts";
import { feedCards } from "./feed-view.ts";
import { forgetToken, keepToken, keptToken, takeFragmentToken } from "./session-token.ts";
import { StatusPoll } from "./status-poll.ts";
import {
  announcement,
  faultsView,
  figuresView,
  footerView,
  qualityView,
  verdictView,
} from "./summary-view.ts";
import { nodeTable, tierPicture } from "./tier-picture.ts";
import { durationWords } from "./words.ts";

/** An answer that is older is said to be. */
const freshMs = 5_000;

const part = (id: string): HTMLElement => elementById(id, HTMLElement);
const form = elementById("token-form", HTMLFormElement);
const tokenField = elementById("token", HTMLInputElement);

let latest: StatusDocument | undefined;
let heardMs = 0;
let trouble = "";

const poll = new StatusPoll({
  status: (status) => {
    latest = status;
    heardMs = performance.now();
    trouble = "";
    render();
  },
  refused: () => {
    forgetToken();
    askForToken("The node does not know this token. It may have been started with a new one.");
  },
  failed: (why) => {
    trouble = why;
    renderLive();
  },
});

function begin(token: string): void {
  keepToken(token);
  tokenField.value = "";
  form.hidden = true;
  poll.start(token);
}

function askForToken(problem: string): void {
  poll.stop();
  latest = undefined;
  trouble = "";
  part("status").hidden = true;
  part("live").hidden = true;
  form.hidden = false;
  part("token-problem").textContent = problem;
  part("token-problem").hidden = problem === "";
  tokenField.focus();
}

function render(): void {
  if (latest === undefined) return;
  part("status").hidden = false;
  show(part("verdict"), ...verdictView(latest));
  show(part("figures"), ...figuresView(latest));
  show(part("table"), nodeTable(latest));
  show(part("feeds"), ...feedCards(latest.feeds, latest.nowUnixMs));
  show(part("quality"), ...qualityView(latest));
  show(part("faults"), ...faultsView(latest));
  show(part("footer"), ...footerView(latest));
  renderPicture();
  renderLive();
  const words = announcement(latest);
  if (part("announcer").textContent !== words) part("announcer").textContent = words;
}

/** By the width there is. */
function renderPicture(): void {
  const width = Math.floor(part("path").clientWidth);
  if (latest === undefined || width === 0) return;
  show(part("path"), ...tierPicture(latest, width));
}

/** Whether what is shown is of now, and if not, how old it is. */
function renderLive(): void {
  const ageMs = performance.now() - heardMs;
  const isFresh = latest !== undefined && trouble === "" && ageMs < freshMs;
  const age = latest === undefined ? "" : `, shown as of ${durationWords(ageMs)} ago`;
  const words = isFresh ? "Live" : `${trouble === "" ? "Waiting for an answer" : sentence()}${age}`;
  const live = part("live");
  live.hidden = false;
  live.className = isFresh ? "live is-live" : "live is-late";
  part("status").classList.toggle("is-old", !isFresh);
  show(live, h("span", { class: "live-dot", "aria-hidden": "true" }), h("span", {}, words));
}

function sentence(): string {
  return trouble.charAt(0).toUpperCase() + trouble.slice(1);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const token = tokenField.value.trim();
  if (token !== "") begin(token);
});

/** A link with a token that is opened in this tab again. */
addEventListener("hashchange", () => {
  const token = takeFragmentToken();
  if (token !== undefined) begin(token);
});

new ResizeObserver(() => renderPicture()).observe(part("path"));
setInterval(() => {
  if (!form.hidden) return;
  renderLive();
}, 1_000);

const token = takeFragmentToken() ?? keptToken();
if (token === undefined || token === "") askForToken("");
else begin(token);
