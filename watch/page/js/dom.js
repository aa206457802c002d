// Elements, made without markup: text goes in as text nodes alone, so that
// captured bytes can be nothing else.

const svgSpace = "http://www.w3.org/2000/svg";

// el makes an element. attributes: a function under "on…" becomes a listener,
// true an empty attribute, false, null and undefined none; "class" may be a
// list with holes. children are nodes or text, in lists with holes.
export function el(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

// svg is el for drawings.
export function svg(name, attributes = {}, ...children) {
  return fill(document.createElementNS(svgSpace, name), attributes, children);
}

function fill(node, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key === "class") node.setAttribute("class", [value].flat().filter(Boolean).join(" "));
    else node.setAttribute(key, value === true ? "" : String(value));
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

// $ is the element with an id, which must be there.
export function $(id) {
  const node = document.getElementById(id);
  if (!node) throw new Error(`no element has the id ${id}: index.html and the scripts disagree`);
  return node;
}

// icon is a drawing of the sheet in index.html.
export function icon(name) {
  return svg("svg", { class: "icon", "aria-hidden": "true" }, svg("use", { href: `#i-${name}` }));
}

// typing says whether keys belong to the element: what is typed there is text.
export function typing(node) {
  return node instanceof Element && node.closest("input, textarea, select, [contenteditable]") !== null;
}

// pressed says whether Enter and Space belong to the element.
export function pressed(node) {
  return node instanceof Element && node.closest("button, a[href], summary, [role=menuitem], [role=tab], [role=separator], label") !== null;
}

// keep remembers a choice in this browser; where that is forbidden, until the
// page is left.
const forgotten = new Map();
export function keep(key, value) {
  forgotten.set(key, value);
  try {
    localStorage.setItem(`genkan.${key}`, value);
  } catch {
    return;
  }
}

// kept is what keep remembered, or the other value.
export function kept(key, otherwise) {
  if (forgotten.has(key)) return forgotten.get(key);
  try {
    return localStorage.getItem(`genkan.${key}`) ?? otherwise;
  } catch {
    return otherwise;
  }
}
