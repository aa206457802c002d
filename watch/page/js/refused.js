// A request that was refused: the bytes around the one that broke a rule, a
// caret under it, and the rule in a sentence.

import { because, ruleOf } from "./because.js";
import { el } from "./dom.js";
import { count } from "./format.js";
import { plain, units } from "./visible.js";
import { source } from "./source.js";
import { say } from "./words.js";

const around = 160; // bytes shown before and after the caret's line at most

// refusal is the panel for an exchange that has one. list are the runs of the
// request's bytes.
export function refusal(exchange, list) {
  const { refused, request } = exchange;
  const base = request?.off ?? list[0]?.off ?? 0;
  return el(
    "section",
    { class: "refusal", "aria-label": say("refused") },
    el("h3", {}, say("refusedWith", refused.status), el("code", {}, refused.rule)),
    el("p", { class: "refusal-rule" }, ruleOf(refused.rule)?.text || refused.sentence, " ", source({ section: refused.section, url: refused.url })),
    window(list, base + refused.offset),
    el("p", { class: "refusal-why" }, because(refused.reason), " ", el("small", {}, say("atByte", count(refused.offset)))),
  );
}

// window shows the lines around an offset. The caret is drawn under the byte
// by the style sheet, so that it stands right whatever is before it.
function window(list, offset) {
  const pre = el("div", { class: "bytes around", role: "img", "aria-label": say("caretLabel", count(offset)) });
  const run = list.find((one) => one.off <= offset && offset <= one.off + one.bytes.length);
  if (!run) return el("p", { class: "gap" }, say("noBytes"));
  const at = offset - run.off;
  const [from, to] = lineAround(run.bytes, at);
  let line = el("div", { class: "line" });
  pre.append(line);
  if (from > 0) line.append(el("span", { class: "elided" }, "…"));
  let placed = false;
  for (const unit of units(run.bytes, from, to)) {
    const here = at >= unit.from && at < unit.to;
    placed ||= here;
    if (unit.kind !== "text") line.append(el("span", { class: [unit.kind, here && "caret"] }, unit.text));
    else if (!here) line.append(unit.text);
    else split(line, unit, at);
    if (unit.kind === "control" && unit.text === "LF" && unit.to < to) {
      line = el("div", { class: "line" });
      pre.append(line);
    }
  }
  if (!placed) line.append(el("span", { class: "caret end" }, "\u00a0"));
  if (to < run.bytes.length) line.append(el("span", { class: "elided" }, "…"));
  return pre;
}

function split(line, unit, at) {
  const encoder = new TextEncoder();
  let used = unit.from;
  for (const rune of unit.text) {
    const next = used + encoder.encode(rune).length;
    line.append(at >= used && at < next ? el("span", { class: "caret" }, rune) : rune);
    used = next;
  }
}

function lineAround(bytes, at) {
  let from = at;
  while (from > 0 && at - from < around && bytes[from - 1] !== 10) from--;
  if (from > 1 && bytes[from - 1] === 10) {
    const stop = Math.max(0, from - around);
    from--;
    while (from > stop && bytes[from - 1] !== 10) from--;
  }
  let to = at;
  while (to < bytes.length && to - at < around && bytes[to] !== 10) to++;
  if (bytes[to] === 10) to++;
  return [from, to];
}
