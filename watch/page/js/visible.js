// Bytes made visible: which characters stand for which bytes. Pure.
//
// UTF-8 is shown as what it spells. A control character is shown by its name
// (CR, LF, ESC), a byte that is no UTF-8 as \xff, and a character that prints
// nothing or turns the direction of writing as \u{202e}: what is on the wire
// can neither hide nor rearrange the page.

const controls = (
  "NUL SOH STX ETX EOT ENQ ACK BEL BS HT LF VT FF CR SO SI " +
  "DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US"
).split(" ");

// unprintable: format, private use, unassigned, separators of lines, and
// white space that looks like a space and is none.
const unprintable = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}\u00a0\u1680\u2000-\u200a\u202f\u205f\u2800\u3164\u115f\u1160\uffa0\u034f\p{Variation_Selector}]/u;

// units cuts bytes [from, to) into what is shown: an array of
// {from, to, text, kind}, without gaps. kind is "text" (a run of it),
// "control" or "escape". A "text" never holds a line end: an LF is a unit of
// its own.
export function units(bytes, from = 0, to = bytes.length) {
  const list = [];
  let run = null;
  const text = (start, end, shown) => {
    if (run) {
      run.to = end;
      run.text += shown;
    } else {
      run = { from: start, to: end, text: shown, kind: "text" };
      list.push(run);
    }
  };
  const apart = (start, end, shown, kind) => {
    run = null;
    list.push({ from: start, to: end, text: shown, kind });
  };
  for (let at = from; at < to; ) {
    const byte = bytes[at];
    if (byte < 0x20 || byte === 0x7f) {
      apart(at, at + 1, byte === 0x7f ? "DEL" : controls[byte], "control");
      at++;
      continue;
    }
    if (byte < 0x80) {
      text(at, at + 1, String.fromCharCode(byte));
      at++;
      continue;
    }
    const length = runeLength(bytes, at, to);
    if (length === 0) {
      apart(at, at + 1, `\\x${byte.toString(16)}`, "escape");
      at++;
      continue;
    }
    const point = codePoint(bytes, at, length);
    const rune = String.fromCodePoint(point);
    if (unprintable.test(rune)) apart(at, at + length, `\\u{${point.toString(16)}}`, "escape");
    else text(at, at + length, rune);
    at += length;
  }
  return list;
}

// runeLength is how many bytes the UTF-8 sequence at a place has, 0 if there
// is none: overlong forms, surrogates and what is cut off are none.
function runeLength(bytes, at, to) {
  const first = bytes[at];
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || at + length > to) return 0;
  for (let i = 1; i < length; i++) {
    if ((bytes[at + i] & 0xc0) !== 0x80) return 0;
  }
  const second = bytes[at + 1];
  if (first === 0xe0 && second < 0xa0) return 0;
  if (first === 0xed && second > 0x9f) return 0;
  if (first === 0xf0 && second < 0x90) return 0;
  if (first === 0xf4 && second > 0x8f) return 0;
  return length;
}

function codePoint(bytes, at, length) {
  let point = bytes[at] & (0x7f >> length);
  for (let i = 1; i < length; i++) point = (point << 6) | (bytes[at + i] & 0x3f);
  return point;
}

// plain is one line of visible text, for labels: controls as \r, \n, \x1b.
export function plain(text) {
  const escapes = { "\r": "\\r", "\n": "\\n", "\t": "\\t" };
  let shown = "";
  for (const rune of text ?? "") {
    if (rune === " " || !unprintable.test(rune)) shown += rune;
    else shown += escapes[rune] ?? `\\u{${rune.codePointAt(0).toString(16)}}`;
  }
  return shown;
}

// lines is text of many lines, as a decoded body: line ends and tabs stay,
// everything else that prints nothing is spelled out.
export function lines(text) {
  return (text ?? "")
    .replace(/\r\n/g, "\n")
    .replace(/[^\n\t]+/g, (part) => plain(part));
}

// fromBase64 is the bytes of base64 text.
export function fromBase64(text) {
  const binary = atob(text ?? "");
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

// toBase64 is base64 text of the bytes.
export function toBase64(bytes) {
  let binary = "";
  for (let i = 0; i < bytes.length; i += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  }
  return btoa(binary);
}
