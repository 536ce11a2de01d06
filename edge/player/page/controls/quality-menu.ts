/**
 * The quality button and its menu: a menu of radio items, by mouse, touch and keyboard. Below them
 * stand a few commands, which the embed page and phones have no other place for.
 */
import { elementById, setText } from "../view/elements.ts";
import { Popup } from "./popup.ts";
import {
  qualityItems,
  qualitySummary,
  type QualityChoice,
  type QualityRung,
} from "../playback/quality.ts";

export interface QualityView {
  rungs: readonly QualityRung[];
  choice: QualityChoice;
  playingRung: string | null;
  audioOffered: boolean;
}

export interface MenuCommand {
  label: string;
  /** The key that does the same. */
  key: string;
  run: () => void;
}

export class QualityMenu {
  readonly #button = elementById("quality", HTMLButtonElement);
  readonly #word = elementById("quality-word", HTMLElement);
  readonly #menu = elementById("quality-menu", HTMLElement);
  readonly #choices = elementById("quality-choices", HTMLElement);
  readonly #popup = new Popup(this.#button, this.#menu, () => this.#focusChecked());
  readonly #choose: (choice: QualityChoice) => void;
  #shown = "";

  constructor(options: {
    choose: (choice: QualityChoice) => void;
    commands: readonly MenuCommand[];
  }) {
    this.#choose = options.choose;
    this.#menu.addEventListener("keydown", (event) => this.#moveFocus(event));
    const commands = options.commands.map(({ label, key, run }) =>
      this.#item("menuitem", { label, detail: key, run }),
    );
    elementById("menu-commands", HTMLElement).append(...commands);
  }

  show(view: QualityView): void {
    setText(this.#word, qualitySummary(view));
    const items = qualityItems(view);
    const shown = JSON.stringify(items);
    if (shown === this.#shown) return;
    this.#shown = shown;
    const focused = [...this.#choices.children].indexOf(document.activeElement!);
    this.#choices.replaceChildren(
      ...items.map(({ choice, label, detail, isChecked }) => {
        const run = (): void => this.#choose(choice);
        const item = this.#item("menuitemradio", { label, detail, run });
        item.setAttribute("aria-checked", String(isChecked));
        return item;
      }),
    );
    if (focused >= 0) this.#items()[focused]?.focus();
  }

  #item(
    role: "menuitem" | "menuitemradio",
    { label, detail, run }: { label: string; detail: string; run: () => void },
  ): HTMLButtonElement {
    const item = document.createElement("button");
    item.type = "button";
    item.setAttribute("role", role);
    item.tabIndex = -1;
    item.append(textSpan("item-label", label), textSpan("item-detail", detail));
    item.addEventListener("click", () => {
      this.#popup.leave();
      run();
    });
    return item;
  }

  #items(): HTMLElement[] {
    return [...this.#menu.querySelectorAll<HTMLElement>("button")];
  }

  #focusChecked(): void {
    const items = this.#items();
    const checked = items.find((item) => item.getAttribute("aria-checked") === "true");
    (checked ?? items[0])?.focus();
  }

  #moveFocus(event: KeyboardEvent): void {
    const items = this.#items();
    const at = items.findIndex((item) => item === document.activeElement);
    const target = {
      ArrowDown: (at + 1) % items.length,
      ArrowUp: (at - 1 + items.length) % items.length,
      Home: 0,
      End: items.length - 1,
    }[event.key];
    if (target !== undefined) {
      items[target]?.focus();
      event.preventDefault();
    } else if (event.key !== "Enter" && event.key !== " ") {
      return;
    }
    event.stopPropagation();
  }
}

function textSpan(className: string, text: string): HTMLSpanElement {
  const span = document.createElement("span");
  span.className = className;
  span.textContent = text;
  return span;
}
