// Why a request was refused, in the page's language. The server says it in
// English, with bytes and numbers in it; the sentences that it gives for that
// language have {0} and {1} in their places.

import { plain } from "./visible.js";
import { explanation, language, say, sentences } from "./words.js";

const opening = "reason: ";
let read = null; // of which sentences the patterns are
let patterns = [];

// because is a reason in the page's language, or as it is if there is no
// sentence for it.
export function because(reason) {
  if (language() === "en") return plain(reason);
  if (read !== sentences()) {
    read = sentences();
    patterns = Object.entries(read).filter(([key]) => key.startsWith(opening)).map(([key, said]) => [pattern(key.slice(opening.length)), said.text]);
  }
  for (const [regexp, text] of patterns) {
    const found = regexp.exec(reason ?? "");
    if (found) return text.replace(/\{(\d)\}/g, (_, i) => plain(found[Number(i) + 1]));
  }
  return plain(reason);
}

// pattern matches a text in which each {0} may be a number, a word, or a text
// in quotes, which a server that hides secrets may have cut.
function pattern(text) {
  const fixed = text.replace(/[.*+?^$()|[\]\\{}]/g, "\\$&");
  return new RegExp(`^${fixed.replace(/\\\{\d\\\}/g, String.raw`("(?:[^"\\]|\\.)*(?:"…?|$)|[\wµ.+-]+)`)}$`);
}

// ruleOf is a rule's sentence: {text, section, url}.
export function ruleOf(rule) {
  return explanation(`rule.${rule}`) ?? explanation(rule);
}

// failing is the error of an event in the page's language, where it is a
// refusal's.
export function failing(error) {
  const parts = /^http1: (.*) \(byte (\d+), rule ([\w.-]+), ([^()]*)\)$/s.exec(error ?? "");
  if (language() === "en" || !parts) return plain(error);
  const [, reason, byte, rule, source] = parts;
  return say("failing", because(reason), byte, plain(rule), plain(source));
}
