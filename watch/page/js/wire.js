// The wire tab: what was received and sent, byte by byte, beside what it was
// parsed into. Pointing at one lights the other; a bar at the foot says what
// the piece is, in one sentence.

import { el, keep, kept } from "./dom.js";
import { count } from "./format.js";
import { drawBytes } from "./bytes.js";
import { clip, runs } from "./segments.js";
import { extent, rows } from "./pieces.js";
import { fromBase64, plain } from "./visible.js";
import { choice } from "./choice.js";
import { refusal } from "./refused.js";
import { isSecret } from "./secret.js";
import { source } from "./source.js";
import { explanation, say } from "./words.js";

// wire makes the tab's content for an exchange as the API gives it. on has
// reveal() for the secrets, and call(seq) to show a call on the timeline.
export function wire(exchange, on) {
  const frames = exchange.summary.state === "http2";
  const view = { hex: frames || kept("hex", "0") === "1", all: kept("explain", "1") === "1" };
  const bar = el("div", { class: "explain", "aria-live": "polite" });
  const box = el("div", { class: ["wire", view.all && "explained"] });
  const messages = sides(exchange);
  const drawn = messages.map((side) => message(side, view, on, bar));
  const format = choice("bytesAs", [["0", say("asText")], ["1", say("asHex")]], view.hex ? "1" : "0", (value) => {
    if (!frames) keep("hex", value);
    view.hex = value === "1";
    drawn.forEach((part) => part.redraw());
  });
  const all = el("button", { type: "button", class: "switch", "aria-pressed": String(view.all), onclick: () => {
    view.all = !view.all;
    keep("explain", view.all ? "1" : "0");
    all.setAttribute("aria-pressed", String(view.all));
    box.classList.toggle("explained", view.all);
  } }, say("explainAll"));
  clearBar(bar);
  box.append(
    el("div", { class: "panel-tools" }, format, all),
    exchange.truncated ? el("p", { class: "notice" }, say("truncated")) : "",
    exchange.refused ? refusal(exchange, messages[0].list) : "",
    ...drawn.map((part) => part.node),
  );
  return [box, bar];
}

// sides are the messages with their bytes, in the order in which they went.
function sides(exchange) {
  const received = runs(exchange.received, fromBase64);
  const sent = runs(exchange.sent, fromBase64);
  if (exchange.summary.state === "http2") {
    return [
      { title: say("framesReceived"), verb: "recv", message: exchange.request, list: received },
      { title: say("framesSent"), verb: "send", message: exchange.responses?.[0], list: sent },
    ];
  }
  const upgraded = exchange.summary.state === "upgraded";
  const list = [];
  const request = exchange.request;
  const bare = !request || extent(request)[1] === request.off;
  const from = request?.off ?? received[0]?.off ?? 0;
  list.push({
    title: say("request"), verb: "recv", message: request,
    caret: exchange.refused ? from + exchange.refused.offset : -1,
    list: bare || upgraded || exchange.refused ? clip(received, from, Infinity) : clip(received, ...extent(request)),
  });
  const responses = exchange.responses ?? [];
  responses.forEach((response, i) => {
    const to = upgraded && i === responses.length - 1 ? Infinity : extent(response)[1];
    list.push({ title: responses.length > 1 ? say("responseNth", i + 1, responses.length) : say("response"), verb: "send", message: response, list: clip(sent, response.off, to) });
  });
  if (responses.length === 0) list.push({ title: say("response"), verb: "send", message: null, list: sent });
  return list;
}

