// The filter's language, a part of mitmproxy's. Pure.
//
//	login            the word is somewhere in the line
//	"two words"      so is this, with its space
//	~m POST          the method is POST
//	~s 404  ~s 4xx   the status; a first digit stands for its hundred
//	~u /api          the host and target hold it
//	~h cookie        a field's name or value holds it (secrets excepted); the
//	                 server has the heads, so it says which exchanges those are
//	~c 3             the connection's number
//	~r               it was refused
//	~k               it is marked
//	!~m GET          not
//
// Terms stand side by side and must all hold. Capitals make no difference.

const wanting = { m: "method", s: "status", u: "url", h: "field", c: "connection" };
const alone = { r: "refused", k: "marked" };

// parse makes terms of what was typed: {terms: [{kind, value, not}], error}.
// error is null, or {at, kind} with the place where it cannot be understood:
// "unknown" (an operator that is none), "value" (an operator without its
// value), "status" (a status that is no number), "connection", or "quote"
// (one that is not closed). The terms before it are there.
export function parse(text) {
  const terms = [];
  let at = 0;
  let error = null;
  const fail = (place, kind) => {
    error ??= { at: place, kind };
  };
  const space = () => {
    while (at < text.length && /\s/u.test(text[at])) at++;
  };
  const word = () => {
    if (text[at] !== '"') {
      const start = at;
      while (at < text.length && !/\s/u.test(text[at])) at++;
      return text.slice(start, at);
    }
    const open = at++;
    let value = "";
    while (at < text.length && text[at] !== '"') {
      if (text[at] === "\\" && at + 1 < text.length) at++;
      value += text[at++];
    }
    if (at === text.length) fail(open, "quote");
    at++;
    return value;
  };
  for (space(); at < text.length && !error; space()) {
    const start = at;
    let not = false;
    while (text[at] === "!") {
      not = !not;
      at++;
      space();
    }
    if (at >= text.length) {
      fail(start, "value");
      break;
    }
    const term = text[at] === "~" ? operator() : { kind: "word", value: word().toLowerCase() };
    if (term && !error) terms.push({ ...term, not });
  }
  return { terms, error };

  function operator() {
    const start = at++;
    const name = text[at++] ?? "";
    if (alone[name] && (at >= text.length || /\s/u.test(text[at]))) return { kind: alone[name], value: "" };
    if (!wanting[name]) return fail(start, "unknown");
    space();
    if (at >= text.length) return fail(start, "value");
    const valueAt = at;
    const value = word().toLowerCase();
    const kind = wanting[name];
    if (kind === "status" && !/^[1-9](\d\d|xx)?$/.test(value)) return fail(valueAt, "status");
    if (kind === "connection" && !/^\d+$/.test(value)) return fail(valueAt, "connection");
    return { kind, value };
  }
}

const tests = {
  word: (s, value) => line(s).includes(value),
  method: (s, value) => (s.method ?? "").toLowerCase() === value,
  status: (s, value) => (value.length === 3 && !value.endsWith("xx") ? String(s.status) === value : s.status > 0 && String(s.status)[0] === value[0]),
  url: (s, value) => `${s.host ?? ""}${s.target ?? ""}`.toLowerCase().includes(value),
  field: (s, value, found) => found.get(value)?.has(s.id) ?? false,
  connection: (s, value) => s.conn === Number(value),
  refused: (s) => s.state === "refused",
  marked: (s) => Boolean(s.marked),
};

// matches says whether a summary meets all terms. found has, for each value of
// ~h, the set of ids whose fields hold it; a value that it has not is held by
// none.
export function matches(terms, summary, found = new Map()) {
  return terms.every((term) => tests[term.kind](summary, term.value, found) !== term.not);
}

function line(s) {
  return [s.method, `${s.host ?? ""}${s.target ?? ""}`, s.status || "", s.type, s.reqtype, s.rule, s.reason, s.state]
    .join(" ")
    .toLowerCase();
}
