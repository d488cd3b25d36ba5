// Builds elements. Text always becomes text nodes: nothing in this page is ever parsed as HTML.

/** Return an element with these attributes and children. `class`, `on…` listeners, booleans and `dataset` work too. */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "dataset") Object.assign(element.dataset, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  append(element, children);
  return element;
}

/** Append nodes and texts, in nested arrays too; leave out what is missing. */
export function append(parent, children) {
  for (const child of [children].flat(Infinity)) {
    if (child !== undefined && child !== null && child !== false) parent.append(child);
  }
  return parent;
}

export const byId = (id) => document.getElementById(id);

let lastId = 0;
/** Return an id that no other element has. */
export const uniqueId = (prefix) => `${prefix}-${++lastId}`;

let toastTimer;
/** Say something at the edge of the page for a few seconds; screen readers read it out. */
export function toast(text) {
  const box = byId("toast");
  box.textContent = text;
  box.classList.add("is-shown");
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => box.classList.remove("is-shown"), 6000);
}
