// The keyboard. Keys that are typed into a field, and Enter and Space on a
// button, belong to these; single keys can be turned off in the help.

import { kept, pressed, typing } from "./dom.js";
import { tabs } from "./detail.js";
import { help } from "./help.js";

// keys listens on the whole page. page has the list, the detail and what a key
// can do.
export function keys(page) {
  const { list, detail } = page;
  const current = () => list.current();
  const acts = {
    j: () => list.move(1),
    k: () => list.move(-1),
    g: () => list.move(-list.store.shown.length),
    G: () => list.move(list.store.shown.length),
    "/": () => page.filter(),
    " ": () => page.pause(),
    m: () => current() && page.mark(current()),
    c: () => page.clear(),
    "?": () => help(),
    s: () => detail.id && detail.reveal(),
    r: () => detail.id && detail.again(),
    e: () => detail.id && detail.edit(),
    y: () => detail.id && detail.takeout?.copy("curl"),
    x: () => detail.id && document.getElementById("takeout-button")?.click(),
    d: () => detail.id && detail.turn("compare", true),
  };
  tabs.forEach((name, i) => {
    acts[String(i + 1)] = () => detail.id && detail.turn(name, true);
  });

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (document.querySelector("dialog[open], :popover-open")) return;
    if (event.key === "Escape" && !typing(event.target)) {
      event.preventDefault();
      page.close();
      return;
    }
    if (typing(event.target)) return;
    if ((event.key === "Enter" || event.key === " ") && pressed(event.target)) return;
    if (event.key === "Enter") {
      if (event.target.closest("#detail") || !current()) return;
      event.preventDefault();
      page.open(current(), true);
      return;
    }
    if (event.target === document.body && list.steps(event.key)) {
      event.preventDefault();
      return;
    }
    const act = acts[event.key];
    if (!act || kept("keys", "1") === "0") return;
    event.preventDefault();
    act();
  });
}
