/** Elements from data: whatever comes from a node is text, never markup. */

type Child = Node | string | undefined;
type Attributes = Readonly<Record<string, string | number | undefined>>;

const svgNamespace = "http://www.w3.org/2000/svg";

export function h(tag: string, attributes: Attributes, ...children: Child[]): HTMLElement {
  return filled(document.createElement(tag), attributes, children);
}

export function svg(tag: string, attributes: Attributes, ...children: Child[]): SVGElement {
  return filled(document.createElementNS(svgNamespace, tag), attributes, children);
}

/** An icon of the sprite-less kind: one path in a box of 16 by 16. */
export function icon(path: string, name: string): SVGElement {
  const shape = svg("path", { d: path });
  return svg("svg", { viewBox: "0 0 16 16", class: `icon ${name}`, "aria-hidden": "true" }, shape);
}

/** Words for those who do not see the picture. */
export function hiddenText(text: string): HTMLElement {
  return h("span", { class: "hidden-text" }, text);
}

/** Places an element: by CSSOM, because the page's policy forbids inline styles in markup. */
export function place(element: HTMLElement, css: Readonly<Record<string, string>>): HTMLElement {
  for (const [property, value] of Object.entries(css)) element.style.setProperty(property, value);
  return element;
}

/** Replaces the content unless it is the same: selections and readers are not disturbed. */
export function show(container: Element, ...children: Node[]): void {
  const holder = document.createElement("div");
  holder.append(...children);
  if (holder.innerHTML !== container.innerHTML) container.replaceChildren(...holder.childNodes);
}

export function elementById<T extends Element>(id: string, type: new () => T): T {
  const element = document.getElementById(id);
  if (!(element instanceof type)) throw new Error(`#${id} is not in the page`);
  return element;
}

function filled<T extends Element>(element: T, attributes: Attributes, children: Child[]): T {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) element.setAttribute(name, String(value));
  }
  for (const child of children) if (child !== undefined) element.append(child);
  return element;
}
