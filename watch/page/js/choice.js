// One of a few, as buttons of which one is pressed.

import { el } from "./dom.js";
import { say } from "./words.js";

// choice makes the row. label is the key of the group's name, options are
// [key, text], value the key of the first choice, chosen(key) is told of others.
export function choice(label, options, value, chosen) {
  const group = el("div", { class: "choice", role: "group", "aria-label": say(label) });
  for (const [key, text] of options) {
    group.append(el("button", { type: "button", "data-key": key, "aria-pressed": String(key === value), onclick: () => {
      for (const button of group.children) button.setAttribute("aria-pressed", String(button.dataset.key === key));
      chosen(key);
    } }, text));
  }
  return group;
}
