package page

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// On a page as narrow as a phone nothing that matters lies beyond its edge.
func TestNarrow(t *testing.T) {
	tab := chromium(t)
	s := serve(t, 0)
	do(t, tab, chromedp.EmulateViewport(390, 800))
	come(t, tab, s)
	const inside = `(e => { const r = e.getBoundingClientRect(); return r.left >= 0 && r.right <= innerWidth + 1 && r.top >= 0 && r.bottom <= innerHeight })`
	goTo(t, tab, "3", "timeline")
	until(t, tab, "the table of events need not be scrolled", `(box => box.scrollWidth <= box.clientWidth)(document.querySelector(".events").parentElement)`)
	until(t, tab, "a call has the width", `document.querySelector(".events .call-text").clientWidth > 300`)
	goTo(t, tab, "3", "compare")
	until(t, tab, "the tab that is chosen is in sight", inside+`(document.querySelector("#tab-compare"))`)
	press(t, tab, "r")
	until(t, tab, "what is said has one line", `!document.querySelector("#toast").hidden && /sent/.test(document.querySelector("#toast").textContent) && document.querySelector("#toast").clientHeight < 50 && `+inside+`(document.querySelector("#toast"))`)
	press(t, tab, "?")
	until(t, tab, "help begins with its beginning", `document.activeElement.closest("dialog.help") && `+inside+`(document.querySelector("#help-title"))`)
	press(t, tab, kb.Escape)
}
