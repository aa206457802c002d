// A time axis on which long pauses are folded, so that microseconds of work
// show beside the seconds that a connection rested. Pure.

// fold makes an axis of spans {from, to} (numbers, in any order, from <= to)
// and a width. A stretch in which nothing happens is folded to a short break
// if it is longer than everything else together. It returns {at, breaks}:
// at(time) is the place from 0 to width, breaks are {from, to, x, width}.
export function fold(spans, width) {
  const busy = union(spans);
  if (busy.length === 0) return { at: () => 0, breaks: [] };
  const gaps = busy.slice(1).map((span, i) => ({ from: busy[i].to, to: span.from }));
  const whole = busy.at(-1).to - busy[0].from;
  let left = whole;
  const folded = new Set();
  for (const gap of [...gaps].sort((a, b) => b.to - b.from - (a.to - a.from))) {
    const length = gap.to - gap.from;
    if (folded.size >= 8 || length * 2 <= left) break;
    folded.add(gap);
    left -= length;
  }
  const breakWidth = Math.min(36, width / (2 * folded.size + 2));
  const room = width - folded.size * breakWidth;
  const scale = left > 0 ? room / left : 0;

  const marks = [{ time: busy[0].from, x: 0 }];
  const breaks = [];
  const to = (time, x) => marks.push({ time, x });
  let x = 0;
  let time = busy[0].from;
  for (const gap of gaps) {
    if (!folded.has(gap)) continue;
    x += (gap.from - time) * scale;
    to(gap.from, x);
    breaks.push({ ...gap, x, width: breakWidth });
    x += breakWidth;
    to(gap.to, x);
    time = gap.to;
  }
  to(busy.at(-1).to, x + (busy.at(-1).to - time) * scale);
  return { at: (moment) => between(marks, moment), breaks };
}

function union(spans) {
  const list = [];
  for (const span of [...spans].sort((a, b) => a.from - b.from)) {
    const last = list.at(-1);
    if (last && span.from <= last.to) last.to = Math.max(last.to, span.to);
    else list.push({ from: span.from, to: span.to });
  }
  return list;
}

function between(marks, time) {
  if (time <= marks[0].time) return marks[0].x;
  for (let i = 1; i < marks.length; i++) {
    const [a, b] = [marks[i - 1], marks[i]];
    if (time > b.time) continue;
    return b.time === a.time ? a.x : a.x + ((time - a.time) / (b.time - a.time)) * (b.x - a.x);
  }
  return marks.at(-1).x;
}
