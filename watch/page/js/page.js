// The page: joins the stream, the list, the detail and the keys.

import * as api from "./api.js";
import { Detail } from "./detail.js";
import { divider } from "./divider.js";
import { $, el, icon } from "./dom.js";
import { matches, parse } from "./filter.js";
import { Foot } from "./foot.js";
import { count } from "./format.js";
import { help } from "./help.js";
import { keys } from "./keys.js";
import { List } from "./list.js";
import { Store } from "./store.js";
import { dress, switches } from "./switches.js";
import { plain } from "./visible.js";
import { choose, language, say, setExplanations } from "./words.js";

const store = new Store();
const foot = new Foot($("foot"));
let terms = [];
let found = new Map(); // for each value of ~h in the filter, the ids whose fields hold it
let findTimer = 0;
let unseen = 0; // new ones below the sight
let paused = null; // while paused: the summaries that wait, by id
let toastTimer = 0;

const list = new List($("list"), store, {
  selected: (summary) => {
    if (detail.id) open(summary, false);
  },
  open: (summary, byPointer = false) => open(summary, !byPointer),
  mark: (summary) => mark(summary),
  followed: () => latest(),
});

const detail = new Detail($("detail"), {
  store,
  close,
  open: (id) => {
    const summary = store.byId.get(id);
    list.select(id, true);
    if (summary) open(summary, false);
    else detail.show(id);
  },
  mark,
  said,
});

divider($("divider"), $("panes"));

// said shows a short message and says it to screen readers.
function said(text) {
  $("said").textContent = text;
  const toast = $("toast");
  toast.textContent = text;
  toast.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => {
    toast.hidden = true;
  }, 5000);
}

function open(summary, focus) {
  const fresh = detail.id !== summary.id;
  const inList = $("list").contains(document.activeElement);
  list.select(summary.id, true);
  document.body.classList.add("with-detail");
  $("divider").hidden = false;
  list.measure();
  name(summary);
  if (!fresh && !focus) return;
  const covered = inList && getComputedStyle($("list-pane")).visibility === "hidden"; // narrow: focus in it would be lost
  detail.show(summary.id).then(() => {
    if (focus || covered) document.getElementById("detail-title")?.focus({ preventScroll: true });
  });
}

function close() {
  if (!detail.id) return;
  detail.hide();
  name(null);
  document.body.classList.remove("with-detail");
  $("divider").hidden = true;
  list.measure();
  list.select(list.selected, true);
  $("list").focus({ preventScroll: true });
}

// name puts the open exchange into the title and the address, so that a page
// that is loaded again opens it again.
function name(summary) {
  document.title = summary ? `${plain(summary.method)} ${plain(summary.target)} – Genkan` : "Genkan";
  history.replaceState(null, "", summary ? `#${summary.id}` : location.pathname);
}

// reopen opens the exchange that the address names, once it has come.
function reopen() {
  const wanted = store.byId.get(Number(location.hash.slice(1)));
  if (wanted && !detail.id) open(wanted, false);
}

async function mark(summary) {
  const marked = !summary.marked;
  take([{ ...summary, marked }]);
  detail.draw();
  $("said").textContent = say(marked ? "marked" : "unmarked");
  try {
    await api.mark(summary.id, marked);
  } catch (error) {
    take([{ ...summary, marked: !marked }]);
    detail.draw();
    said(say("failed", error.message));
  }
}

function take(summaries) {
  const fresh = store.put(summaries);
  if (terms.some((term) => term.kind === "field")) findTimer ||= setTimeout(find, 300);
  if (!list.following) unseen += fresh;
  if (detail.id && summaries.some((summary) => summary.id === detail.id)) detail.changed();
  arranged();
}

// arranged is told when the store, or what it shows, has changed.
function arranged() {
  list.changed();
  latest();
  const { length } = store.shown;
  const none = $("list-empty");
  none.hidden = length > 0;
  if (length === 0) none.replaceChildren(...emptiness());
  const text = $("filter").value.trim() === "" ? "" : say("filterCount", count(length), count(store.all.length));
  if (!$("filter-said").classList.contains("wrong")) $("filter-said").textContent = text;
  foot.counts(store.all.length, paused?.size ?? 0, paused !== null);
}

function emptiness() {
  const drawing = el("div", { class: "door" }, icon("door"));
  if (store.all.length > 0) {
    return [drawing, el("p", {}, say("noMatch")), el("button", { type: "button", onclick: () => filterBy("") }, say("filterClear"))];
  }
  return [drawing, el("p", {}, say("nothingYet")), el("p", { class: "hint" }, say("nothingYetHint"))];
}

function latest() {
  const button = $("list-latest");
  if (list.following || list.endInSight) unseen = 0;
  button.hidden = unseen === 0;
  button.textContent = say("newBelow", count(unseen));
}

