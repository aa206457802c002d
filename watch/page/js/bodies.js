// The bodies tab: what was carried, on both sides: the raw bytes, with the edges
// of chunks, beside what they say when they are decoded.

import { el } from "./dom.js";
import { drawBytes } from "./bytes.js";
import { count, size } from "./format.js";
import { clip, runs } from "./segments.js";
import { fromBase64, lines, plain, units } from "./visible.js";
import { Refusal } from "./api.js";
import { say } from "./words.js";

// bodies makes the tab's content and fills it as the answers come. ask(side)
// gives a promise of what the API says of one body; reveal() is asked for
// secrets.
export function bodies(exchange, ask, reveal) {
  if (exchange.summary.state === "http2") return [el("p", { class: "gap" }, say("bodiesInFrames"))];
  return ["request", "response"].map((side) => {
    const box = el("div", { class: "body-box" }, el("p", { class: "gap" }, say("loading")));
    const facts = el("small");
    const raw = el("div", { class: "bytes", tabindex: "0", role: "group", "aria-label": say(side === "request" ? "rawRequest" : "rawResponse") });
    const beside = el("div", { class: "beside" }, box);
    ask(side).then(
      (body) => {
        facts.textContent = about(body);
        box.replaceChildren(...show(body));
        const list = carried(exchange, side);
        if (body.kind === "empty" || list.length === 0) return;
        beside.prepend(raw);
        if (body.kind === "websocket") return drawFrames(raw, box, list, side, body, reveal);
        const hex = Boolean(body.encoding) || ["image", "binary"].includes(body.kind);
        drawRaw(raw, list, exchange, side, hex, reveal);
      },
      (error) => {
        if (error.name === "AbortError") return;
        box.replaceChildren(el("p", { class: "notice" }, error instanceof Refusal && error.status === 404 ? say("gone") : say("failed", error.message)));
      },
    );
    return el("section", { class: `body ${side === "request" ? "recv" : "send"}` }, el("h3", {}, say(side === "request" ? "bodyRequest" : "bodyResponse"), facts), beside);
  });
}

function message(exchange, side) {
  return side === "request" ? exchange.request : (exchange.responses ?? []).at(-1);
}

// carried are the runs of a body's raw bytes. After a switch of protocols
// these are all that follow the head.
function carried(exchange, side) {
  const of = message(exchange, side);
  if (!of) return [];
  const list = runs(side === "request" ? exchange.received : exchange.sent, fromBase64);
  if (exchange.summary.state === "upgraded") return clip(list, of.off + of.len, Infinity);
  return of.body ? clip(list, of.body.off, of.body.off + of.body.len) : [];
}

function drawRaw(box, list, exchange, side, hex, reveal) {
  const pieces = message(exchange, side).pieces ?? [];
  drawBytes(box, list, { hex, pieces, verb: side === "request" ? "recv" : "send", caret: -1, reveal, seqOf: () => null });
}

// drawFrames draws the bytes of a websocket's side as its frames: pointing at
// one lights the other.
function drawFrames(raw, box, list, side, body, reveal) {
  const way = side === "request" ? "in" : "out";
  const all = body.frames ?? [];
  const start = list[0].off;
  const pieces = all.map((frame) => (frame.dir === way ? { off: start + frame.off, len: frame.len, kind: "frame" } : { off: start, len: 0, kind: "frame" }));
  drawBytes(raw, list, { hex: true, pieces, verb: way === "in" ? "recv" : "send", caret: -1, reveal, seqOf: () => null });
  const beside = raw.parentNode;
  beside.addEventListener("pointerover", (event) => {
    const index = event.target.closest("[data-piece]")?.dataset.piece ?? event.target.closest("[data-frame]")?.dataset.frame;
    if (index === undefined) return;
    for (const lit of beside.querySelectorAll(".lit, .lit-row")) lit.classList.remove("lit", "lit-row");
    for (const bit of raw.querySelectorAll(`[data-piece="${index}"]`)) bit.classList.add("lit");
    box.querySelector(`[data-frame="${index}"]`)?.classList.add("lit-row");
  });
}

function about(body) {
  if (body.kind === "empty") return "";
  const parts = [plain(body.media_type) || say("noMediaType")];
  if (body.encoding) parts.push(say("decodedFrom", plain(body.encoding), size(body.wire), size(body.size)));
  else parts.push(`${count(body.size)} B`);
  return parts.join(" · ");
}

function show(body) {
  const parts = [];
  if (body.error) parts.push(el("p", { class: "notice" }, say("bodyError", plain(body.error))));
  if (body.truncated && body.kind !== "empty") parts.push(el("p", { class: "notice" }, say("bodyTruncated")));
  const kind = kinds[body.kind] ?? kinds.text;
  parts.push(...[kind(body)].flat());
  return parts;
}

