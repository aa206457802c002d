// The link to where a sentence comes from.

import { el } from "./dom.js";

// source is the link to a section of an RFC, {section, url}; without a url its
// name alone. It opens beside the page, and tells the site nothing of it.
export function source(said) {
  if (!said.url) return said.section ? el("cite", {}, said.section) : "";
  return el("a", { href: said.url, target: "_blank", rel: "noopener noreferrer", class: "rfc" }, said.section);
}
