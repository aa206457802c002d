// The compare tab: this exchange's answer beside another one's, or beside what
// came back when it was sent again, line by line.

import * as api from "./api.js";
import { shownBytes } from "./bodies.js";
import { difference } from "./difference.js";
import { el } from "./dom.js";
import { clock, count, duration } from "./format.js";
import { clip, runs } from "./segments.js";
import { extent } from "./pieces.js";
import { hideFields } from "./secret.js";
import { fromBase64, lines, plain, toBase64 } from "./visible.js";
import { statusText } from "./list.js";
import { say } from "./words.js";

const context = 3; // equal lines kept around a difference

// compare makes the tab's content. others are summaries to choose from, sent
// what was sent again: [{time, edited, result}], chosen the first choice, as
// "sent-0" or "exchange-12" or "".
export function compare(exchange, others, sent, secrets, chosen = "") {
  const select = el(
    "select",
    { id: "compare-with" },
    el("option", { value: "" }, say("chooseOther")),
    sent.length ? el("optgroup", { label: say("sentAgain") }, sent.map((one, i) => el("option", { value: `sent-${i}` }, `${clock(one.time)} · ${one.edited ? say("edited") : say("byteForByte")} · ${duration(one.result.took_ns)}`))) : "",
    others.length ? el("optgroup", { label: say("exchanges") }, others.map((s) => el("option", { value: `exchange-${s.id}` }, `${s.marked ? "★ " : ""}${clock(s.time)} · ${plain(s.method)} ${plain(s.target).slice(0, 60)} · ${statusText(s)}`))) : "",
  );
  const box = el("div", { class: "compared" });
  let last = 0;
  const show = async () => {
    const turn = ++last;
    if (!select.value) {
      box.replaceChildren(el("p", { class: "gap" }, others.length + sent.length ? say("compareHint") : say("compareNothing")));
      return;
    }
    box.replaceChildren(el("p", { class: "gap" }, say("loading")));
    try {
      const nodes = await both(exchange, select.value, sent, secrets);
      if (turn === last) box.replaceChildren(...nodes);
    } catch (error) {
      if (turn === last) box.replaceChildren(el("p", { class: "notice" }, say("failed", error.message)));
    }
  };
  select.value = chosen;
  select.addEventListener("change", show);
  show();
  return [el("p", { class: "panel-tools" }, el("label", { for: "compare-with" }, say("compareWith")), " ", select), box];
}

async function both(exchange, value, sent, secrets) {
  const [kind, which] = value.split("-");
  if (kind === "sent") {
    const masked = sent[Number(which)].result;
    const result = secrets ? await api.replayed(masked.replay, true) : masked;
    const notes = [];
    if (result.error) notes.push(el("p", { class: "notice" }, say("replayError", plain(result.error))));
    if (result.truncated) notes.push(el("p", { class: "notice" }, say("replayTruncated")));
    const shown = (text) => (secrets ? text : hideFields(text, say("hidden")));
    return [...notes, drawn(shown(shownBytes(toBase64(answerBytes(exchange)))), shown(shownBytes(result.received)))];
  }
  const other = await api.exchange(Number(which), secrets);
  const [left, right] = await Promise.all([answerText(exchange, secrets), answerText(other, secrets)]);
  return [secrets ? drawn(left, right) : drawn(hideFields(left, say("hidden")), hideFields(right, say("hidden")))];
}

function answerBytes(exchange) {
  const responses = exchange.responses ?? [];
  if (responses.length === 0) return new Uint8Array();
  const parts = clip(runs(exchange.sent, fromBase64), responses[0].off, extent(responses.at(-1))[1]).map((run) => run.bytes);
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

// answerText is the head as it was sent and the body decoded: two answers that
// say the same in other codings are then the same.
async function answerText(exchange, secrets) {
  const last = (exchange.responses ?? []).at(-1);
  if (!last) return "";
  const head = clip(runs(exchange.sent, fromBase64), last.off, last.off + last.len).map((run) => shownBytes(toBase64(run.bytes))).join("");
  const body = await api.body(exchange.summary.id, "response", secrets);
  if (typeof body.text === "string" && body.text !== "") return `${head}${lines(body.text)}`;
  return body.kind === "empty" ? head : `${head}${say("binary", count(body.size))}\n`;
}

function drawn(left, right) {
  const all = difference(left, right);
  const changes = all.filter((line) => line.kind !== "same").length;
  const body = el("tbody");
  let equal = [];
  const flush = (atEnd) => {
    const first = body.childElementCount === 0 ? 0 : context;
    const tail = atEnd ? 0 : context;
    if (equal.length <= first + tail + 2) body.append(...equal.map(row));
    else {
      const middle = equal.slice(first, equal.length - tail);
      const button = el("button", { type: "button", class: "quiet" }, say("equalLines", middle.length));
      const fold = el("tr", { class: "fold-row" }, el("td", { colspan: "4" }, button));
      button.addEventListener("click", () => fold.replaceWith(...middle.map(row)));
      body.append(...equal.slice(0, first).map(row), fold, ...equal.slice(equal.length - tail).map(row));
    }
    equal = [];
  };
  for (const line of all) {
    if (line.kind === "same") {
      equal.push(line);
      continue;
    }
    flush(false);
    body.append(row(line));
  }
  flush(true);
  return el(
    "div",
    { class: "difference", tabindex: "0", role: "group", "aria-label": say("difference") },
    el("p", { class: ["verdict", changes === 0 && "same"] }, changes === 0 ? say("noDifference") : say("differences", changes)),
    el("table", { class: "lines" },
      el("thead", { class: "said" }, el("tr", {}, [say("lineLeft"), say("lineRight"), say("lineChange"), say("lineText")].map((text) => el("th", { scope: "col" }, text)))),
      body),
  );
}

function row(line) {
  const sign = { same: "", gone: "−", new: "+" }[line.kind];
  const meaning = { same: "", gone: say("lineGone"), new: say("lineNew") }[line.kind];
  return el(
    "tr",
    { class: line.kind },
    el("td", { class: "number" }, line.left || ""),
    el("td", { class: "number" }, line.right || ""),
    el("td", { class: "sign" }, el("span", { "aria-hidden": "true" }, sign), meaning ? el("span", { class: "said" }, meaning) : ""),
    el("td", { class: "text" }, line.text || "\u00a0"),
  );
}
