// The tools at the top: pause, clear, light and dark, the language, help.

import { el, icon, keep, kept } from "./dom.js";
import { language, say } from "./words.js";

const themes = ["auto", "light", "dark"];

// dress puts the page into light or dark, as was chosen here before.
export function dress() {
  document.documentElement.dataset.theme = kept("theme", "auto");
}

// switches fills the toolbar. on has pause(), clear(), speak(language) and
// help(). It returns say(), which writes the words again, and paused(yes).
export function switches(bar, on) {
  let isPaused = false;
  const pause = el("button", { type: "button", id: "pause", onclick: on.pause });
  const clear = el("button", { type: "button", id: "clear", onclick: on.clear });
  const theme = el("button", { type: "button", id: "theme", class: "icon-button", onclick: () => {
    const next = themes[(themes.indexOf(kept("theme", "auto")) + 1) % themes.length];
    keep("theme", next);
    dress();
    sayTheme();
  } });
  const speech = el("button", { type: "button", id: "language", class: "icon-button", onclick: () => {
    const next = language() === "ja" ? "en" : "ja";
    keep("language", next);
    on.speak(next);
  } });
  const help = el("button", { type: "button", id: "help", class: "icon-button", onclick: on.help });
  bar.append(pause, clear, el("span", { class: "space" }), theme, speech, help);
  walk(bar);

  function sayTheme() {
    const now = kept("theme", "auto");
    theme.replaceChildren(icon(now));
    name(theme, say("theme", say(`theme_${now}`)));
  }
  function sayPause() {
    pause.replaceChildren(icon(isPaused ? "play" : "pause"), el("span", { class: "text" }, say(isPaused ? "goOn" : "pause")));
    pause.setAttribute("aria-pressed", String(isPaused));
    pause.title = `${say(isPaused ? "goOn" : "pause")} (${say("spaceKey")})`;
  }
  return {
    say() {
      bar.setAttribute("aria-label", say("tools"));
      sayPause();
      sayTheme();
      clear.replaceChildren(icon("clear"), el("span", { class: "text" }, say("clear")));
      clear.title = `${say("clear")} (c)`;
      speech.replaceChildren(el("span", { lang: language() === "ja" ? "en" : "ja" }, language() === "ja" ? "EN" : "日本語"));
      name(speech, say("otherLanguage"));
      help.replaceChildren(icon("help"));
      name(help, `${say("help")} (?)`);
    },
    paused(yes) {
      isPaused = yes;
      document.body.classList.toggle("paused", yes);
      sayPause();
    },
  };
}

function name(button, text) {
  button.setAttribute("aria-label", text);
  button.title = text;
}

// walk makes the toolbar one stop for Tab; arrows go from tool to tool.
function walk(bar) {
  const buttons = [...bar.querySelectorAll("button")];
  const only = (chosen) => buttons.forEach((button) => button.setAttribute("tabindex", button === chosen ? "0" : "-1"));
  only(buttons[0]);
  bar.addEventListener("focusin", (event) => only(event.target.closest("button")));
  bar.addEventListener("keydown", (event) => {
    const at = buttons.indexOf(event.target);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    buttons[(to + buttons.length) % buttons.length].focus();
  });
}
