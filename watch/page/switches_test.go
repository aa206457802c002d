package page

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

func TestLanguageAndColoursAreSwitchedAndKept(t *testing.T) {
	tab := chromium(t)
	s := serve(t, 3)
	media(t, tab, "light")
	come(t, tab, s)
	goTo(t, tab, "3", "wire")
	click(t, tab, "#language")
	until(t, tab, "everything is in Japanese", `document.documentElement.lang === "ja" && document.querySelector("#tab-timeline").textContent === "時間の流れ" && /ターゲットに処理/.test(document.querySelector(".pieces").textContent)`)
	s.has("GET /api/words?lang=ja")
	background := `getComputedStyle(document.body).backgroundColor`
	light := eval[string](t, tab, background)
	click(t, tab, "#theme") // light
	click(t, tab, "#theme") // dark
	until(t, tab, "it is dark though the system is light", background+` !== "`+light+`"`)
	do(t, tab, chromedp.Reload())
	until(t, tab, "both are kept", `document.documentElement.lang === "ja" && document.documentElement.dataset.theme === "dark" && `+background+` !== "`+light+`"`)
	until(t, tab, "and the exchange is open again", `document.querySelector("#detail-title").textContent.includes("/login") && document.title.startsWith("POST /login")`)
	click(t, tab, "#language")
	until(t, tab, "and back in English", `document.documentElement.lang === "en" && document.querySelector("#tab-timeline").textContent === "Timeline"`)
}

func TestSingleKeysCanBeTurnedOff(t *testing.T) {
	tab := chromium(t)
	s := serve(t, 3)
	come(t, tab, s)
	press(t, tab, "?")
	until(t, tab, "help is open", `document.querySelector("dialog.help[open]")`)
	click(t, tab, "dialog.help input[type=checkbox]")
	press(t, tab, kb.Escape)
	until(t, tab, "help is closed", `!document.querySelector("dialog")`)
	press(t, tab, "m", "c", " ", "/")
	press(t, tab, kb.Home, kb.ArrowDown, kb.Enter)
	until(t, tab, "arrows and Enter still work", `document.querySelector("#detail-title").textContent.includes("/static/app.css")`)
	if eval[bool](t, tab, `document.querySelector("dialog") !== null || document.querySelector("#pause").getAttribute("aria-pressed") === "true" || document.querySelector(".row.marked:not(#row-4)") !== null`) {
		t.Error("a single key did something though they are off")
	}
}

func TestDividerByKeysAndToolsByArrows(t *testing.T) {
	tab := chromium(t)
	s := serve(t, 3)
	come(t, tab, s)
	goTo(t, tab, "1", "wire")
	width := `document.querySelector("#list-pane").clientWidth`
	before := eval[int](t, tab, width)
	eval[chromedp.Void](t, tab, `document.querySelector("#divider").focus()`)
	press(t, tab, kb.ArrowRight, kb.ArrowRight, kb.ArrowRight)
	until(t, tab, "the list is wider", width+` > `+fmt.Sprint(before+40))
	eval[chromedp.Void](t, tab, `document.querySelector("#pause").focus()`)
	press(t, tab, kb.ArrowRight, kb.ArrowRight)
	until(t, tab, "arrows go from tool to tool", `document.activeElement.id === "theme"`)
	press(t, tab, kb.ArrowLeft, " ")
	until(t, tab, "Space presses the tool that has the focus, and does not pause", `document.querySelector("dialog[open]") && document.querySelector("#pause").getAttribute("aria-pressed") === "false"`)
}

func TestWhatIsGoneIsSaid(t *testing.T) {
	tab := chromium(t, "404 (Not Found)")
	s := serve(t, 3)
	come(t, tab, s)
	press(t, tab, "G", kb.Enter)
	until(t, tab, "it says that it is gone", `/no longer kept/.test(document.querySelector("#detail .notice").textContent)`)
	press(t, tab, kb.Escape)
	until(t, tab, "and can be left", `document.querySelector("#detail").hidden`)
}

func TestStreamComesBack(t *testing.T) {
	tab := chromium(t, "403 (Forbidden)")
	s := serve(t, 3)
	come(t, tab, s)
	goTo(t, tab, "2", "wire")
	s.mu.Lock()
	s.many = 7
	s.mu.Unlock()
	s.push("end", nil)
	until(t, tab, "the page has what the server keeps now", `/22 exchanges/.test(document.querySelector("#foot").textContent) && document.querySelector("#foot .is-live")`)
	until(t, tab, "and the open one is still open", `document.querySelector("#detail-title").textContent.includes("/static/app.css") && document.querySelector("#row-2[aria-selected=true]")`)
	s.mu.Lock()
	s.shut = true
	s.mu.Unlock()
	s.push("end", nil)
	until(t, tab, "who is not let in any more is told what to do", `/Open the address that the program printed/.test(document.querySelector("#foot").textContent)`)
	if words := eval[string](t, tab, `document.querySelector("#foot .state").textContent`); !strings.Contains(words, "not let in") {
		t.Errorf("the foot says %q", words)
	}
}
