// Two texts compared line by line. Pure.

// bound keeps a comparison of two long, unlike texts from taking minutes: after
// so many steps what is left counts as replaced.
const bound = 4_000_000;

// difference returns the lines of both texts in order: {kind, left, right,
// text}, kind "same", "gone" (only on the left) or "new" (only on the right);
// left and right are line numbers from 1, 0 where there is none. It is the
// shortest such list (Myers 1986), except beyond the bound.
export function difference(leftText, rightText) {
  const left = split(leftText);
  const right = split(rightText);
  let start = 0;
  while (start < left.length && start < right.length && left[start] === right[start]) start++;
  let end = 0;
  while (end < left.length - start && end < right.length - start && left.at(-1 - end) === right.at(-1 - end)) end++;

  const list = [];
  let l = 0;
  let r = 0;
  const same = () => list.push({ kind: "same", left: ++l, right: ++r, text: left[l - 1] });
  const gone = () => list.push({ kind: "gone", left: ++l, right: 0, text: left[l - 1] });
  const fresh = () => list.push({ kind: "new", left: 0, right: ++r, text: right[r - 1] });
  while (l < start) same();
  for (const move of shortest(left.slice(start, left.length - end), right.slice(start, right.length - end))) {
    if (move === "same") same();
    else if (move === "gone") gone();
    else fresh();
  }
  while (l < left.length) same();
  return list;
}

function split(text) {
  if (text === "") return [];
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

// shortest is Myers' greedy search: trail[d] has, for each diagonal, how far
// d changes reach; walked back from the end, it gives the moves.
function shortest(a, b) {
  const trail = [];
  let reach = new Map([[1, 0]]);
  let steps = 0;
  for (let d = 0; d <= a.length + b.length; d++) {
    const next = new Map();
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && (reach.get(k - 1) ?? -1) < (reach.get(k + 1) ?? -1));
      let x = down ? reach.get(k + 1) : reach.get(k - 1) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) {
        x++;
        steps++;
      }
      next.set(k, x);
      if (x >= a.length && x - k >= b.length) {
        trail.push(next);
        return back(trail, a.length, b.length);
      }
      if (++steps > bound) return [...a.map(() => "gone"), ...b.map(() => "new")];
    }
    trail.push(next);
    reach = next;
  }
  return [];
}

function back(trail, x, y) {
  const moves = [];
  for (let d = trail.length - 1; d > 0; d--) {
    const before = trail[d - 1];
    const k = x - y;
    const down = k === -d || (k !== d && (before.get(k - 1) ?? -1) < (before.get(k + 1) ?? -1));
    const from = down ? k + 1 : k - 1;
    const startX = before.get(from);
    const startY = startX - from;
    while (x > startX && y > startY && x > (down ? startX : startX + 1)) {
      moves.push("same");
      x--;
      y--;
    }
    moves.push(down ? "new" : "gone");
    x = startX;
    y = startY;
  }
  while (x > 0) {
    moves.push("same");
    x--;
  }
  return moves.reverse();
}
