// Tests of the modules that know nothing of the page. run() gives one line for
// each that fails, and how many there were.

import { difference } from "/js/difference.js";
import { fitLength, fromText, toText } from "/js/editing.js";
import { matches, parse } from "/js/filter.js";
import { bar, clock, count, duration, since, size } from "/js/format.js";
import { extent, rows } from "/js/pieces.js";
import { fold } from "/js/scale.js";
import { hideFields, isSecret } from "/js/secret.js";
import { clip, runs, segments } from "/js/segments.js";
import { Store } from "/js/store.js";
import { plot } from "/js/story.js";
import { fromBase64, lines, plain, toBase64, units } from "/js/visible.js";
import { closings, keys, choose, say } from "/js/words.js";

const failures = [];
let total = 0;

function want(what, got, wanted) {
  total++;
  const [a, b] = [JSON.stringify(got), JSON.stringify(wanted)];
  if (a !== b) failures.push(`${what}: got ${a}, want ${b}`);
}

const utf8 = (text) => new TextEncoder().encode(text);
const bytes = (...list) => Uint8Array.from(list);

function filters() {
  const get = { id: 1, conn: 3, method: "GET", host: "example.com", target: "/api/Items?q=two words", status: 404, type: "text/html", state: "done" };
  const refused = { id: 2, conn: 4, method: "", target: "", status: 400, state: "refused", rule: "target-byte", reason: "control character", marked: true };
  const found = new Map([["host", new Set([1])]]);
  for (const [text, first, second] of [
    ["", true, true],
    ["items", true, false],
    ["ITEMS html", true, false],
    ["items ~m POST", false, false],
    ["~m get", true, false],
    ["~s 404", true, false],
    ["~s 4xx", true, true],
    ["~s 4", true, true],
    ["!~s 404", false, true],
    ["! ~s 404", false, true],
    ["!!~s 404", true, false],
    ["~u /api", true, false],
    ["~u example", true, false],
    ['"two words"', true, false],
    ['"words two"', false, false],
    ['~u "two words"', true, false],
    ["~h host", true, false],
    ["~h unknown", false, false],
    ["!~h host", false, true],
    ["~c 3", true, false],
    ["~c 4 ~r", false, true],
    ["~k", false, true],
    ["!~k !~r", true, false],
    ["target-byte", false, true],
    ["~s404", true, false],
    ["  items  ", true, false],
  ]) {
    const { terms, error } = parse(text);
    want(`filter ${text} is understood`, error, null);
    want(`filter ${text}`, [matches(terms, get, found), matches(terms, refused, found)], [first, second]);
  }
  for (const [text, at, kind] of [
    ["~", 0, "unknown"], ["login ~z x", 6, "unknown"], ["~m", 0, "value"], ["!", 0, "value"], ["~s 40", 3, "status"], ["~s abc", 3, "status"],
    ["~c x", 3, "connection"], ['a "b', 2, "quote"], ["~rx", 0, "unknown"],
  ]) want(`filter ${text} is not`, parse(text).error, { at, kind });
  want("a quote inside quotes", parse('"a\\"b"').terms[0].value, 'a"b');
}

function formats() {
  want("sizes", [0, 78, 999, 1000, 1234, 99_940, 999_499, 999_500, 5e9].map(size), ["0 B", "78 B", "999 B", "1.0 kB", "1.2 kB", "99.9 kB", "999 kB", "1.0 MB", "5.0 GB"]);
  want("durations", [0, 700, 2100, 999_960, 1_234_567, 48e6, 1.5e9, 75e9, 150e9, 7300e9].map(duration),
    ["0", "700 ns", "2.10 µs", "1.00 ms", "1.23 ms", "48.0 ms", "1.50 s", "75.0 s", "2 min 30 s", "2 h 1 min"]);
  want("since, to the nanosecond", since("2026-11-27T07:04:12.000000001Z", "2026-11-27T07:04:13.000000003Z"), 1_000_000_002);
  want("since, over time zones", since("2026-11-27T07:04:12Z", "2026-11-27T16:04:12.5+09:00"), 500_000_000);
  want("clock", clock("2026-11-27T07:04:12.345678Z").slice(-9), ":12.345".padStart(9, clock("2026-11-27T07:04:12.345678Z").slice(3, 5)));
  want("bars grow", [bar(0), bar(1e4), bar(1e7), bar(1e10), bar(1e12)], [0, 0.03, 0.5, 1, 1]);
  want("counts", [0, 999, 1000, 1234567].map(count), ["0", "999", "1,000", "1,234,567"]);
}

