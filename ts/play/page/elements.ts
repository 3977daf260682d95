/** The element of the page with this id. */
export function element(id: string): HTMLElement;
/** The same, of a kind that is told. */
export function element<K extends keyof HTMLElementTagNameMap>(
  id: string,
  name: K,
): HTMLElementTagNameMap[K];
export function element(id: string, name?: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null || (name !== undefined && found.localName !== name)) {
    throw new Error(`The page has no ${name ?? 'element'} "${id}"`);
  }
  return found;
}

/** Makes an element. */
export function make<K extends keyof HTMLElementTagNameMap>(
  name: K,
  properties: Partial<HTMLElementTagNameMap[K]> = {},
  ...content: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...content);
  return made;
}

/** Sets the text of an element, without work when it is the same. */
export function setText(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}
