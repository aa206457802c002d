// Sending a request again: as it was, or edited first.

import * as api from "./api.js";
import { el } from "./dom.js";
import { fitLength, fromText, toText } from "./editing.js";
import { extent } from "./pieces.js";
import { clip, runs } from "./segments.js";
import { fromBase64, toBase64 } from "./visible.js";
import { say } from "./words.js";

// again sends the request of an exchange byte for byte. The bytes are the
// server's own: secrets in them never reach the page.
export function again(id) {
  return api.replay({ id });
}

// requestBytes are the bytes of an exchange's request, as far as they are kept.
export function requestBytes(exchange) {
  const list = runs(exchange.received, fromBase64);
  const [from, to] = exchange.request ? extent(exchange.request) : [list[0]?.off ?? 0, Infinity];
  const parts = clip(list, from, exchange.refused ? Infinity : to).map((run) => run.bytes);
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

// edit opens a dialog with the request as text. The exchange is one that was
// asked for with its secrets: what is sent is what stands in the text. done
// gets the result.
export function edit(exchange, done) {
  const text = el("textarea", { id: "edit-text", class: "edit-text", spellcheck: "false", autocomplete: "off", autocapitalize: "off", rows: "14", "aria-describedby": "edit-hint" });
  text.value = toText(requestBytes(exchange));
  const fit = el("input", { type: "checkbox", id: "edit-fit", checked: true });
  const to = el("input", { type: "text", id: "edit-to", placeholder: say("sameAddress"), autocomplete: "off", spellcheck: "false" });
  const trouble = el("p", { class: "notice", role: "alert", hidden: true });
  const send = el("button", { type: "submit", class: "main" }, say("send"));
  const dialog = el(
    "dialog",
    { class: "sheet edit", "aria-labelledby": "edit-title" },
    el("form", { method: "dialog" },
      el("h2", { id: "edit-title" }, say("editTitle")),
      el("label", { for: "edit-text", class: "said" }, say("editTitle")),
      text,
      el("p", { id: "edit-hint", class: "hint" }, say("editHint")),
      exchange.truncated ? el("p", { class: "notice" }, say("truncated")) : "",
      el("div", { class: "edit-options" },
        el("label", {}, fit, say("fitLength")),
        el("label", {}, say("sendTo"), to)),
      trouble,
      el("div", { class: "buttons" }, el("button", { type: "button", onclick: () => dialog.close() }, say("cancel")), send)),
  );
  dialog.addEventListener("close", () => dialog.remove());
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      dialog.querySelector("form").requestSubmit();
    }
  });
  dialog.querySelector("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    let bytes = fromText(text.value);
    if (fit.checked) bytes = fitLength(bytes);
    const request = { id: exchange.summary.id, bytes: toBase64(bytes) };
    if (to.value.trim()) request.to = to.value.trim();
    send.disabled = true;
    trouble.hidden = true;
    try {
      const result = await api.replay(request);
      dialog.close();
      done(result);
    } catch (error) {
      trouble.textContent = say("failed", error.message);
      trouble.hidden = false;
    }
    send.disabled = false;
  });
  document.body.append(dialog);
  dialog.showModal();
  text.focus();
  text.setSelectionRange(0, 0);
  return dialog;
}