function message(side, view, on, bar) {
  const pieces = side.message?.pieces ?? [];
  const bytes = el("div", { class: "bytes", tabindex: "0", role: "group", "aria-label": say("bytesOf", side.title) });
  const list = el("ol", { class: "pieces", "aria-label": say("piecesOf", side.title) });
  const chunks = side.list.flatMap((run) => run.chunks);
  const seqOf = (segment) => chunkAt(chunks, segment.from)?.seq ?? null;
  const table = rows(pieces);
  const light = (active) => lighten(active, { pieces, table, bytes, list, bar, chunks, verb: side.verb });

  const redraw = () => {
    drawBytes(bytes, side.list, { hex: view.hex, pieces, verb: side.verb, caret: side.caret ?? -1, reveal: on.reveal, seqOf });
    if (side.list.length === 0) bytes.append(el("p", { class: "gap" }, say("noBytes")));
  };
  redraw();
  fillRows(list, table, pieces, on, 0);
  if (table.length === 0) list.append(el("li", { class: "gap" }, say("noPieces")));
  listen(bytes, list, table, light, on);

  const total = side.list.reduce((sum, run) => sum + run.bytes.length, 0);
  const node = el(
    "section",
    { class: ["message", side.verb] },
    el("h3", {}, side.title, total ? el("small", {}, say(side.verb === "recv" ? "movedIn" : "movedOut", count(total), chunks.length)) : ""),
    el("div", { class: "beside" }, bytes, list),
  );
  return { node, redraw };
}

// most is how many rows are made at once: a long body may have thousands of
// chunks.
const most = 300;

function fillRows(list, table, pieces, on, from) {
  const to = Math.min(table.length, from + most);
  for (let i = from; i < to; i++) list.append(pieceRow(table[i], i, pieces, on));
  if (to === table.length) return;
  const more = el("li", {}, el("button", { type: "button", class: "more", onclick: () => {
    more.remove();
    fillRows(list, table, pieces, on, to);
  } }, say("moreRows", count(table.length - to))));
  list.append(more);
}

// textOf is what a row shows of its bytes: a body's and a chunk's are beside
// it, so it says how many they are.
function textOf(row, pieces) {
  const carried = row.pieces.map((i) => pieces[i]).filter((piece) => piece.kind === "body" || piece.kind === "chunk-data");
  if (carried.length === 0) return plain(row.text);
  const bytes = say("bytes", carried.reduce((sum, piece) => sum + piece.len, 0));
  return row.kind === "chunk" ? `${plain(row.text)} = ${bytes}` : bytes;
}

function pieceRow(row, i, pieces, on) {
  const sentences = row.explain.map((key) => explanation(key)).filter(Boolean);
  const hidden = row.kind === "field" && isSecret(row.label) && /^\*+$/.test(row.text);
  const text = hidden
    ? el("button", { type: "button", class: "secret", onclick: on.reveal, title: say("revealHint") }, say("hidden"))
    : el("span", { class: "piece-text" }, textOf(row, pieces));
  return el(
    "li",
    { class: ["piece", `p-${row.kind}`], "data-row": i, tabindex: i === 0 ? "0" : "-1" },
    el("span", { class: "piece-label" }, row.label ? plain(row.label) : say(`kind_${row.kind}`)),
    text,
    sentences.length ? el("p", { class: "sentence" }, sentences.map((said) => [said.text, " ", source(said), " "])) : "",
  );
}

