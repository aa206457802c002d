// The line between list and detail, drawn aside by pointer or arrow keys.

import { keep, kept } from "./dom.js";

const narrowest = 18;
const widest = 70;

// divider makes the separator move the list's share of the panes, in percent.
export function divider(line, panes) {
  const set = (share) => {
    const value = Math.round(Math.max(narrowest, Math.min(widest, share)));
    panes.style.setProperty("--share", `${value}%`);
    line.setAttribute("aria-valuenow", String(value));
    keep("share", String(value));
    return value;
  };
  line.setAttribute("aria-valuemin", String(narrowest));
  line.setAttribute("aria-valuemax", String(widest));
  let share = set(Number(kept("share", "32")) || 32);

  line.addEventListener("pointerdown", (event) => {
    line.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  line.addEventListener("pointermove", (event) => {
    if (!line.hasPointerCapture(event.pointerId)) return;
    const { left, width } = panes.getBoundingClientRect();
    share = set(((event.clientX - left) / width) * 100);
  });
  line.addEventListener("keydown", (event) => {
    const to = { ArrowLeft: share - 2, ArrowRight: share + 2, Home: narrowest, End: widest }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    share = set(to);
  });
}