const kinds = {
  empty: () => el("p", { class: "gap" }, say("noBody")),
  json: (body) => el("pre", { class: "code", tabindex: "0" }, colored(body.text ?? "")),
  text: (body) => el("pre", { class: "code", tabindex: "0" }, lines(body.text)),
  form: (body) => table(["fieldName", "fieldValue"], (body.fields ?? []).map(([name, value]) => [lines(name), lines(value)])),
  multipart: (body) => (body.parts ?? []).map((part, i) => multipart(part, i)),
  image: (body) => picture(body),
  events: (body) => frames(body),
  websocket: (body) => frames(body),
  binary: (body) => [el("p", { class: "gap" }, say("binary", count(body.size))), body.text ? el("pre", { class: "code", tabindex: "0" }, lines(body.text)) : ""],
};

function table(heads, cells) {
  return el(
    "table",
    { class: "fields" },
    el("thead", {}, el("tr", {}, heads.map((key) => el("th", { scope: "col" }, say(key))))),
    el("tbody", {}, cells.map((row) => el("tr", {}, row.map((cell, i) => el(i === 0 ? "th" : "td", i === 0 ? { scope: "row" } : {}, cell))))),
  );
}

function multipart(part, i) {
  return el(
    "article",
    { class: "part" },
    el("h4", {}, say("part", i + 1), " ", el("code", {}, plain(part.name ?? "")), part.filename ? [" ", el("span", { class: "filename" }, plain(part.filename))] : ""),
    el("p", { class: "part-facts" }, [part.media_type, `${count(part.size ?? 0)} B`].filter(Boolean).map(plain).join(" · ")),
    part.text ? el("pre", { class: "code", tabindex: "0" }, lines(part.text)) : "",
  );
}

// picture shows what the server calls an image of a kind that runs no script;
// anything else in its place is not shown.
function picture(body) {
  if (!/^data:image\/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]*$/.test(body.image ?? "")) return kinds.binary(body);
  const size = el("figcaption", {}, say("loading"));
  const image = el("img", { src: body.image, alt: say("imageAlt", plain(body.media_type)), onload: () => {
    size.textContent = `${image.naturalWidth} × ${image.naturalHeight}`;
  }, onerror: () => {
    size.textContent = say("imageBroken");
  } });
  return el("figure", { class: "picture" }, image, size);
}

function frames(body) {
  const list = body.frames ?? [];
  if (list.length === 0) return el("p", { class: "gap" }, say("noFrames"));
  const rows = list.map((frame) => [
    el("span", { class: `dir ${frame.dir === "out" ? "send" : "recv"}` }, frame.dir === "out" ? "→" : "←", el("span", { class: "said" }, say(frame.dir === "out" ? "sent" : "received"))),
    plain(frame.kind),
    count(frame.off ?? 0),
    count(frame.len ?? 0),
    el("span", { class: "frame-text" }, lines(frame.text)),
  ]);
  const box = table(["frameDirection", "frameKind", "frameAt", "frameLength", "frameText"], rows);
  box.classList.add("frames");
  box.querySelectorAll("tbody tr").forEach((row, i) => row.setAttribute("data-frame", i));
  return box;
}

// colored is JSON with its names, strings, numbers and words set apart.
export function colored(text) {
  const parts = [];
  let at = 0;
  const token = /"(?:[^"\\]|\\.)*"(?=(\s*:)?)|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\b(?:true|false|null)\b/g;
  for (const match of text.matchAll(token)) {
    if (match.index > at) parts.push(lines(text.slice(at, match.index)));
    const kind = match[0][0] === '"' ? (match[1] ? "j-name" : "j-string") : /^[tfn]/.test(match[0]) ? "j-word" : "j-number";
    parts.push(el("span", { class: kind }, lines(match[0])));
    at = match.index + match[0].length;
    if (parts.length > 20000) break;
  }
  parts.push(lines(text.slice(at)));
  return parts;
}

// shownBytes is bytes as text, for an answer that came from a replay.
export function shownBytes(base64) {
  const bytes = fromBase64(base64);
  let text = "";
  for (const unit of units(bytes)) {
    if (unit.kind === "text") text += unit.text;
    else if (unit.kind === "escape") text += unit.text;
    else if (unit.text === "LF") text += "\n";
    else if (unit.text === "HT") text += "\t";
    else if (unit.text !== "CR" || bytes[unit.to] !== 10) text += `\\x${bytes[unit.from].toString(16).padStart(2, "0")}`;
  }
  return text;
}