function visible() {
  const shown = (list) => list.map((unit) => `${unit.kind[0]}:${unit.text}@${unit.from}-${unit.to}`);
  want("a line", shown(units(utf8("a b\r\n"))), ["t:a b@0-3", "c:CR@3-4", "c:LF@4-5"]);
  want("UTF-8", shown(units(utf8("玄関"))), ["t:玄関@0-6"]);
  want("no UTF-8", shown(units(bytes(0x61, 0xff, 0xe7, 0x8e))), ["t:a@0-1", "e:\\xff@1-2", "e:\\xe7@2-3", "e:\\x8e@3-4"]);
  want("overlong", shown(units(bytes(0xc0, 0xaf))), ["e:\\xc0@0-1", "e:\\xaf@1-2"]);
  want("a surrogate", shown(units(bytes(0xed, 0xa0, 0x80))).length, 3);
  want("direction of writing", shown(units(utf8("\u202e"))), ["e:\\u{202e}@0-3"]);
  want("a space that is none", shown(units(utf8("\u00a0"))), ["e:\\u{a0}@0-2"]);
  want("emoji", shown(units(utf8("🏯"))), ["t:🏯@0-4"]);
  want("ESC and DEL", shown(units(bytes(27, 127))), ["c:ESC@0-1", "c:DEL@1-2"]);
  let whole = true;
  for (let seed = 1; seed < 300; seed++) {
    const noise = Uint8Array.from({ length: 40 }, (_, i) => (seed * 131 + i * i * 7919 + seed * i * 31) & 255);
    let at = 0;
    for (const unit of units(noise)) {
      whole &&= unit.from === at && unit.to > at;
      at = unit.to;
    }
    whole &&= at === noise.length;
    want(`request ${seed} is the same after editing`, [...fromText(toText(noise))], [...noise]);
    want(`base64 ${seed}`, [...fromBase64(toBase64(noise))], [...noise]);
  }
  want("units leave no byte out", whole, true);
  want("plain", plain("a\r\n\u202eb c"), "a\\r\\n\\u{202e}b c");
  want("lines", lines("a\r\n\tb\u0000"), "a\n\tb\\u{0}");
}

function editing() {
  want("a request as text", toText(utf8("GET / HTTP/1.1\r\nA: \\b\r\n\r\nx\ny\tz")), "GET / HTTP/1.1\nA: \\\\b\n\nx\\ny\\tz");
  want("a backslash before r and an LF", [...fromText(toText(utf8("\\r\n")))], [...utf8("\\r\n")]);
  want("typed escapes", [...fromText("\\x00\\xfF\\r\\n\\\\\\q")], [0, 255, 13, 10, 92, 92, 113]);
  const text = (b) => new TextDecoder().decode(b);
  want("a length that grows", text(fitLength(utf8("P / H\r\nContent-Length: 5\r\nA: b\r\n\r\n12345678901"))), "P / H\r\nContent-Length: 11\r\nA: b\r\n\r\n12345678901");
  want("a length that shrinks", text(fitLength(utf8("P / H\r\ncontent-length: 500\r\n\r\n"))), "P / H\r\ncontent-length: 0\r\n\r\n");
  want("a length in a body", text(fitLength(utf8("P / H\r\n\r\n\r\nContent-Length: 5\r\n\r\n"))), "P / H\r\n\r\n\r\nContent-Length: 5\r\n\r\n");
  want("no head", text(fitLength(utf8("Content-Length: 5"))), "Content-Length: 5");
}

function differences() {
  const short = (a, b) => difference(a, b).map((line) => ({ same: "=", gone: "-", new: "+" })[line.kind] + line.text).join(" ");
  want("the same", short("a\nb\n", "a\nb\n"), "=a =b");
  want("nothing and something", short("", "a"), "+a");
  want("one changed", short("a\nb\nc", "a\nx\nc"), "=a -b +x =c");
  want("the shortest", short("a\nb\nc\na\nb\nb\na", "c\nb\na\nb\na\nc").replace(/[^=]/g, "").length, 4);
  want("moved", short("a\nb\nc\nd", "b\nc\nd\na"), "-a =b =c =d +a");
  want("numbers", difference("a\nb", "b").map((line) => [line.left, line.right]), [[1, 0], [2, 1]]);
  for (let seed = 1; seed < 80; seed++) {
    const text = (salt) => Array.from({ length: (seed * salt) % 17 }, (_, i) => "abcd"[(seed * 7 + i * i * salt) % 4]).join("\n");
    const [a, b] = [text(5), text(11)];
    const list = difference(a, b);
    want(`left ${seed}`, list.filter((line) => line.kind !== "new").map((line) => line.text).join("\n"), a);
    want(`right ${seed}`, list.filter((line) => line.kind !== "gone").map((line) => line.text).join("\n"), b);
  }
  const many = (salt) => Array.from({ length: 20000 }, (_, i) => `${(i * salt) % 7919}`).join("\n");
  const given = difference(many(3), many(5));
  want("two long unlike texts are given up at the bound", [given.length > 39000, given.filter((line) => line.kind === "same").length < 10], [true, true]);
}

