/** The dialog that shares the broadcast: its link, a snippet for other sites, the system's sheet. */
import { copyByButton } from "./copy-text.ts";
import { closeByBackdrop, elementById } from "../view/elements.ts";
import { embedSnippet } from "./embed-snippet.ts";
import type { PageLocation } from "../system/page-location.ts";
import { hasFinePointer } from "../view/screen.ts";

export class ShareDialog {
  readonly #dialog = elementById("share-dialog", HTMLDialogElement);

  constructor(place: PageLocation, title: string) {
    const link = elementById("share-link", HTMLInputElement);
    const embed = elementById("share-embed", HTMLTextAreaElement);
    const absolute = (url: string): string => new URL(url, location.href).href;
    link.value = absolute(place.watchUrl);
    embed.value = embedSnippet({ url: absolute(place.embedUrl), title });
    elementById("share-ticket", HTMLElement).hidden = !location.pathname.includes("/t/");
    for (const [id, field] of [
      ["share-link-copy", link],
      ["share-embed-copy", embed],
    ] as const) {
      const button = elementById(id, HTMLButtonElement);
      button.addEventListener("click", () => void copyByButton(button, field.value));
      // Under a finger a selection calls up handles and a menu of the system.
      field.addEventListener("focus", () => hasFinePointer() && field.select());
    }
    const system = elementById("share-system", HTMLButtonElement);
    const shared = { title, url: link.value };
    // It says no in a frame that is not allowed to, where there is a `share` all the same.
    system.hidden = !("canShare" in navigator && navigator.canShare(shared));
    system.addEventListener("click", () => {
      // Refused or cancelled: the dialog is still there.
      navigator.share(shared).catch(() => undefined);
    });
    closeByBackdrop(this.#dialog);
  }

  /** The browser gives the focus back when the dialog closes. */
  open(): void {
    this.#dialog.showModal();
    if (!hasFinePointer()) elementById("share-link-copy", HTMLButtonElement).focus();
  }
}
