// Help: the keys, the filter's language, what the marks mean.

import { el, keep, kept } from "./dom.js";
import { say } from "./words.js";

const shortcuts = [
  ["j k ↓ ↑", "keyMove"], ["g G", "keyEnds"], ["Enter", "keyOpen"], ["Esc", "keyClose"], ["/", "keyFilter"], ["spaceKey", "keyPause"],
  ["m", "keyMark"], ["c", "keyClear"], ["1 … 5", "keyTabs"], ["s", "keySecrets"], ["r", "keyReplay"], ["e", "keyEdit"],
  ["y", "keyCurl"], ["x", "keyTakeout"], ["d", "keyCompare"], ["← → ↑ ↓", "keyPieces"], ["?", "keyHelp"],
];

const filters = [
  ["login", "filterWord"], ['"two words"', "filterQuoted"], ["~m POST", "filterMethod"], ["~s 404  ~s 4xx", "filterStatus"], ["~u /api", "filterTarget"],
  ["~h cookie", "filterField"], ["~c 3", "filterConnection"], ["~r", "filterRefused"], ["~k", "filterMarked"], ["!~m GET", "filterNot"],
];

// help opens the dialog.
export function help() {
  const single = el("input", { type: "checkbox", checked: kept("keys", "1") !== "0", onchange: () => keep("keys", single.checked ? "1" : "0") });
  const close = el("button", { type: "submit", class: "main" }, say("close"));
  const dialog = el(
    "dialog",
    { class: "sheet help", "aria-labelledby": "help-title" },
    el("form", { method: "dialog" },
      el("h2", { id: "help-title" }, say("help")),
      el("p", {}, say("helpLead")),
      el("div", { class: "columns" },
        el("section", {}, el("h3", {}, say("helpKeys")), pairs(shortcuts, true), el("label", { class: "hint" }, single, say("singleKeys"))),
        el("section", {}, el("h3", {}, say("helpFilter")), pairs(filters, false), el("p", { class: "hint" }, say("filterHow")))),
      el("div", { class: "buttons" }, close)),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  close.focus({ preventScroll: true }); // on a narrow page it is far below
}

function pairs(list, keyboard) {
  return el("dl", { class: "pairs" }, list.map(([key, text]) => el("div", {},
    el("dt", {}, keyboard ? names(key).map((name) => [el("kbd", {}, name), " "]) : el("code", {}, key)),
    el("dd", {}, say(text)))));
}

function names(key) {
  return key === "spaceKey" ? [say("spaceKey")] : key.split(" ");
}
