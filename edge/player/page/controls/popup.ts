/**
 * A button and what it opens over the picture: closed by the button, by Escape (which gives the
 * focus back to the button), and by a press or a focus elsewhere.
 */
export class Popup {
  readonly #button: HTMLButtonElement;
  readonly #panel: HTMLElement;
  readonly #opened: () => void;

  constructor(button: HTMLButtonElement, panel: HTMLElement, opened: () => void) {
    this.#button = button;
    this.#panel = panel;
    this.#opened = opened;
    button.addEventListener("click", () => this.toggle());
    panel.addEventListener("keydown", (event) => this.#closeByKey(event));
    button.addEventListener("keydown", (event) => this.#closeByKey(event));
    document.addEventListener("pointerdown", (event) => {
      const path = event.composedPath();
      if (!path.includes(panel) && !path.includes(button)) this.close();
    });
    panel.addEventListener("focusout", ({ relatedTarget }) => {
      const isElsewhere = relatedTarget instanceof Node && !panel.contains(relatedTarget);
      if (isElsewhere && relatedTarget !== button) this.close();
    });
  }

  get isOpen(): boolean {
    return !this.#panel.hidden;
  }

  toggle(): void {
    if (this.isOpen) {
      this.close();
      return;
    }
    this.#panel.hidden = false;
    this.#button.setAttribute("aria-expanded", "true");
    this.#opened();
  }

  close(): void {
    this.#panel.hidden = true;
    this.#button.setAttribute("aria-expanded", "false");
  }

  /** Closes and puts the focus back where it came from. */
  leave(): void {
    this.close();
    this.#button.focus();
  }

  #closeByKey(event: KeyboardEvent): void {
    if (event.key !== "Escape" || !this.isOpen) return;
    event.preventDefault();
    event.stopPropagation();
    this.leave();
  }
}
