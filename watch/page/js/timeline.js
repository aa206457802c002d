// The timeline tab: the ten verbs as lanes, each event where and as long as it
// happened, and beneath the same as a table, as strace(1) writes it.

import { because, failing } from "./because.js";
import { choice } from "./choice.js";
import { el, keep, kept, svg } from "./dom.js";
import { clock, count, duration, since } from "./format.js";
import { fold } from "./scale.js";
import { plain } from "./visible.js";
import { closing, language, say } from "./words.js";

// verbs are the path of one request; what is none of them has the lane "…".
export const verbs = ["socket", "bind", "listen", "accept", "recv", "parse", "handle", "respond", "send", "close"];
const asVerb = { recvfrom: "recv", sendto: "send", sendfile: "send" };
const lane = 24;
const left = 76;
const loop = ["wait", "baton", "rest"];

// timeline makes the tab's content, drawn for so many pixels. wanted is the
// number of an event to point at, or 0.
export function timeline(exchange, room, wanted = 0) {
  const width = Math.max(340, Math.min(1200, room));
  const events = exchange.events ?? [];
  if (events.length === 0) return [el("p", { class: "gap" }, say("noEvents"))];
  const start = events.reduce((first, event) => (since(event.time, first) > 0 ? event.time : first), events[0].time);
  const placed = events.map((event) => {
    const from = since(start, event.time);
    return { event, from, to: from + (event.took_ns ?? 0) };
  });
  placed.sort((a, b) => a.from - b.from || a.event.seq - b.event.seq); // by when they began; their numbers tell when they ended
  const drawing = el("div", { class: "lanes-box", tabindex: "0", role: "group", "aria-label": say("lanes") });
  const redraw = () => drawing.replaceChildren(draw(placed, kept("axis", "steps"), width));
  redraw();
  const table = list(placed);
  const point = (seq, scroll) => {
    for (const node of [...drawing.querySelectorAll(".lit"), ...table.querySelectorAll(".lit-row")]) node.classList.remove("lit", "lit-row");
    drawing.querySelector(`[data-seq="${seq}"]`)?.classList.add("lit");
    const row = table.querySelector(`[data-seq="${seq}"]`);
    row?.classList.add("lit-row");
    if (scroll) row?.scrollIntoView({ block: "nearest" });
  };
  for (const node of [drawing, table]) {
    node.addEventListener("pointerover", (event) => {
      const seq = event.target.closest("[data-seq]")?.dataset.seq;
      if (seq) point(seq, false);
    });
  }
  drawing.addEventListener("click", (event) => {
    const seq = event.target.closest("[data-seq]")?.dataset.seq;
    if (seq) point(seq, true);
  });
  if (wanted) requestAnimationFrame(() => point(wanted, true));
  return [
    summary(placed),
    el("div", { class: "panel-tools" }, choice("axis", [["steps", say("axisSteps")], ["time", say("axisTime")]], kept("axis", "steps"), (value) => {
      keep("axis", value);
      redraw();
    })),
    drawing,
    el("div", { class: "table-box", tabindex: "0", role: "group", "aria-label": say("eventsTable") }, table),
  ];
}

// summary is where the time went, in one line.
function summary(placed) {
  const sum = (test) => placed.filter(({ event }) => test(event)).reduce((total, { event }) => total + (event.took_ns ?? 0), 0);
  const parts = [
    ["inHandler", sum((event) => event.verb === "handle")],
    ["inCalls", sum((event) => event.result)],
    ["inWaiting", sum((event) => event.verb === "wait")],
  ];
  const batons = placed.filter(({ event }) => event.verb === "baton").length;
  return el(
    "dl",
    { class: "facts" },
    parts.map(([key, ns]) => el("div", {}, el("dt", {}, say(key)), el("dd", {}, duration(ns)))),
    el("div", {}, el("dt", {}, say("handovers")), el("dd", {}, String(batons))),
    el("div", {}, el("dt", {}, say("calls")), el("dd", {}, String(placed.filter(({ event }) => event.result).length))),
  );
}

function laneOf(verb) {
  const index = verbs.indexOf(asVerb[verb] ?? verb);
  if (index >= 0) return index;
  return loop.includes(verb) ? verbs.length : verbs.length + 1;
}

