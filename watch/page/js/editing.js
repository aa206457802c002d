// A request as text that can be edited, and back to the same bytes. Pure.
//
// A new line stands for CR LF. A CR or LF alone, other controls and bytes that
// are no UTF-8 are written \r, \n, \t and \xff, a backslash as two: every
// request has exactly one text, and every text exactly one request.

import { units } from "./visible.js";

// toText is the text of the bytes.
export function toText(bytes) {
  let text = "";
  for (const unit of units(bytes)) {
    if (unit.kind === "text") {
      text += unit.text.replaceAll("\\", "\\\\");
      continue;
    }
    for (let at = unit.from; at < unit.to; at++) text += escape(bytes, at);
  }
  return text.replaceAll("\\r\\n", (match, at, all) => (evenBackslashes(all, at) ? "\n" : match));
}

function escape(bytes, at) {
  const byte = bytes[at];
  if (byte === 13) return "\\r";
  if (byte === 10) return "\\n";
  if (byte === 9) return "\\t";
  return `\\x${byte.toString(16).padStart(2, "0")}`;
}

function evenBackslashes(text, at) {
  let n = 0;
  while (at - n > 0 && text[at - n - 1] === "\\") n++;
  return n % 2 === 0;
}

// fromText is the bytes of the text. A backslash before anything else stands
// for itself.
export function fromText(text) {
  const encoder = new TextEncoder();
  const parts = [];
  const add = (...bytes) => parts.push(Uint8Array.from(bytes));
  for (const match of text.matchAll(/\r?\n|\\r|\\n|\\t|\\\\|\\x[0-9a-fA-F]{2}|\\|[^\\\r\n]+|\r/gu)) {
    const token = match[0];
    if (token === "\n" || token === "\r\n") add(13, 10);
    else if (token === "\\r" || token === "\r") add(13);
    else if (token === "\\n") add(10);
    else if (token === "\\t") add(9);
    else if (token === "\\\\" || token === "\\") add(92);
    else if (token.startsWith("\\x")) add(parseInt(token.slice(2), 16));
    else parts.push(encoder.encode(token));
  }
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

// fitLength sets the first Content-Length field of a request's bytes to the
// length of what follows its head; without such a field, or without the empty
// line that ends a head, the bytes come back as they are.
export function fitLength(bytes) {
  const text = latin1(bytes);
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return bytes;
  const head = text.slice(0, end);
  const field = /(\r\ncontent-length:[ \t]*)(\d*)/i.exec(head);
  if (!field) return bytes;
  const length = String(bytes.length - end - 4);
  const from = field.index + field[1].length;
  const to = from + field[2].length;
  const fitted = new Uint8Array(bytes.length - (to - from) + length.length);
  fitted.set(bytes.subarray(0, from));
  fitted.set(new TextEncoder().encode(length), from);
  fitted.set(bytes.subarray(to), from + length.length);
  return fitted;
}

function latin1(bytes) {
  let text = "";
  for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return text;
}
