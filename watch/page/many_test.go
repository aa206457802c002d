package page

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
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

// All that is shown goes out, however many they are; the browser saves it.
func TestAHundredThousandAreExported(t *testing.T) {
	const many = 100_000
	tab := chromium(t)
	dir := t.TempDir()
	if _, err := chromedp.CallBrowser(tab, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{Behavior: browser.SetDownloadBehaviorBehaviorAllow, DownloadPath: dir}); err != nil {
		t.Fatal(err)
	}
	s := serve(t, many)
	come(t, tab, s)
	all := many + len(s.made)
	until(t, tab, "all have come", `document.querySelector("#list").getAttribute("aria-rowcount") === "`+fmt.Sprint(all+1)+`"`)
	goTo(t, tab, "4", "wire")
	press(t, tab, "x")
	until(t, tab, "the menu is open", `document.querySelector("#takeout:popover-open")`)
	click(t, tab, "#takeout input[value=shown]")
	eval[chromedp.Void](t, tab, `[...document.querySelectorAll("#takeout button")].find(button => button.textContent === "HAR 1.2").click()`)
	want := fmt.Sprintf("%d exchanges\n", all)
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		text, err := os.ReadFile(filepath.Join(dir, "genkan.har"))
		if string(text) == want {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("the file holds %q, %v", text, err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.exported); n != all || s.exported[0] != 1 || s.exported[n-1] != all {
		t.Errorf("%d ids were asked for, want %d", n, all)
	}
}

// The server tells the nearest of a connection; the page, all that it knows.
func TestTheStoryOfAThousandRequests(t *testing.T) {
	tab := chromium(t)
	s := serve(t, 0)
	come(t, tab, s)
	list := []object{}
	for id := 101; id <= 1100; id++ {
		one := plainSummary(id)
		one["conn"], one["nth"] = 4, id
		list = append(list, one)
	}
	s.push("exchanges", list)
	until(t, tab, "they have come", `document.querySelector("#list").getAttribute("aria-rowcount") === "`+fmt.Sprint(1000+len(s.made)+1)+`"`)
	goTo(t, tab, "6", "connection")
	until(t, tab, "the farther ones are folded", `[...document.querySelectorAll(".story .rest button")].map(button => button.textContent).join() === "962 later requests"`)
	click(t, tab, ".story .rest button")
	until(t, tab, "and told if asked", `document.querySelectorAll(".story .turn").length === 1003`)
}
