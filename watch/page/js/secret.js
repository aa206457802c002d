// Which fields are secret, by the same endings of names as package watch has.
// The server masks them by stars, as many as there were bytes; two answers that
// are compared have one mark instead.

const endings = [
  "authorization", "authentication-info", "cookie", "cookie2",
  "token", "secret", "password", "passwd", "credential", "credentials",
  "api-key", "apikey", "auth-key", "access-key", "session", "session-id",
  "jwt-assertion", "signature",
];

// isSecret says whether the value of a field is hidden.
export function isSecret(name) {
  const lower = name.trim().toLowerCase();
  return endings.some((ending) => lower.endsWith(ending));
}

// hideFields replaces the values of secret fields in the heads of messages, as
// text: every line is looked at, in bodies too, so it may hide too much. A line
// that begins with white space goes on with the value before.
export function hideFields(text, mark) {
  let hiding = false;
  return text
    .split("\n")
    .map((line) => {
      if (/^[ \t]/.test(line) && hiding) return ` ${mark}`;
      const colon = line.indexOf(":");
      hiding = colon > 0 && isSecret(line.slice(0, colon));
      return hiding ? `${line.slice(0, colon)}: ${mark}` : line;
    })
    .join("\n");
}
