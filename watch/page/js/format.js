// Numbers, times and sizes as a person reads them. Pure: the same input gives
// the same words, whatever the language.

const sizes = ["B", "kB", "MB", "GB", "TB"];

// size writes a count of bytes with at most three digits: "78 B", "1.2 kB".
export function size(n) {
  let unit = 0;
  let value = n;
  while (value >= 999.5 && unit < sizes.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return `${value.toFixed(digits)} ${sizes[unit]}`;
}

const spans = [
  [1e9, "s"],
  [1e6, "ms"],
  [1e3, "µs"],
  [1, "ns"],
];

// duration writes nanoseconds with about three digits: "2.1 µs", "340 ms".
// From two minutes on it counts minutes and hours.
export function duration(ns) {
  if (ns <= 0) return "0";
  const seconds = Math.round(ns / 1e9);
  if (seconds >= 7200) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
  if (seconds >= 120) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  for (const [one, name] of spans) {
    if (ns < one * 0.9995) continue;
    const value = ns / one;
    const digits = value >= 99.95 || name === "ns" ? 0 : value >= 9.995 ? 1 : 2;
    return `${value.toFixed(digits)} ${name}`;
  }
  return `${ns} ns`;
}

// bar is the length of the small bar beside a duration, from 0 to 1. It is
// logarithmic from 10 µs to 10 s: differences between quick ones show, and a
// slow one does not make all others vanish.
export function bar(ns) {
  if (ns <= 0) return 0;
  return Math.min(1, Math.max(0.03, (Math.log10(ns) - 4) / 6));
}

// moment splits a time of RFC 3339 into whole seconds since 1970 and
// nanoseconds: one number would not hold both.
export function moment(text) {
  const match = /^(.*?)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/.exec(text ?? "");
  if (!match) return { seconds: NaN, nanos: 0 };
  return {
    seconds: Date.parse(match[1] + match[3]) / 1000,
    nanos: Number((match[2] ?? "").padEnd(9, "0").slice(0, 9)),
  };
}

// since is how many nanoseconds lie between two times of RFC 3339.
export function since(from, to) {
  const a = moment(from);
  const b = moment(to);
  return (b.seconds - a.seconds) * 1e9 + (b.nanos - a.nanos);
}

const two = (n) => String(n).padStart(2, "0");

// clock is the time of day here, to the millisecond: "09:04:05.678".
export function clock(text) {
  const { seconds, nanos } = moment(text);
  if (Number.isNaN(seconds)) return "";
  const at = new Date(seconds * 1000);
  const millis = String(Math.floor(nanos / 1e6)).padStart(3, "0");
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${millis}`;
}

// count writes a whole number with its thousands set apart.
export function count(n) {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ",");
}
