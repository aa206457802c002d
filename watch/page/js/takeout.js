// The way out: what can be copied or saved of an exchange, or of several.

import * as api from "./api.js";
import { el, icon } from "./dom.js";
import { count } from "./format.js";
import { say } from "./words.js";

const copies = ["curl", "raw-request", "raw-response", "gotest", "fuzz"];
const saves = ["raw-request", "raw-response"];
const suffix = { "raw-request": "request.txt", "raw-response": "response.txt", har: "har", pcapng: "pcapng" };

// takeout makes the button and its panel. on has id(), marked() and shown()
// (ids to choose from) and said(text).
export function takeout(on) {
  let secrets = false;
  let scope = "this";
  const panel = el("div", { id: "takeout", class: "popover", popover: "auto", role: "dialog", "aria-label": say("takeout") });
  const button = el("button", { type: "button", id: "takeout-button", popovertarget: "takeout", "aria-haspopup": "dialog", title: say("takeoutHint") }, icon("out"), el("span", { class: "text" }, say("takeout")));
  panel.addEventListener("beforetoggle", (event) => {
    if (event.newState === "open") draw();
  });
  panel.addEventListener("toggle", (event) => {
    if (event.newState !== "open") return;
    place(panel, button);
    panel.querySelector("button, input")?.focus();
  });

  const copy = async (as) => {
    panel.hidePopover();
    try {
      await toClipboard(api.text(api.exportPath(on.id(), as, secrets)));
      on.said(say(secrets ? "copiedWithSecrets" : "copied", say(`as_${as}`)));
    } catch (error) {
      on.said(say("failed", error.message));
    }
  };
  const saveOne = (as) => {
    panel.hidePopover();
    download(api.exportPath(on.id(), as, secrets), `exchange-${on.id()}.${suffix[as]}`);
  };
  const saveMany = async (as) => {
    panel.hidePopover();
    const name = `genkan.${suffix[as]}`;
    if (scope === "kept") return download(api.exportAllPath(as, secrets), name);
    const ids = { this: () => [on.id()], marked: on.marked, shown: on.shown }[scope]();
    try {
      const url = URL.createObjectURL(await api.exportSome(as, ids, secrets));
      download(url, name);
      setTimeout(() => URL.revokeObjectURL(url), 60_000); // the browser has begun to save it by then
    } catch (error) {
      on.said(say("failed", error.message));
    }
  };

  function draw() {
    const marked = on.marked().length;
    const shown = on.shown().length;
    const scopes = [
      ["this", say("scopeThis"), false],
      ["marked", say("scopeMarked", count(marked)), marked === 0],
      ["shown", say("scopeShown", count(shown)), shown === 0],
      ["kept", say("scopeKept"), false],
    ];
    if (scopes.find(([key]) => key === scope)[2]) scope = "this";
    panel.replaceChildren(
      group("copyTitle", copies.map((as) => el("button", { type: "button", onclick: () => copy(as) }, say(`as_${as}`)))),
      group("saveTitle", saves.map((as) => el("button", { type: "button", onclick: () => saveOne(as) }, say(`as_${as}`)))),
      group("saveManyTitle", [
        el("fieldset", { class: "scopes" }, el("legend", { class: "said" }, say("scope")), scopes.map(([key, text, off]) =>
          el("label", {}, el("input", { type: "radio", name: "scope", value: key, checked: key === scope, disabled: off, onchange: () => {
            scope = key;
          } }), text))),
        el("button", { type: "button", onclick: () => saveMany("har") }, "HAR 1.2"),
        el("button", { type: "button", onclick: () => saveMany("pcapng") }, "pcapng"),
        el("small", {}, say("pcapngMade")),
      ]),
      el("label", { class: "with-secrets" }, el("input", { type: "checkbox", checked: secrets, onchange: (event) => {
        secrets = event.target.checked;
      } }), say("withSecrets")),
    );
  }
  return { button, panel, copy };
}

function group(title, children) {
  return el("section", {}, el("h3", {}, say(title)), children);
}

function place(panel, button) {
  const at = button.getBoundingClientRect();
  panel.style.top = `${Math.min(at.bottom + 6, Math.max(8, innerHeight - panel.offsetHeight - 8))}px`;
  panel.style.left = `${Math.max(8, Math.min(at.right - panel.offsetWidth, innerWidth - panel.offsetWidth - 8))}px`;
}

// toClipboard hands the browser the promise itself: a key press lets a page
// write to the clipboard for a moment only, which a slow answer may outlast.
async function toClipboard(promise) {
  if (globalThis.ClipboardItem && navigator.clipboard?.write) {
    const blob = promise.then((text) => new Blob([text], { type: "text/plain" }));
    await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
    return;
  }
  const text = await promise;
  if (!navigator.clipboard) throw new Error(say("noClipboard"));
  await navigator.clipboard.writeText(text);
}

function download(path, name) {
  const link = el("a", { href: path, download: name });
  document.body.append(link);
  link.click();
  link.remove();
}
