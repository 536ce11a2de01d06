/**
 * The sharing between viewers as the page shows it: a chip on the control bar, what opens from it,
 * and the notice of a first visit, which tells or asks, as the broadcaster wants it. The switch stays
 * at hand in what the chip opens.
 */
import { answerFor, isAnswered, type ConsentRule } from "./consent.ts";
import { elementById, setText } from "../view/elements.ts";
import { Popup } from "../controls/popup.ts";
import type { Preferences } from "../system/preferences.ts";
import {
  bytesText,
  noticeText,
  savedRatio,
  sharingText,
  unansweredText,
  uploadText,
  type SharingText,
} from "./sharing-text.ts";
import type { SwarmView } from "./swarm-view.ts";

export class SharingView {
  readonly #chip = elementById("sharing", HTMLButtonElement);
  readonly #chipWord = elementById("sharing-word", HTMLElement);
  readonly #chipShort = elementById("sharing-short", HTMLElement);
  readonly #panel = elementById("sharing-panel", HTMLElement);
  readonly #state = elementById("sharing-state", HTMLElement);
  readonly #upload = elementById("sharing-upload", HTMLElement);
  readonly #switch = elementById("sharing-switch", HTMLButtonElement);
  readonly #figures = elementById("sharing-figures", HTMLElement);
  readonly #notice = elementById("sharing-notice", HTMLElement);
  readonly #popup = new Popup(this.#chip, this.#panel, () => this.#opened());
  readonly #swarm: () => SwarmView | null;
  readonly #preferences: Preferences;
  readonly #rule: ConsentRule;
  #isAnswered: boolean;

  constructor(options: {
    swarm: () => SwarmView | null;
    preferences: Preferences;
    consent: ConsentRule;
  }) {
    this.#swarm = options.swarm;
    this.#preferences = options.preferences;
    this.#rule = options.consent;
    this.#isAnswered = isAnswered(options.preferences.read("swarm"), this.#rule);
    this.#switch.addEventListener("click", () => {
      this.#answer({ isAllowed: this.#switch.getAttribute("aria-checked") !== "true" });
    });
    const press = (id: string, action: () => void): void =>
      elementById(id, HTMLButtonElement).addEventListener("click", action);
    press("sharing-ok", () => this.#answer({ isAllowed: true }));
    press("sharing-off", () => this.#answer({ isAllowed: false }));
    press("sharing-more", () => this.toggle());
    press("sharing-close", () => this.#popup.leave());
  }

  /** Opens or closes what stands behind the chip, if there is one. */
  toggle(): void {
    if (!this.#chip.hidden) this.#popup.toggle();
  }

  show(): void {
    const swarm = this.#swarm();
    const text = swarm === null ? null : this.#textOf(swarm);
    this.#chip.hidden = text === null;
    if (swarm === null || text === null) {
      this.#popup.close();
      this.#notice.hidden = true;
      return;
    }
    this.#chip.dataset["tone"] = text.tone;
    setText(this.#chipWord, text.chip);
    setText(this.#chipShort, text.chipShort);
    const isPossible = text.tone === "on" || text.tone === "paused" || text === unansweredText;
    this.#notice.hidden = this.#isAnswered || !isPossible;
    if (!this.#notice.hidden) this.#showNotice(swarm);
    if (this.#popup.isOpen) this.#showPanel(swarm);
  }

  #textOf(swarm: SwarmView): SharingText | null {
    const isUnanswered = this.#rule === "ask" && !this.#isAnswered;
    return isUnanswered && swarm.obstacle === "refused" ? unansweredText : sharingText(swarm);
  }

  #showNotice({ uploadKbpsMax }: SwarmView): void {
    const { lead, words, yes, no } = noticeText(this.#rule, uploadKbpsMax);
    for (const [id, text] of [
      ["notice-lead", lead],
      ["notice-words", words],
      ["ok-word", yes[0]],
      ["ok-more", yes[1]],
      ["off-word", no[0]],
      ["off-more", no[1]],
    ] as const) {
      setText(elementById(`sharing-${id}`, HTMLElement), text);
    }
  }

  #opened(): void {
    // It says all that the notice says, and more. A question is answered by its switch.
    const isTold = !this.#notice.hidden && this.#rule === "inform";
    if (isTold) this.#answer({ isAllowed: true });
    const swarm = this.#swarm();
    if (swarm !== null) this.#showPanel(swarm);
    const isSwitchable = !this.#switch.hidden;
    (isSwitchable ? this.#switch : elementById("sharing-close", HTMLButtonElement)).focus();
  }

  #showPanel(swarm: SwarmView): void {
    const text = this.#textOf(swarm);
    if (text === null) return;
    const { stats } = swarm;
    this.#panel.dataset["tone"] = text.tone;
    setText(this.#state, text.state);
    setText(this.#upload, uploadText(swarm.uploadKbpsMax));
    this.#switch.hidden = text.tone === "never";
    this.#switch.setAttribute("aria-checked", String(text.tone !== "off"));
    this.#figures.hidden = stats.httpBytes + stats.peerBytes + stats.uploadedBytes === 0;
    const saved = savedRatio(stats) ?? 0;
    elementById("sharing-bar", HTMLElement).style.setProperty("--saved", `${saved * 100}%`);
    setText(elementById("sharing-http", HTMLElement), bytesText(stats.httpBytes));
    setText(elementById("sharing-received", HTMLElement), bytesText(stats.peerBytes));
    setText(elementById("sharing-given", HTMLElement), bytesText(stats.uploadedBytes));
    setText(elementById("sharing-peers", HTMLElement), String(stats.peerCount));
  }

  #answer({ isAllowed }: { isAllowed: boolean }): void {
    this.#isAnswered = true;
    this.#preferences.write("swarm", answerFor({ isAllowed, rule: this.#rule }));
    this.#swarm()?.setAllowed(isAllowed);
    this.show();
  }
}
