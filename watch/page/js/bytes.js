// The raw bytes of a message: as text with everything invisible made visible,
// or as hexadecimal numbers. Each stretch knows which piece it belongs to and
// which system call moved it.

import { el } from "./dom.js";
import { count } from "./format.js";
import { segments } from "./segments.js";
import { say } from "./words.js";
import { units } from "./visible.js";

const limit = 64 << 10; // bytes shown at once; more on demand

// drawBytes fills a box with the runs of a message. view has hex (boolean),
// pieces, verb ("recv" or "send"), caret (an offset, or -1) and reveal(),
// which is asked for the secrets.
export function drawBytes(box, list, view, most = limit) {
  box.replaceChildren();
  box.classList.toggle("hex", view.hex);
  let left = most;
  let end = list[0]?.off ?? 0;
  for (const run of list) {
    if (run.off > end) box.append(el("p", { class: "gap" }, say("bytesMissing", count(run.off - end))));
    const part = run.bytes.length > left ? { ...run, bytes: run.bytes.subarray(0, left) } : run;
    const cut = segments(part, view.pieces);
    if (view.hex) drawHex(box, part, cut, view);
    else drawText(box, part, cut, view);
    left -= part.bytes.length;
    end = run.off + run.bytes.length;
    if (left <= 0) break;
  }
  const whole = list.reduce((sum, run) => sum + run.bytes.length, 0);
  if (whole > most) {
    const more = () => drawBytes(box, list, view, most * 8);
    box.append(el("button", { type: "button", class: "more", onclick: more }, say("showMore", count(whole - most))));
  }
}

function drawText(box, run, cut, view) {
  let line = el("div", { class: "line" });
  box.append(line);
  let fresh = true;
  const next = () => {
    line = el("div", { class: "line" });
    fresh = true;
  };
  const put = (node) => {
    if (fresh && !line.parentNode) box.append(line);
    fresh = false;
    line.append(node);
  };
  for (const segment of cut) {
    if (segment.begins) put(callMark(run.chunks[segment.chunk], view));
    if (segment.hidden) {
      put(secret(segment, view));
      continue;
    }
    let span = null;
    for (const unit of units(run.bytes, segment.from - run.off, segment.to - run.off)) {
      if (!span) {
        span = stretch(segment, view);
        put(span);
      }
      const at = unit.from + run.off;
      const marked = view.caret >= at && view.caret < unit.to + run.off;
      if (unit.kind === "text") putText(span, unit, view.caret - at, marked);
      else span.append(el("span", { class: [unit.kind, marked && "caret", unit.text === "CR" || unit.text === "LF" ? "eol" : ""] }, unit.text));
      if (unit.text === "LF" && unit.kind === "control") {
        span = null;
        next();
      }
    }
  }
}

// putText sets apart the character that a caret points at, which begins at
// the byte `at` of an ASCII text or earlier of a longer one.
function putText(span, unit, at, marked) {
  if (!marked) {
    span.append(unit.text);
    return;
  }
  const encoder = new TextEncoder();
  let used = 0;
  let before = "";
  const runes = [...unit.text];
  for (let i = 0; i < runes.length; i++) {
    const length = encoder.encode(runes[i]).length;
    if (at < used + length) {
      span.append(before, el("span", { class: "caret" }, runes[i]), runes.slice(i + 1).join(""));
      return;
    }
    used += length;
    before += runes[i];
  }
  span.append(before);
}

function drawHex(box, run, cut, view) {
  const encoded = (byte) => byte.toString(16).padStart(2, "0");
  let index = 0;
  const first = run.off - (run.off % 16);
  for (let row = first; row < run.off + run.bytes.length; row += 16) {
    const hex = el("span", { class: "hex-bytes" });
    const text = el("span", { class: "hex-text", "aria-hidden": "true" });
    const from = Math.max(row, run.off);
    const to = Math.min(row + 16, run.off + run.bytes.length);
    hex.append("   ".repeat(from - row));
    text.append(" ".repeat(from - row));
    for (let at = from; at < to; ) {
      while (cut[index].to <= at) index++;
      const segment = cut[index];
      const stop = Math.min(segment.to, to);
      const left = stretch(segment, view);
      const right = stretch(segment, view);
      for (; at < stop; at++) {
        const byte = run.bytes[at - run.off];
        const caret = at === view.caret ? "caret" : "";
        left.append(el("span", { class: [caret] }, segment.hidden ? "••" : encoded(byte)), at === row + 7 ? "  " : " ");
        right.append(el("span", { class: [caret] }, segment.hidden ? "•" : byte > 0x1f && byte < 0x7f ? String.fromCharCode(byte) : "·"));
      }
      hex.append(left);
      text.append(right);
    }
    box.append(el("div", { class: "line" }, el("span", { class: "hex-off", "aria-hidden": "true" }, row.toString(16).padStart(6, "0")), hex, text));
  }
}

function stretch(segment, view) {
  const piece = segment.piece < 0 ? null : view.pieces[segment.piece];
  return el("span", {
    class: ["bit", piece && `k-${piece.kind}`, segment.chunk % 2 ? "by-odd" : "", segment.hidden && "hidden-bytes"],
    "data-piece": piece ? segment.piece : null,
    "data-seq": view.seqOf(segment),
  });
}

// callMark stands where the bytes of one system call begin.
function callMark(chunk, view) {
  return el(
    "button",
    { type: "button", class: "call", tabindex: "-1", "data-call": chunk.seq, title: say("callMark", view.verb, chunk.seq, count(chunk.full)) },
    `${view.verb} ${count(chunk.full)}`,
  );
}

function secret(segment, view) {
  const node = stretch(segment, view);
  node.append(el("button", { type: "button", class: "secret", onclick: view.reveal, title: say("revealHint") }, say("hidden")));
  return node;
}
