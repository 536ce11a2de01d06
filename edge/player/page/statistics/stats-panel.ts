/**
 * The statistics over the picture. They are taken once a second, and only while they are open; the
 * small lines begin when they are opened. Loaded when first wanted (stats-switch.ts).
 */
import { copyByButton } from "../controls/copy-text.ts";
import { elementById, setText } from "../view/elements.ts";
import { takeStatistics, type PlayerStatistics } from "./player-statistics.ts";
import type { Session } from "../state/session.ts";
import { pushValue, sparklinePath } from "./sparkline.ts";
import { secondsText, statisticsLines, throughputText } from "./statistics-text.ts";

export interface StatsSource {
  session: Session;
  video: HTMLVideoElement;
  feed: string;
}

const takenEveryMs = 1_000;
const spark = { width: 120, height: 32 };
const svgNamespace = "http://www.w3.org/2000/svg";

interface Curve {
  label: string;
  value: (statistics: PlayerStatistics) => number | null;
  text: (value: number | null) => string;
}

const curves: readonly Curve[] = [
  { label: "Buffer", value: ({ bufferSec }) => bufferSec, text: secondsText },
  {
    label: "Bandwidth",
    value: ({ throughputBitsPerSec }) => throughputBitsPerSec,
    text: throughputText,
  },
  { label: "Latency", value: ({ latencySec }) => latencySec, text: secondsText },
];

export class StatsPanel {
  readonly #source: StatsSource;
  readonly #panel = elementById("stats", HTMLElement);
  readonly #curves: CurveView[];
  readonly #list = document.createElement("dl");
  readonly #values: HTMLElement[] = [];
  #labels = "";
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(source: StatsSource) {
    this.#source = source;
    this.#curves = curves.map((curve) => new CurveView(curve));
    const cards = document.createElement("div");
    cards.className = "stats-curves";
    cards.append(...this.#curves.map(({ element }) => element));
    const copy = button("Copy", () => void copyByButton(copy, this.#json()));
    const close = button("Close", () => this.#leave());
    const head = document.createElement("div");
    head.className = "panel-head";
    const title = document.createElement("h2");
    title.textContent = "Statistics";
    title.id = "stats-title";
    head.append(title, copy, close);
    this.#panel.append(head, cards, this.#list);
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.defaultPrevented || this.#panel.hidden) return;
      if (document.querySelector("dialog[open]") === null) this.#leave();
    });
  }

  toggle(): void {
    const isOpen = this.#panel.hidden;
    this.#panel.hidden = !isOpen;
    clearInterval(this.#timer);
    if (!isOpen) return;
    for (const curve of this.#curves) curve.clear();
    this.#show();
    this.#timer = setInterval(() => this.#show(), takenEveryMs);
  }

  /** Closes; the focus must not be lost with the button that had it. */
  #leave(): void {
    const hadFocus = this.#panel.contains(document.activeElement);
    this.toggle();
    if (hadFocus) elementById("player", HTMLElement).focus();
  }

  #show(): void {
    const statistics = this.#take();
    for (const curve of this.#curves) curve.add(statistics);
    const lines = statisticsLines(statistics);
    const labels = lines.map(({ label }) => label).join();
    if (labels !== this.#labels) this.#layOut(lines.map(({ label }) => label));
    this.#labels = labels;
    lines.forEach(({ value }, index) => setText(this.#values[index]!, value));
  }

  #layOut(labels: readonly string[]): void {
    this.#values.length = 0;
    this.#list.replaceChildren(
      ...labels.flatMap((label) => {
        const term = document.createElement("dt");
        term.textContent = label;
        const value = document.createElement("dd");
        this.#values.push(value);
        return [term, value];
      }),
    );
  }

  #take(): PlayerStatistics {
    const { session, video, feed } = this.#source;
    return takeStatistics(session, { video, feed });
  }

  #json(): string {
    const lastMinute = Object.fromEntries(
      this.#curves.map(({ label, values }) => [label.toLowerCase(), values]),
    );
    const { userAgent } = navigator;
    return JSON.stringify({ ...this.#take(), lastMinute, userAgent }, null, 2);
  }
}

/** One small line with its name and newest value. */
class CurveView {
  readonly element = document.createElement("div");
  readonly values: (number | null)[] = [];
  readonly label: string;
  readonly #curve: Curve;
  readonly #newest = document.createElement("b");
  readonly #path = document.createElementNS(svgNamespace, "path");

  constructor(curve: Curve) {
    this.#curve = curve;
    this.label = curve.label;
    const svg = document.createElementNS(svgNamespace, "svg");
    svg.setAttribute("viewBox", `0 0 ${spark.width} ${spark.height}`);
    svg.setAttribute("preserveAspectRatio", "none");
    svg.setAttribute("aria-hidden", "true");
    svg.append(this.#path);
    const label = document.createElement("span");
    label.textContent = curve.label;
    this.element.append(label, this.#newest, svg);
  }

  clear(): void {
    this.values.length = 0;
  }

  add(statistics: PlayerStatistics): void {
    const value = this.#curve.value(statistics);
    pushValue(this.values, value);
    setText(this.#newest, this.#curve.text(value));
    this.#path.setAttribute("d", sparklinePath(this.values, spark));
  }
}

function button(label: string, action: () => void): HTMLButtonElement {
  const element = document.createElement("button");
  element.type = "button";
  element.textContent = label;
  element.addEventListener("click", action);
  return element;
}
