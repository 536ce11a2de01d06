/**
 * Copies to the clipboard. On plain HTTP (a phone on the same network) there is no clipboard API,
 * only the old command, whose field must lie within an open dialog to be selectable.
 */
export async function copyText(text: string, { within }: { within: Element }): Promise<void> {
  if (isSecureContext) {
    try {
      await navigator.clipboard.writeText(text);
      return;
    } catch {
      // Refused in a foreign frame, where the old command still works.
    }
  }
  const focused = document.activeElement;
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "hidden-text";
  within.append(field);
  field.select();
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- nothing else works there
  const isCopied = document.execCommand("copy");
  field.remove();
  if (focused instanceof HTMLElement) focused.focus();
  if (!isCopied) throw new Error("the browser refused to copy");
}

const saidMs = 3_000;

/**
 * Copies, and says on the button what came of it, for a while: in its first element, where it has
 * any. Who does not see the button hears it.
 */
export async function copyByButton(button: HTMLButtonElement, text: string): Promise<void> {
  const word = button.firstElementChild ?? button;
  const label = (button.dataset["label"] ??= word.textContent);
  const say = (said: string): void => {
    word.textContent = said;
    const speaker = speakerFor(button);
    if (speaker !== null) speaker.textContent = said;
  };
  try {
    await copyText(text, { within: button.parentElement ?? document.body });
    say("Copied");
  } catch {
    // The text is still there to be selected by hand.
    say("Not copied");
  }
  setTimeout(() => {
    word.textContent = label;
    const speaker = speakerFor(button);
    if (speaker !== null) speaker.textContent = "";
  }, saidMs);
}

/** While a dialog is open, nothing outside of it is spoken. */
function speakerFor(button: HTMLButtonElement): Element | null {
  return (button.closest("dialog") ?? document.body).querySelector("[role=status].spoken");
}
