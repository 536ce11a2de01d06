/** The quality button and its menu: a menu of radio items, by mouse, touch and keyboard. */
import { elementById, setText } from "./elements.ts";
import { qualityItems, qualitySummary, type QualityChoice, type QualityRung } from "./quality.ts";

export interface QualityView {
  rungs: readonly QualityRung[];
  choice: QualityChoice;
  playingRung: string | null;
  audioOffered: boolean;
}

export class QualityMenu {
  readonly #button = elementById("quality", HTMLButtonElement);
  readonly #word = elementById("quality-word", HTMLElement);
  readonly #menu = elementById("quality-menu", HTMLElement);
  readonly #choose: (choice: QualityChoice) => void;
  #shown = "";

  constructor({ choose }: { choose: (choice: QualityChoice) => void }) {
    this.#choose = choose;
    this.#button.addEventListener("click", () => this.#toggle(!this.isOpen));
    this.#menu.addEventListener("keydown", (event) => this.#moveFocus(event));
    document.addEventListener("pointerdown", (event) => {
      const path = event.composedPath();
      if (!path.includes(this.#menu) && !path.includes(this.#button)) this.#toggle(false);
    });
    this.#menu.addEventListener("focusout", (event) => {
      const { relatedTarget } = event;
      if (relatedTarget instanceof Node && !this.#menu.contains(relatedTarget)) this.#toggle(false);
    });
  }

  get isOpen(): boolean {
    return this.#button.getAttribute("aria-expanded") === "true";
  }

  show(view: QualityView): void {
    setText(this.#word, qualitySummary(view));
    const items = qualityItems(view);
    const shown = JSON.stringify(items);
    if (shown === this.#shown) return;
    this.#shown = shown;
    const focused = [...this.#menu.children].findIndex((item) => item === document.activeElement);
    this.#menu.replaceChildren(
      ...items.map(({ choice, label, detail, isChecked }) => {
        const item = document.createElement("button");
        item.type = "button";
        item.setAttribute("role", "menuitemradio");
        item.setAttribute("aria-checked", String(isChecked));
        item.tabIndex = -1;
        item.append(textSpan("item-label", label), textSpan("item-detail", detail));
        item.addEventListener("click", () => {
          this.#toggle(false);
          this.#button.focus();
          this.#choose(choice);
        });
        return item;
      }),
    );
    if (focused >= 0) this.#focus(focused);
  }

  #toggle(isOpen: boolean): void {
    if (isOpen === this.isOpen) return;
    this.#menu.hidden = !isOpen;
    this.#button.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) {
      const items = [...this.#menu.children];
      const checked = items.findIndex((item) => item.getAttribute("aria-checked") === "true");
      this.#focus(Math.max(0, checked));
    }
  }

  #moveFocus(event: KeyboardEvent): void {
    const items = [...this.#menu.children];
    const at = items.findIndex((item) => item === document.activeElement);
    const target = {
      ArrowDown: (at + 1) % items.length,
      ArrowUp: (at - 1 + items.length) % items.length,
      Home: 0,
      End: items.length - 1,
    }[event.key];
    if (target !== undefined) this.#focus(target);
    else if (event.key === "Escape") {
      this.#toggle(false);
      this.#button.focus();
    } else if (event.key !== "Enter" && event.key !== " ") {
      return;
    }
    event.stopPropagation();
    if (event.key !== "Enter" && event.key !== " ") event.preventDefault();
  }

  #focus(index: number): void {
    const item = this.#menu.children[index];
    if (item instanceof HTMLElement) item.focus();
  }
}

function textSpan(className: string, text: string): HTMLSpanElement {
  const span = document.createElement("span");
  span.className = className;
  span.textContent = text;
  return span;
}
