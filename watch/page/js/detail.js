// One exchange: its name, what can be done with it, and five views of it.

import * as api from "./api.js";
import { bodies } from "./bodies.js";
import { compare } from "./compare.js";
import { el, icon } from "./dom.js";
import { clock, duration } from "./format.js";
import { statusClass, statusText } from "./list.js";
import { again, edit } from "./resend.js";
import { story } from "./story.js";
import { takeout } from "./takeout.js";
import { timeline } from "./timeline.js";
import { plain } from "./visible.js";
import { wire } from "./wire.js";
import { say } from "./words.js";

export const tabs = ["wire", "timeline", "connection", "bodies", "compare"];

export class Detail {
  // box is the section to fill; on has store, close(), open(id), mark(summary)
  // and said(text).
  constructor(box, on) {
    this.box = box;
    this.on = on;
    this.id = 0; // of the exchange shown; 0: none
    this.tab = "wire";
    this.secrets = false;
    this.exchange = null;
    this.sent = new Map(); // id -> what was sent again
    this.chosen = "";
    this.wantedCall = 0;
    this.takeout = null;
  }

  // show shows an exchange. The tab stays; secrets are hidden again.
  async show(id) {
    if (id !== this.id) {
      this.secrets = false;
      this.chosen = "";
      this.wantedCall = 0;
      this.exchange = null;
    }
    this.id = id;
    this.box.hidden = false;
    await this.load();
  }

  hide() {
    this.stop?.abort();
    clearTimeout(this.timer);
    this.id = 0;
    this.exchange = null;
    this.box.hidden = true;
    this.box.dataset.shown = "";
    this.box.replaceChildren();
  }

  // changed is told when the summary of the exchange has changed: what is
  // shown is asked for again, at most twice a second.
  changed() {
    if (this.timer) return;
    this.timer = setTimeout(() => {
      this.timer = 0;
      if (!this.id) return;
      if (this.box.querySelector(":popover-open")) this.changed();
      else this.load();
    }, 500);
  }

  async load() {
    this.stop?.abort();
    this.stop = new AbortController();
    const { signal } = this.stop;
    const { id, secrets } = this;
    try {
      const exchange = await api.exchange(id, secrets, signal);
      if (signal.aborted) return;
      const text = JSON.stringify(exchange);
      if (this.exchange && text === this.text) return; // whoever reads or selects is not disturbed
      this.text = text;
      this.exchange = exchange;
      this.draw();
    } catch (error) {
      if (signal.aborted) return;
      this.trouble(error);
    }
  }

  trouble(error) {
    const summary = this.on.store.byId.get(this.id);
    this.box.replaceChildren(
      el("header", { class: "detail-head" }, this.closeButton(), el("h2", { id: "detail-title", tabindex: "-1" }, summary ? `${plain(summary.method)} ${plain(summary.target)}` : `#${this.id}`)),
      el("p", { class: "notice", role: "alert" }, error.status === 404 ? say("gone") : say("failed", error.message)),
    );
  }

  get summary() {
    return this.on.store.byId.get(this.id) ?? this.exchange.summary;
  }

  draw() {
    if (!this.exchange) return;
    const focused = this.focusedPlace();
    this.panel = el("div", { class: "panel", id: "panel", role: "tabpanel", "aria-labelledby": `tab-${this.tab}`, tabindex: "-1" });
    const scrolled = this.box.querySelector(".panel")?.scrollTop ?? 0;
    const shown = `${this.id} ${this.tab}`;
    const same = this.box.dataset.shown === shown;
    this.box.dataset.shown = shown;
    this.box.setAttribute("aria-labelledby", "detail-title");
    this.box.replaceChildren(this.head(), this.tablist(), this.panel);
    this.box.querySelector("[role=tab][aria-selected=true]").scrollIntoView({ block: "nearest", inline: "nearest" });
    this.fill();
    if (same) this.panel.scrollTop = scrolled;
    if (focused) this.box.querySelector(focused)?.focus({ preventScroll: true });
  }

  // focusedPlace is how to find the focused element again after a redraw.
  focusedPlace() {
    const active = document.activeElement;
    if (!this.box.contains(active)) return "";
    if (active.id) return `#${active.id}`;
    if (active.dataset.row) return `.message.${active.closest(".message").classList[1]} [data-row="${active.dataset.row}"]`;
    return "#detail-title";
  }

  head() {
    const s = this.summary;
    this.takeout = takeout({
      id: () => this.id,
      marked: () => this.on.store.all.filter((one) => one.marked).map((one) => one.id),
      shown: () => this.on.store.shown.map((one) => one.id),
      said: this.on.said,
    });
    const facts = [clock(s.time), s.state === "http2" ? say("connectionWhole", s.conn) : say("connectionNth", s.conn, s.nth), s.state === "open" ? say("running") : duration(s.took_ns), plain(s.proto), s.tls ? "TLS" : ""];
    return el(
      "header",
      { class: "detail-head" },
      this.closeButton(),
      el("div", { class: "detail-name" },
        el("h2", { id: "detail-title", tabindex: "-1" },
          el("b", {}, plain(s.method) || "—"), " ", el("span", { class: "target" }, plain(s.target)), " ",
          el("span", { class: `status s${statusClass(s)}` }, statusText(s)), s.state === "done" ? "" : el("span", { class: `tag is-${s.state}` }, say(`state_${s.state}`))),
        el("p", {}, facts.filter(Boolean).join(" · "))),
      el("div", { class: "actions" },
        this.action("mark", "mark", say(s.marked ? "unmark" : "mark"), () => this.on.mark(s), { "aria-pressed": String(Boolean(s.marked)) }),
        this.action("secrets", "eye", say("secrets"), () => this.reveal(), { "aria-pressed": String(this.secrets), title: say("revealHint") }),
        this.action("again", "again", say("replay"), () => this.again(), { title: say("replayHint") }),
        this.action("edit", "edit", say("edit"), () => this.edit(), { title: say("editTitle") }),
        this.takeout.button),
      this.takeout.panel,
    );
  }