function listen(bytes, list, table, light, on) {
  const ofPiece = (index) => table.findIndex((row) => row.pieces.includes(index));
  const fromBytes = (event) => {
    const bit = event.target.closest?.("[data-piece]");
    if (bit) light({ piece: Number(bit.dataset.piece), row: ofPiece(Number(bit.dataset.piece)) });
  };
  const fromList = (event) => {
    const node = event.target.closest?.(".piece");
    if (node) light({ piece: table[node.dataset.row].pieces[0], row: Number(node.dataset.row) });
  };
  bytes.addEventListener("pointerover", fromBytes);
  bytes.addEventListener("click", (event) => {
    const mark = event.target.closest(".call");
    if (mark) on.call(Number(mark.dataset.call));
    else fromBytes(event);
  });
  list.addEventListener("pointerover", fromList);
  list.addEventListener("focusin", fromList);
  list.addEventListener("keydown", (event) => {
    const at = Number(event.target.closest(".piece")?.dataset.row ?? 0);
    const nodes = list.querySelectorAll(".piece");
    const next = step(event, at, nodes.length);
    if (next === null) return;
    event.preventDefault();
    nodes.forEach((node, i) => node.setAttribute("tabindex", i === next ? "0" : "-1"));
    nodes[next].focus();
  });
  let piece = -1;
  const order = [...new Set([...bytes.querySelectorAll("[data-piece]")].map((bit) => Number(bit.dataset.piece)))];
  bytes.addEventListener("keydown", (event) => {
    const next = step(event, order.indexOf(piece), order.length);
    if (next === null || event.target !== bytes) return;
    event.preventDefault();
    piece = order[next];
    light({ piece, row: ofPiece(piece) });
    bytes.querySelector(`[data-piece="${piece}"]`)?.scrollIntoView({ block: "nearest" });
  });
}

function step(event, at, length) {
  if (length === 0 || event.ctrlKey || event.metaKey || event.altKey) return null;
  const to = { ArrowDown: at + 1, ArrowRight: at + 1, ArrowUp: at - 1, ArrowLeft: at - 1, Home: 0, End: length - 1 }[event.key];
  return to === undefined ? null : Math.max(0, Math.min(length - 1, to));
}

// lighten shows which bytes a row is, which row some bytes are, and says it.
function lighten(active, { pieces, table, bytes, list, bar, chunks, verb }) {
  const panel = bytes.closest(".wire") ?? bytes;
  for (const lit of panel.querySelectorAll(".lit, .lit-row")) lit.classList.remove("lit", "lit-row");
  const row = table[active.row];
  const lit = row && !["crlf", "colon"].includes(pieces[active.piece].kind) ? row.pieces : [active.piece];
  const frame = pieces[active.piece].kind === "frame" ? pieces[active.piece] : null;
  const within = (piece) => piece.off >= frame.off && piece.off + piece.len <= frame.off + frame.len;
  for (const index of frame ? pieces.map((_, i) => i).filter((i) => within(pieces[i])) : lit) {
    for (const bit of bytes.querySelectorAll(`[data-piece="${index}"]`)) bit.classList.add("lit");
  }
  if (row) list.querySelector(`[data-row="${active.row}"]`)?.classList.add("lit-row");
  sayPiece(bar, pieces, active.piece, lit, chunks, verb);
}

function sayPiece(bar, pieces, index, lit, chunks, verb) {
  const piece = pieces[index];
  const from = Math.min(...lit.map((i) => pieces[i].off));
  const to = Math.max(...lit.map((i) => pieces[i].off + pieces[i].len));
  const keys = [...new Set(lit.map((i) => pieces[i].explain).filter(Boolean))];
  const sentences = keys.map((key) => explanation(key)).filter(Boolean);
  const calls = chunks.filter((chunk) => chunk.off < to && chunk.off + chunk.len > from).map((chunk) => `#${chunk.seq}`);
  bar.classList.remove("idle");
  bar.replaceChildren(
    el("p", { class: "explain-what" }, el("b", {}, say(`kind_${piece.kind}`)), " ", sentences.length ? sentences.map((said) => [said.text, " ", source(said), " "]) : plain(piece.text ?? "")),
    el("p", { class: "explain-where" }, say("bytesRange", count(from), count(Math.max(from, to - 1))), calls.length ? ` · ${say(verb === "recv" ? "broughtBy" : "takenBy", calls.join(", "))}` : ""),
  );
}

function clearBar(bar) {
  bar.classList.add("idle");
  bar.replaceChildren(el("p", { class: "explain-what" }, say("pointAt")), el("p", { class: "explain-where" }, "\u00a0"));
}

function chunkAt(chunks, off) {
  return chunks.find((chunk) => chunk.off <= off && off < chunk.off + chunk.len);
}
