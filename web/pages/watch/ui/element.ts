// Finding and making elements, with their type checked. No framework.

/** The element with that id. Throws when the page has none, or one of another kind: the page is broken. */
export function requireElement<T extends Element>(id: string, kind: abstract new () => T): T {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) throw new Error(`the page has no ${kind.name} with id "${id}"`);
  return element;
}

/** A new element with a class and text. */
export function createElement<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  text = '',
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

/** Points a button's icon at another symbol of the page's sprite. */
export function setIcon(button: Element, symbol: string): void {
  button.querySelector('use')?.setAttribute('href', `#${symbol}`);
}