// steps is an axis on which each event has the same room, in their order: the
// microseconds of a call can be seen beside the milliseconds of a handler.
function steps(placed, room) {
  const times = [...new Set(placed.flatMap(({ from, to }) => [from, to]))].sort((a, b) => a - b);
  const place = new Map(times.map((time, i) => [time, times.length > 1 ? (i / (times.length - 1)) * room : 0]));
  return { at: (time) => place.get(time), breaks: [] };
}

function draw(placed, kind, width) {
  const room = width - left - 16;
  const axis = kind === "time" ? fold(placed, room) : steps(placed, room);
  const names = [...verbs, say("laneLoop"), say("laneOther")];
  const height = names.length * lane + 26;
  const x = (time) => left + axis.at(time);
  const picture = svg("svg", { class: "lanes", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": say("lanesLabel", placed.length) });
  names.forEach((name, i) => {
    const used = placed.some(({ event }) => laneOf(event.verb) === i);
    picture.append(
      svg("rect", { class: ["lane", i % 2 && "odd"], x: 0, y: i * lane, width, height: lane }),
      svg("text", { class: ["lane-name", !used && "unused"], x: 8, y: i * lane + 16 }, name),
    );
  });
  for (const gap of axis.breaks) {
    const at = left + gap.x;
    picture.append(
      svg("rect", { class: "fold", x: at, y: 0, width: gap.width, height: names.length * lane }),
      svg("text", { class: "fold-name", x: at + gap.width / 2, y: height - 8, "text-anchor": "middle" }, duration(gap.to - gap.from)),
    );
  }
  const end = Math.max(...placed.map(({ to }) => to));
  picture.append(
    svg("text", { class: "tick", x: left, y: height - 8 }, "0"),
    svg("text", { class: "tick", x: width - 8, y: height - 8, "text-anchor": "end" }, duration(end)),
  );
  for (const { event, from, to } of placed) {
    const row = laneOf(event.verb);
    const w = Math.max(4, x(to) - x(from));
    const bit = svg("rect", {
      class: ["event", `v-${verbs[row] ?? "other"}`, event.error && "failed", /EAGAIN/.test(event.result ?? "") && "again"],
      x: Math.min(x(from), width - 12), y: row * lane + 5, width: w, height: lane - 10, rx: 2, "data-seq": event.seq,
    });
    bit.append(svg("title", {}, `#${event.seq} ${call(event)} · ${duration(event.took_ns ?? 0)}`));
    picture.append(bit);
  }
  return picture;
}

// call is an event in one line: a system call as strace writes it, or the verb
// and its note.
export function call(event) {
  if (event.result) return `${event.verb}(${plain(event.args)}) = ${plain(event.result)}`;
  const note = event.note ? `: ${noted(event)}` : "";
  const bytes = event.len ? ` [${count(event.off ?? 0)}, ${count((event.off ?? 0) + event.len)})` : "";
  return `${event.verb}${bytes}${note}`;
}

// noted is an event's note, its reason in the page's language. What the error
// or the result beside it says as well is left out.
function noted(event) {
  if (language() !== "en" && event.verb === "close") return closing(event.note);
  const refused = event.verb === "parse" && /^refused: (.*)$/s.exec(event.note);
  if (!refused) return plain(event.note);
  return event.error?.includes(refused[1]) ? say("refusedNote") : `${say("refusedNote")}: ${because(refused[1])}`;
}

function list(placed) {
  const head = ["eventNumber", "eventAt", "eventVerb", "eventCall", "eventTook"];
  const body = placed.map(({ event, from }) => {
    const failed = event.error ? el("span", { class: "errno" }, " ", failing(event.error)) : "";
    const note = event.result && event.note && !event.result.includes(event.note.replace(/ \(.*\)$/, "")) ? el("span", { class: "note" }, " ", noted(event)) : "";
    return el(
      "tr",
      { "data-seq": event.seq, class: event.error && "failed" },
      el("td", { class: "number" }, event.seq),
      el("td", { class: "number", title: clock(event.time) }, from === 0 ? "0" : `+${duration(from)}`),
      el("td", {}, el("span", { class: ["verb", `v-${verbs[laneOf(event.verb)] ?? "other"}`] }, event.verb)),
      el("td", { class: "call-text" }, el("code", {}, call(event)), note, failed),
      el("td", { class: "number" }, event.took_ns ? duration(event.took_ns) : ""),
    );
  });
  return el("table", { class: "events" }, el("thead", {}, el("tr", {}, head.map((key) => el("th", { scope: "col" }, say(key))))), el("tbody", {}, body));
}