  closeButton() {
    return el("button", { type: "button", class: "icon-button close", id: "detail-close", "aria-label": say("close"), title: `${say("close")} (Esc)`, onclick: () => this.on.close() }, icon("back"), icon("close"));
  }

  action(id, drawing, text, act, attributes) {
    return el("button", { type: "button", id: `do-${id}`, onclick: act, ...attributes }, icon(drawing), el("span", { class: "text" }, text));
  }

  tablist() {
    const list = el("div", { class: "tabs", role: "tablist", "aria-label": say("views") });
    for (const [i, name] of tabs.entries()) {
      const here = name === this.tab;
      list.append(el("button", {
        type: "button", role: "tab", id: `tab-${name}`, "aria-selected": String(here), "aria-controls": here ? "panel" : null,
        tabindex: here ? "0" : "-1", title: String(i + 1), onclick: () => this.turn(name),
      }, say(`tab_${name}`)));
    }
    list.addEventListener("keydown", (event) => {
      const at = tabs.indexOf(this.tab);
      const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
      if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      this.turn(tabs[(to + tabs.length) % tabs.length], true);
    });
    return list;
  }

  // turn shows another view; focus puts the focus on its tab.
  turn(name, focus = false) {
    this.tab = name;
    this.draw();
    if (focus) this.box.querySelector(`#tab-${name}`)?.focus();
  }

  fill() {
    const { exchange, panel } = this;
    panel.classList.add(`panel-${this.tab}`);
    panel.append(...{
      wire: () => wire(exchange, { reveal: () => this.reveal(), call: (seq) => this.call(seq) }),
      timeline: () => timeline(exchange, this.box.clientWidth - 32, this.wantedCall),
      connection: () => story(this.withSiblings(exchange), this.box.clientWidth - 32, (id) => this.on.open(id)),
      bodies: () => bodies(exchange, (side) => api.body(this.id, side, this.secrets, this.stop?.signal), () => this.reveal()),
      compare: () => compare(exchange, this.others(), this.sent.get(this.id) ?? [], this.secrets, this.chosen),
    }[this.tab]());
    this.wantedCall = 0;
  }

  // withSiblings adds what the page knows itself of the same connection: the
  // server tells the nearest alone.
  withSiblings(exchange) {
    const { conn } = exchange.summary;
    const all = new Map(exchange.siblings.map((one) => [one.id, one]));
    for (const one of this.on.store.all) if (one.conn === conn) all.set(one.id, one);
    return { ...exchange, siblings: [...all.values()] };
  }

  // others are the exchanges worth comparing with: marked ones, and the latest
  // that asked the same.
  others() {
    const s = this.summary;
    const path = (target) => (target ?? "").split("?")[0];
    const alike = this.on.store.all.filter((one) => one.id !== s.id && !one.marked && one.method === s.method && path(one.target) === path(s.target));
    return [...this.on.store.all.filter((one) => one.marked && one.id !== s.id), ...alike.slice(-30).reverse()];
  }

  call(seq) {
    this.wantedCall = seq;
    this.turn("timeline", true);
  }

  reveal() {
    this.secrets = !this.secrets;
    this.on.said(say(this.secrets ? "secretsShown" : "secretsHidden"));
    return this.load();
  }

  // whole says that an HTTP/2 connection cannot be sent again, if it is one.
  whole() {
    const whole = this.summary.state === "http2";
    if (whole) this.on.said(say("noReplayOfFrames"));
    return whole;
  }

  async again() {
    const { id } = this;
    if (this.whole()) return;
    this.on.said(say("sending"));
    try {
      this.cameBack(id, await again(id), false);
    } catch (error) {
      this.on.said(say("failed", error.message));
    }
  }

  async edit() {
    const { id } = this;
    if (this.whole()) return;
    try {
      edit(await api.exchange(id, true), (result) => this.cameBack(id, result, true));
    } catch (error) {
      this.on.said(say("failed", error.message));
    }
  }

  cameBack(id, result, edited) {
    const list = this.sent.get(id) ?? [];
    list.push({ time: new Date().toISOString(), result, edited });
    this.sent.set(id, list);
    this.on.said(result.error ? say("replayError", plain(result.error)) : say("replayed", result.sent, duration(result.took_ns)));
    if (this.id !== id) return;
    this.chosen = `sent-${list.length - 1}`;
    this.turn("compare", true);
  }
}
