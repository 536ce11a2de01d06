/** The page's elements by id, with their types: the HTML and the script fail together or not at all. */

export function elementById<T extends Element>(id: string, type: new () => T): T {
  const element = document.getElementById(id);
  if (!(element instanceof type)) throw new Error(`#${id} is not in the page`);
  return element;
}

/** For what only the watch page has. */
export function elementByIdOrNull<T extends Element>(id: string, type: new () => T): T | null {
  const element = document.getElementById(id);
  return element instanceof type ? element : null;
}

/** Writes only what changed: a live region would otherwise speak again. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** A press beside a dialog closes it. */
export function closeByBackdrop(dialog: HTMLDialogElement): void {
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
}