function cutting() {
  const chunk = (off, text, seq, hidden = []) => ({ off, len: text.length, seq, data: text, hidden });
  const list = runs([chunk(5, "fghij", 2, [[1, 3]]), chunk(0, "abcde", 1), chunk(20, "xyz", 3), chunk(8, "ijkl", 4)], utf8);
  want("runs", list.map((run) => [run.off, run.bytes.length, run.chunks.map((c) => c.seq), run.hidden]), [[0, 12, [1, 2, 4], [[6, 8]]], [20, 3, [3], []]]);
  want("clipped", clip(list, 3, 21).map((run) => [run.off, run.bytes.length]), [[3, 9], [20, 1]]);
  const pieces = [{ off: 0, len: 12, kind: "body" }, { off: 2, len: 4, kind: "name" }];
  const cut = segments(list[0], pieces);
  want("segments have no gaps", cut.every((s, i) => s.from === (i ? cut[i - 1].to : 0)) && cut.at(-1).to === 12, true);
  want("segments", cut.map((s) => [s.from, s.to, s.piece, s.chunk, s.begins, s.hidden]), [
    [0, 2, 0, 0, true, false], [2, 5, 1, 0, false, false], [5, 6, 1, 1, true, false], [6, 8, 0, 1, false, true], [8, 10, 0, 1, false, false], [10, 12, 0, 2, true, false],
  ]);
}

function parsing() {
  const kinds = "method target version crlf name colon value crlf crlf chunk-size crlf chunk-data crlf chunk-end crlf name colon value crlf crlf".split(" ");
  const list = kinds.map((kind, i) => ({ off: i, len: 1, kind, text: kind, explain: kind === "colon" || kind === "crlf" ? "" : `k.${kind}` }));
  want("rows", rows(list).map((row) => [row.kind, row.pieces]), [
    ["method", [0]], ["target", [1]], ["version", [2]], ["field", [4, 6]], ["chunk", [9, 10, 11, 12]], ["chunk-end", [13]], ["field", [15, 17]],
  ]);
  want("sentences of a field", rows(list)[3].explain, ["k.name", "k.value"]);
  want("extent", extent({ off: 10, len: 40, body: { off: 50, len: 7 }, pieces: [{ off: 55, len: 2 }] }), [10, 57]);
}

function folding() {
  const axis = fold([{ from: 0, to: 10 }, { from: 1000, to: 1010 }], 100);
  want("a long rest is folded", axis.breaks.length, 1);
  want("both ends are there", [axis.at(0), Math.round(axis.at(1010))], [0, 100]);
  const places = [0, 5, 10, 500, 1000, 1005, 1010].map(axis.at);
  want("time goes on", places.every((x, i) => i === 0 || x >= places[i - 1]), true);
  want("work has room", axis.at(10) > 25, true);
  want("short rests stay", fold([{ from: 0, to: 10 }, { from: 15, to: 30 }], 100).breaks.length, 0);
  want("nothing", fold([], 100).at(5), 0);
  want("one moment", fold([{ from: 3, to: 3 }], 100).at(3), 0);
}

function storing() {
  const store = new Store(10);
  store.filter((s) => s.method === "GET");
  want("new ones that pass", store.put([{ id: 1, method: "GET" }, { id: 3, method: "POST" }, { id: 2, method: "GET" }]), 2);
  want("order", [store.all.map((s) => s.id), store.shown.map((s) => s.id)], [[1, 2, 3], [1, 2]]);
  store.put([{ id: 3, method: "GET" }, { id: 1, method: "HEAD" }]);
  want("changed ones come and go", store.shown.map((s) => s.id), [2, 3]);
  want("places", [store.indexOf(3), store.indexOf(1), store.near(1), store.near(9)], [1, -1, 0, 1]);
  store.put(Array.from({ length: 20 }, (_, i) => ({ id: 10 + i, method: "GET" })));
  want("the oldest give way", [store.all.length, store.all[0].id, store.shown[0].id, store.byId.size], [10, 20, 20, 10]);
  want("what was shown of the forgotten", [store.forget(3), store.all[0].id, store.shown[0].id], [3, 23, 23]);
  const at = (seconds, took) => ({ time: `2026-11-27T07:04:${seconds}Z`, took_ns: took });
  want("rest and pipelining", plot([at("10", 2e9), at("11", 1e9), at("15", 1)]).map((step) => [step.rested, step.pipelined]), [[0, false], [0, true], [3e9, false]]);
}

function secrets() {
  want("names", ["Cookie", "set-cookie", " X-Api-Key ", "X-Csrf-Token", "Host", "cookies", ""].map(isSecret), [true, true, true, true, false, false, false]);
  want("fields", hideFields("HTTP/1.1 200 OK\nSet-Cookie: a=b\n  folded\nDate: x\n\nbody: y", "-"), "HTTP/1.1 200 OK\nSet-Cookie: -\n -\nDate: x\n\nbody: y");
}

function wording() {
  for (const language of ["en", "ja"]) {
    choose(language);
    for (const key of keys()) want(`${key} in ${language}`, typeof say(key, 2, 3, 4, 5) === "string" && !/undefined|\{\d\}|⟨/.test(say(key, 2, 3, 4, 5)), true);
  }
  choose("en");
  want("a key without words shows", say("no such key"), "⟨no such key⟩");
  want("both languages", Object.values(closings).every((said) => said.length === 2), true);
}

// run runs all tests.
export function run() {
  for (const test of [filters, formats, visible, editing, differences, cutting, parsing, folding, storing, secrets, wording]) {
    try {
      test();
    } catch (error) {
      failures.push(`${test.name} threw: ${error.stack}`);
    }
  }
  return { failures, total };
}
