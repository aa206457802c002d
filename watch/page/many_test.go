package page

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

// A hundred thousand exchanges: the page keeps few rows, and whatever a person
// does is answered within a fraction of a second. The bounds are wide, because
// build machines are shared; a list that made all rows would break them by far.
func TestAHundredThousandExchanges(t *testing.T) {
	const many = 100_000
	tab := chromium(t)
	s := serve(t, many)
	come(t, tab, s)
	all := fmt.Sprint(many + len(s.made) + 1)
	until(t, tab, "all have come", `document.querySelector("#list").getAttribute("aria-rowcount") === "`+all+`"`)
	if rows := eval[int](t, tab, `document.querySelectorAll(".rows .row").length`); rows > 80 {
		t.Errorf("%d rows exist, want as many as can be seen", rows)
	}
	until(t, tab, "the latest is in sight", `document.querySelector("#row-`+fmt.Sprint(many+len(s.made))+`")`)

	// each step gives the milliseconds until the browser has drawn it
	drawn := `new Promise(done => requestAnimationFrame(() => setTimeout(done)))`
	took := func(name, step string, bound float64) {
		t.Helper()
		ms := eval[float64](t, tab, `(async () => { const from = performance.now(); `+step+`; await `+drawn+`; return performance.now() - from })()`)
		t.Logf("%s: %.0f ms", name, ms)
		if ms > bound {
			t.Errorf("%s took %.0f ms, want at most %.0f", name, ms, bound)
		}
	}
	list := `document.querySelector("#list")`
	took("to the middle", list+`.scrollTop = `+list+`.scrollHeight / 2`, 500)
	until(t, tab, "the middle is in sight", `[...document.querySelectorAll(".rows .row:not([hidden])")].some(row => Math.abs(row.dataset.id - 50000) < 100)`)
	took("twenty steps of scrolling", `for (let i = 0; i < 20; i++) { `+list+`.scrollTop += 333; await `+drawn+` }`, 3000)
	filter := `const f = document.querySelector("#filter"); f.value = %q; f.dispatchEvent(new Event("input"))`
	took("filter by a word", fmt.Sprintf(filter, "items/9999"), 1500)
	until(t, tab, "eleven are left", `document.querySelector("#list").getAttribute("aria-rowcount") === "12"`)
	took("filter by status", fmt.Sprintf(filter, "~s 5xx !~m HEAD"), 1500)
	took("no filter", fmt.Sprintf(filter, ""), 1500)
	eval[chromedp.Void](t, tab, list+`.focus()`)
	press(t, tab, "g")
	until(t, tab, "the first is chosen", `document.querySelector("#row-1[aria-selected=true]")`)
	for i := range 20 {
		s.push("exchange", plainSummary(many+len(s.made)+1+i))
	}
	until(t, tab, "new ones are told of, and do not move the list", `/20 new/.test(document.querySelector("#list-latest").textContent) && document.querySelector("#row-1")`)
	click(t, tab, "#list-latest")
	until(t, tab, "a click goes there", `document.querySelector("#row-`+fmt.Sprint(many+len(s.made)+20)+`") && document.querySelector("#list-latest").hidden`)
}
