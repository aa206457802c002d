// The list of exchanges: a grid of which only the rows in sight exist, so that
// a hundred thousand are as quick as ten. The grid itself has the focus;
// aria-activedescendant says which row is meant.

import { because } from "./because.js";
import { el, icon } from "./dom.js";
import { bar, clock, count, duration, size } from "./format.js";
import { plain } from "./visible.js";
import { say } from "./words.js";

const columns = ["mark", "time", "conn", "method", "target", "status", "in", "out", "took"];
const spare = 6; // rows made beyond each edge, so that a quick scroll shows no gap

export class List {
  // grid is the element; on has selected(summary) for a choice by key or
  // click, and open(summary) for Enter or a double click.
  constructor(grid, store, on) {
    this.grid = grid;
    this.store = store;
    this.on = on;
    this.selected = 0; // an id; 0: none
    this.following = true;
    this.pool = [];
    this.height = 30;
    this.head = el("div", { role: "row", class: "row head", "aria-rowindex": "1" });
    this.rows = el("div", { role: "rowgroup", class: "rows" });
    grid.setAttribute("role", "grid");
    grid.setAttribute("aria-labelledby", "list-title");
    grid.append(el("div", { role: "rowgroup", class: "headgroup" }, this.head), this.rows);
    grid.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    grid.addEventListener("keydown", (event) => this.#key(event));
    this.rows.addEventListener("click", (event) => this.#clicked(event));
    new ResizeObserver(() => this.measure()).observe(grid);
    this.say();
  }

  // say writes the words again, in the page's language.
  say() {
    this.head.replaceChildren(
      ...columns.map((name) => el("div", { role: "columnheader", class: `c-${name}` }, el("span", { class: name === "mark" ? "said" : "" }, say(`column_${name}`)))),
    );
    this.draw();
  }

  // measure reads the height of a row from the style sheet, which knows how
  // wide the page is.
  measure() {
    const before = this.height;
    this.height = parseFloat(getComputedStyle(this.grid).getPropertyValue("--row")) || 30;
    const top = (this.grid.scrollTop / before) * this.height;
    this.draw();
    if (this.following) this.toEnd();
    else if (before !== this.height) {
      this.grid.scrollTop = top;
      const index = this.store.indexOf(this.selected);
      if (index >= 0) this.#reveal(index);
    }
    this.draw();
  }

  // changed is told after the store has changed.
  changed() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.draw();
      if (this.following) this.toEnd();
    });
  }

  // lost is told that so many rows are gone at the top: what is in sight stays
  // where it is.
  lost(rows) {
    if (rows > 0 && !this.following) this.grid.scrollTop -= rows * this.height;
    this.changed();
  }

  toEnd() {
    this.following = true;
    this.grid.scrollTop = this.grid.scrollHeight;
  }

  // endInSight says whether the last row is where it can be seen.
  get endInSight() {
    return this.store.shown.length * this.height + this.head.offsetHeight <= this.grid.scrollTop + this.grid.clientHeight + this.height;
  }

  get page() {
    return Math.max(1, Math.floor((this.grid.clientHeight - this.head.offsetHeight) / this.height) - 1);
  }

  draw() {
    const { shown } = this.store;
    this.rows.style.height = `${shown.length * this.height}px`;
    this.grid.setAttribute("aria-rowcount", String(shown.length + 1));
    const first = Math.max(0, Math.floor(this.grid.scrollTop / this.height) - spare);
    const last = Math.min(shown.length, first + Math.ceil(this.grid.clientHeight / this.height) + 2 * spare);
    const wanted = Math.max(0, last - first);
    while (this.pool.length < wanted) this.#grow();
    const used = new Set();
    for (let i = first; i < last; i++) {
      const row = this.pool[i % this.pool.length];
      used.add(row);
      this.#show(row, shown[i], i);
    }
    for (const row of this.pool) {
      if (!used.has(row) && !row.node.hidden) {
        row.node.hidden = true;
        row.node.removeAttribute("id");
      }
    }
    this.#point();
  }

  // grow adds a row. The pool is a ring: an exchange stays on its row while it
  // is in sight, so rows are made anew when the ring's length changes.
  #grow() {
    const cells = Object.fromEntries(columns.map((name) => [name, el("div", { role: "gridcell", class: `c-${name}` })]));
    const meter = el("span", { class: "meter", "aria-hidden": "true" }, el("i"));
    const took = el("span");
    cells.took.append(took, meter);
    const mark = icon("mark");
    cells.mark.append(mark);
    const node = el("div", { role: "row", class: "row" }, columns.map((name) => cells[name]));
    this.rows.append(node);
    this.pool.push({ node, cells, took, fill: meter.firstChild });
  }

  #show(row, s, index) {
    const { node, cells } = row;
    node.hidden = false;
    node.id = `row-${s.id}`;
    node.dataset.id = s.id;
    node.style.transform = `translateY(${index * this.height}px)`;
    node.setAttribute("aria-rowindex", String(index + 2));
    node.setAttribute("aria-selected", String(s.id === this.selected));
    node.className = `row is-${s.state}${s.marked ? " marked" : ""}${index % 2 ? " odd" : ""} s${statusClass(s)}`;
    cells.mark.setAttribute("aria-label", s.marked ? say("marked") : "");
    write(cells.time, clock(s.time));
    write(cells.conn, s.nth > 1 ? `${s.conn}·${s.nth}` : String(s.conn));
    write(cells.method, plain(s.method) || "—");
    write(cells.target, plain(s.target) || (s.state === "refused" ? s.rule : ""));
    cells.target.title = `${plain(s.host)}${plain(s.target)}`;
    write(cells.status, statusText(s));
    cells.status.title = s.state === "refused" ? `${say("refused")}: ${because(s.reason)}` : say(`state_${s.state}`);
    write(cells.in, size(s.in));
    cells.in.title = `${count(s.in)} B`;
    write(cells.out, size(s.out));
    cells.out.title = `${count(s.out)} B`;
    write(row.took, s.state === "open" ? say("running") : duration(s.took_ns));
    row.fill.style.width = `${bar(s.took_ns) * 100}%`;
  }

  #point() {
    const index = this.store.indexOf(this.selected);
    const node = index < 0 ? null : document.getElementById(`row-${this.selected}`);
    if (node) this.grid.setAttribute("aria-activedescendant", node.id);
    else this.grid.removeAttribute("aria-activedescendant");
  }

  #scrolled() {
    const left = this.grid.scrollHeight - this.grid.clientHeight - this.grid.scrollTop;
    this.following = left < this.height;
    this.on.followed?.(this.following);
    this.changed();
  }

  // select makes an exchange the chosen one and brings it into sight; it says
  // so to whoever listens unless it is told quietly.
  select(id, quietly = false) {
    this.selected = id;
    const index = this.store.indexOf(id);
    if (index >= 0) {
      this.following = index === this.store.shown.length - 1;
      this.#reveal(index);
    }
    this.draw();
    if (!quietly && index >= 0) this.on.selected(this.store.shown[index]);
  }

  #reveal(index) {
    const head = this.head.offsetHeight;
    const top = index * this.height;
    const room = this.grid.clientHeight - head;
    if (top < this.grid.scrollTop) this.grid.scrollTop = top;
    else if (top + this.height > this.grid.scrollTop + room) this.grid.scrollTop = top + this.height - room;
  }

  // move goes some rows up or down from the chosen one; without one, to the
  // first row in sight or, upwards, the last.
  move(rows) {
    const { shown } = this.store;
    if (shown.length === 0) return;
    let index;
    if (Math.abs(rows) >= shown.length) index = rows < 0 ? 0 : shown.length - 1;
    else if (this.selected === 0) index = rows > 0 ? Math.ceil(this.grid.scrollTop / this.height) : shown.length - 1;
    else if (this.store.indexOf(this.selected) >= 0) index = this.store.indexOf(this.selected) + rows;
    else index = this.store.near(this.selected) - (rows < 0 ? 1 : 0);
    this.select(shown[Math.max(0, Math.min(shown.length - 1, index))].id);
  }

  current() {
    return this.store.byId.get(this.selected) ?? null;
  }

  // steps moves as an arrow or paging key says, and tells whether it was one.
  steps(key) {
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: this.page, PageUp: -this.page, Home: -Infinity, End: Infinity }[key];
    if (by === undefined) return false;
    const { length } = this.store.shown;
    this.move(Math.max(-length, Math.min(length, by)));
    return true;
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (this.steps(event.key)) event.preventDefault();
    else if (event.key === "Enter" && this.current()) {
      event.preventDefault();
      this.on.open(this.current());
    }
  }

  #clicked(event) {
    const row = event.target.closest(".row");
    if (!row) return;
    const id = Number(row.dataset.id);
    this.selected = id;
    this.draw();
    const summary = this.store.byId.get(id);
    if (!summary) return;
    if (event.target.closest(".c-mark")) this.on.mark(summary);
    else this.on.open(summary, true);
  }
}

// write leaves a cell alone that has the text already: most rows of a redraw
// are as they were.
function write(cell, text) {
  if (cell.textContent !== text) cell.textContent = text;
}

// statusClass is the first digit of the status, r for a refused request, o for
// one without an answer.
export function statusClass(s) {
  if (s.state === "refused") return "r";
  return s.status ? String(s.status)[0] : "o";
}

// statusText is the status, or what stands in its place.
export function statusText(s) {
  if (s.status) return String(s.status);
  return { open: "…", aborted: "✕", refused: "✕" }[s.state] ?? "–";
}
