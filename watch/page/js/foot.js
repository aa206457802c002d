// The line at the foot: whether the page is live, how much is kept, and what
// was lost.

import { el } from "./dom.js";
import { count, size } from "./format.js";
import { say } from "./words.js";

export class Foot {
  constructor(box) {
    this.word = el("span");
    this.lamp = el("span", { class: "state", role: "status" }, el("i", { "aria-hidden": "true" }), this.word);
    this.rest = el("span", { class: "rest-of-foot" });
    box.append(this.lamp, this.rest);
    this.state = "joining";
    this.all = 0;
    this.waiting = 0;
    this.paused = false;
    this.now = { lost: 0, dropped: 0, kept: 0, bytes: 0, limit: 0 };
  }

  // live tells whether the stream is up; forGood, that it will not come back
  // by itself.
  live(yes, forGood = false) {
    this.state = yes ? "live" : forGood ? "refused" : "broken";
    this.say();
  }

  counts(all, waiting, paused) {
    if (all === this.all && waiting === this.waiting && paused === this.paused) return;
    Object.assign(this, { all, waiting, paused });
    this.say();
  }

  status(status) {
    this.now = { ...this.now, ...status };
    this.say();
  }

  say() {
    const { lost, dropped, bytes, limit } = this.now;
    const state = this.state === "live" && this.paused ? "paused" : this.state;
    const word = say(`stream_${state}`);
    if (this.word.textContent !== word) this.word.textContent = word; // screen readers say it when it changes, and only then
    this.lamp.className = `state is-${state}`;
    this.rest.replaceChildren(
      el("span", {}, say("exchangeCount", this.all, count(this.all))),
      this.paused ? el("span", { class: "waiting" }, say("waiting", count(this.waiting))) : "",
      limit ? el("span", { class: "memory", title: say("memoryHint", count(bytes), count(limit)) }, el("meter", { min: 0, max: limit, value: Math.min(bytes, limit), "aria-label": say("memory") }), `${size(bytes)} / ${size(limit)}`) : "",
      dropped ? el("span", { title: say("droppedHint") }, say("dropped", count(dropped))) : "",
      lost ? el("span", { class: "lost", title: say("lostHint") }, say("lost", count(lost))) : "",
      this.state === "refused" ? el("span", { class: "lost" }, say("refusedHint")) : "",
    );
  }
}
