// The connection tab: one connection's story. Who came, what was asked on it
// and when, where it rested, which requests came before an answer had gone,
// and why it was closed.

import { el, svg } from "./dom.js";
import { clock, count, duration, since, size } from "./format.js";
import { fold } from "./scale.js";
import { plain } from "./visible.js";
import { statusClass, statusText } from "./list.js";
import { closing, language, say } from "./words.js";

// story makes the tab's content, its drawing for so many pixels. open(id) shows
// another exchange.
export function story(exchange, room, open) {
  const width = Math.max(300, Math.min(1200, room));
  const connection = exchange.connection ?? { conn: exchange.summary.conn };
  const siblings = [...(exchange.siblings ?? [])];
  if (!siblings.some((s) => s.id === exchange.summary.id)) siblings.push(exchange.summary);
  siblings.sort((a, b) => a.nth - b.nth || a.id - b.id);
  const steps = plot(siblings);
  const here = siblings.findIndex((s) => s.id === exchange.summary.id);
  const from = Math.max(0, here - around);
  const to = Math.min(steps.length, here + around + 1);
  const turns = (list) => list.map((step) => tell(step, exchange.summary.id, open));
  return [
    el("p", { class: "lead" }, ...lead(connection, siblings, steps)),
    siblings.length > 1 ? strip(connection, siblings.slice(from, to), exchange.summary.id, width) : "",
    el("ol", { class: "story" },
      tellOpening(connection),
      rest(steps.slice(0, from), "storyEarlier", turns),
      turns(steps.slice(from, to)),
      rest(steps.slice(to), "storyLater", turns),
      tellEnd(connection)),
  ];
}

// around is how many requests before and after the one that is open are told:
// a connection may have carried thousands.
const around = 40;

function rest(steps, key, turns) {
  if (steps.length === 0) return "";
  const item = el("li", { class: "rest" }, el("button", { type: "button", class: "quiet", onclick: () => item.replaceWith(...turns(steps).flat().filter(Boolean)) }, say(key, count(steps.length))));
  return item;
}

// plot says of each request how long the connection had rested before it, or
// that it came before the one before was answered.
export function plot(siblings) {
  return siblings.map((summary, i) => {
    const before = siblings[i - 1];
    if (!before) return { summary, rested: 0, pipelined: false };
    const gap = since(before.time, summary.time) - before.took_ns;
    return { summary, rested: Math.max(0, gap), pipelined: gap < 0 };
  });
}

function lead(connection, siblings, steps) {
  const requests = Math.max(connection.requests ?? 0, siblings.length);
  const parts = [say("storyLead", connection.conn, plain(connection.peer ?? "?"), requests, count(requests))];
  const piped = steps.filter((step) => step.pipelined).length;
  if (piped > 0) parts.push(say("storyPipelined", piped, count(piped)));
  else if (requests > 1) parts.push(say("storyReused", requests - 1, count(requests - 1)));
  return [parts.join(language() === "ja" ? "" : " ")];
}

function strip(connection, siblings, current, width) {
  const spans = siblings.map((s) => {
    const from = since(siblings[0].time, s.time);
    return { from, to: from + s.took_ns, s };
  });
  const axis = fold(spans, width - 8);
  const rows = [];
  for (const span of spans) {
    let row = rows.findIndex((until) => until <= span.from);
    if (row < 0) row = rows.length;
    rows[row] = span.to;
    span.row = row;
  }
  const thick = Math.max(4, Math.min(18, 180 / rows.length)); // many at once are many thin lines
  const height = rows.length * thick + 22;
  const picture = svg("svg", { class: "strip", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": say("stripLabel", siblings.length, connection.conn) });
  for (const gap of axis.breaks) {
    picture.append(
      svg("rect", { class: "fold", x: 4 + gap.x, y: 0, width: gap.width, height: height - 20 }),
      svg("text", { class: "fold-name", x: 4 + gap.x + gap.width / 2, y: height - 6, "text-anchor": "middle" }, duration(gap.to - gap.from)),
    );
  }
  for (const { from, to, s, row } of spans) {
    picture.append(
      svg("rect", { class: ["event", `s${statusClass(s)}`, s.id === current && "lit"], x: 4 + axis.at(from), y: row * thick + 4, width: Math.max(4, axis.at(to) - axis.at(from)), height: thick * 0.66, rx: Math.min(2, thick / 4) },
        svg("title", {}, `${s.method} ${plain(s.target)} · ${duration(s.took_ns)}`)),
    );
  }
  return picture;
}

function tellOpening(connection) {
  return el("li", { class: "edge" }, el("time", {}, clock(connection.opened)), el("span", {}, say(connection.local ? "storyOpenedAt" : "storyOpened", plain(connection.peer ?? "?"), plain(connection.local))));
}

function tell({ summary, rested, pipelined }, current, open) {
  const s = summary;
  const here = s.id === current;
  return [
    rested > 0 ? el("li", { class: "rest" }, say("storyRested", duration(rested))) : "",
    el(
      "li",
      { class: ["turn", here && "here", pipelined && "pipelined"], "aria-current": here ? "true" : null },
      el("time", {}, clock(s.time)),
      el("button", { type: "button", class: `turn-link s${statusClass(s)}`, onclick: () => open(s.id), disabled: here },
        el("b", {}, plain(s.method) || "—"), " ", plain(s.target), " ", el("span", { class: "status" }, statusText(s))),
      el("small", {}, `${size(s.in)} → ${size(s.out)} · ${s.state === "open" ? say("running") : duration(s.took_ns)}${pipelined ? ` · ${say("pipelined")}` : ""}`),
    ),
  ];
}

function tellEnd(connection) {
  if (!connection.closed) return el("li", { class: "edge open" }, el("span", {}, say("storyOpen")));
  return el(
    "li",
    { class: "edge" },
    el("time", {}, clock(connection.closed)),
    el("span", {}, say("storyClosed", duration(since(connection.opened, connection.closed))), connection.reason ? [": ", el("b", {}, closing(connection.reason))] : ""),
  );
}
