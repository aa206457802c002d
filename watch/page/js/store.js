// The exchanges that the page knows of, and those of them that the filter
// lets through. Knows nothing of the page.
//
// Bounded: beyond `limit` the oldest are forgotten, as the server does with
// what it keeps.

export class Store {
  constructor(limit = 200_000) {
    this.limit = limit;
    this.passes = () => true;
    this.empty();
  }

  // empty forgets all exchanges and connections.
  empty() {
    this.all = []; // by id, ascending
    this.shown = []; // those of them that pass the filter
    this.byId = new Map();
    this.connections = new Map();
  }

  // put takes summaries in: new ones, or the same ids again, changed. It
  // returns how many new ones pass the filter.
  put(summaries) {
    let fresh = 0;
    for (const summary of summaries) {
      const known = this.byId.get(summary.id);
      if (known) {
        this.#change(known, summary);
        continue;
      }
      this.byId.set(summary.id, summary);
      insert(this.all, summary);
      if (this.passes(summary)) {
        insert(this.shown, summary);
        fresh++;
      }
    }
    if (this.all.length > this.limit * 1.05) this.forget(this.all.length - this.limit);
    return fresh;
  }

  #change(known, summary) {
    const before = this.indexOf(known.id) >= 0;
    for (const key of Object.keys(known)) delete known[key];
    Object.assign(known, summary);
    const after = this.passes(known);
    if (after && !before) insert(this.shown, known);
    if (!after && before) this.shown.splice(place(this.shown, known.id), 1);
  }

  // forget drops the oldest, and returns how many of them were shown.
  forget(n) {
    for (const summary of this.all.splice(0, n)) this.byId.delete(summary.id);
    const first = this.all[0]?.id ?? Infinity;
    return this.shown.splice(0, place(this.shown, first)).length;
  }

  // filter sets what passes, and goes through all.
  filter(passes) {
    this.passes = passes;
    this.shown = this.all.filter(passes);
  }

  // indexOf is the place of an exchange among the shown, -1 if it is not.
  indexOf(id) {
    const at = place(this.shown, id);
    return this.shown[at]?.id === id ? at : -1;
  }

  // near is the index of the shown exchange with this id, or else of the
  // next one, or the last; -1 if none is shown.
  near(id) {
    return Math.min(place(this.shown, id), this.shown.length - 1);
  }
}

// place is the first index whose id is not below: where the id is or would be.
function place(list, id) {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (list[middle].id < id) low = middle + 1;
    else high = middle;
  }
  return low;
}

function insert(list, summary) {
  if (list.length === 0 || list.at(-1).id < summary.id) list.push(summary);
  else list.splice(place(list, summary.id), 0, summary);
}