function filterBy(text) {
  const input = $("filter");
  if (input.value !== text) input.value = text;
  $("filter-clear").hidden = text === "";
  const parsed = parse(text);
  terms = parsed.terms;
  const note = $("filter-said");
  note.classList.toggle("wrong", parsed.error !== null);
  input.setAttribute("aria-invalid", String(parsed.error !== null));
  if (parsed.error) note.textContent = say(`filter_${parsed.error.kind}`, text.slice(parsed.error.at, parsed.error.at + 12));
  list.following = detail.id === 0;
  sift();
  if (terms.some((term) => term.kind === "field" && !found.has(term.value))) find();
  if (detail.id) list.select(detail.id, true);
}

function sift() {
  store.filter((summary) => matches(terms, summary, found));
  arranged();
}

// find asks the server which exchanges have the fields that ~h wants: it alone
// keeps the heads.
async function find() {
  clearTimeout(findTimer);
  findTimer = 0;
  const values = [...new Set(terms.filter((term) => term.kind === "field").map((term) => term.value))];
  try {
    found = new Map(await Promise.all(values.map(async (value) => [value, await api.find(value)])));
    sift();
  } catch (error) {
    said(say("failed", error.message));
  }
}

function pause() {
  if (paused) {
    const waiting = [...paused.values()];
    paused = null;
    take(waiting);
  } else paused = new Map();
  tools.paused(paused !== null);
  $("said").textContent = say(paused ? "pausedSaid" : "goesOn");
  arranged();
}

function clear() {
  if (store.all.length === 0 && !paused?.size) return;
  const yes = el("button", { type: "submit", class: "main" }, say("clear"));
  const dialog = el("dialog", { class: "sheet small", "aria-labelledby": "clear-title" },
    el("form", { method: "dialog" },
      el("h2", { id: "clear-title" }, say("clearTitle", count(store.all.length + (paused?.size ?? 0)))),
      el("p", {}, say("clearText")),
      el("div", { class: "buttons" }, el("button", { type: "button", onclick: () => dialog.close() }, say("cancel")), yes)));
  dialog.addEventListener("close", () => dialog.remove());
  dialog.querySelector("form").addEventListener("submit", () => api.clear().catch((error) => said(say("failed", error.message))));
  document.body.append(dialog);
  dialog.showModal();
  yes.focus();
}

function emptied() {
  store.empty();
  paused?.clear();
  unseen = 0;
  list.selected = 0;
  list.following = true;
  close();
  arranged();
}

function listen() {
  let stale = false;
  api.stream({
    opened: () => {
      foot.live(true);
      if (stale) {
        store.empty();
        paused?.clear();
        arranged();
      }
      stale = true;
    },
    broken: (forGood) => foot.live(false, forGood),
    exchanges: (summaries) => {
      if (!paused) {
        take(summaries);
        return reopen();
      }
      for (const summary of summaries) paused.set(summary.id, summary);
      foot.counts(store.all.length, paused.size, true);
    },
    conn: (connection) => {
      store.connections.set(connection.conn, connection);
      if (detail.id && detail.exchange?.summary.conn === connection.conn) detail.changed();
    },
    status: (status) => {
      foot.status(status);
      const gone = store.all.length - status.kept;
      if (!(gone > 0) || paused) return; // what the server has given up cannot be opened
      list.lost(store.forget(gone));
      arranged();
    },
    cleared: emptied,
  });
}

// speak puts the page into a language: everything is written again.
async function speak(wanted) {
  choose(wanted);
  document.documentElement.lang = language();
  for (const node of document.querySelectorAll("[data-say]")) node.textContent = say(node.dataset.say);
  $("filter").placeholder = say("filterHint");
  $("filter").setAttribute("aria-label", say("filter"));
  $("filter-clear").setAttribute("aria-label", say("filterClear"));
  $("list-latest").title = say("toEnd");
  $("divider").setAttribute("aria-label", say("divider"));
  tools.say();
  list.say();
  foot.say();
  filterBy($("filter").value);
  try {
    setExplanations(await api.words(language()));
    list.changed(); // why a request was refused is among the sentences
  } catch (error) {
    said(say("failed", error.message));
  }
  detail.draw();
}

const tools = switches($("tools"), { pause, clear, speak, help: () => help() });

keys({
  list, detail, mark, pause, clear, open, close, said,
  filter: () => {
    $("filter").focus();
    $("filter").select();
  },
});

$("filter").addEventListener("input", () => filterBy($("filter").value));
$("filter").addEventListener("keydown", (event) => {
  if (event.key === "Escape" && $("filter").value !== "") filterBy("");
  else if (event.key === "Escape" || event.key === "Enter" || event.key === "ArrowDown") $("list").focus();
  else return;
  event.preventDefault();
  event.stopPropagation();
});
$("filter-clear").addEventListener("click", () => {
  filterBy("");
  $("filter").focus();
});
$("list-latest").addEventListener("click", () => {
  unseen = 0;
  list.toEnd();
  latest();
});

dress();
await speak(language());
listen();
