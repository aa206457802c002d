package page

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

const focused = `document.activeElement`

func TestKeysWalkTheList(t *testing.T) {
	tab := chromium(t)
	s := serve(t, 30)
	come(t, tab, s)
	press(t, tab, "g", "j", "j")
	until(t, tab, "the third is chosen", `document.querySelector("[aria-selected=true]").id === "row-3"`)
	press(t, tab, "k")
	until(t, tab, "the second is chosen", `document.querySelector("[aria-selected=true]").id === "row-2"`)
	press(t, tab, kb.Enter)
	until(t, tab, "it is open and has the focus", `document.querySelector("#detail-title").textContent.includes("/static/app.css") && `+focused+`.id === "detail-title"`)
	press(t, tab, "j")
	until(t, tab, "the detail follows", `document.querySelector("#detail-title").textContent.includes("/login")`)
	press(t, tab, "2")
	until(t, tab, "the timeline is shown, its tab has the focus", focused+`.id === "tab-timeline" && document.querySelector(".lanes")`)
	press(t, tab, kb.ArrowRight)
	until(t, tab, "arrows turn tabs", focused+`.id === "tab-connection" && document.querySelector(".story")`)
	press(t, tab, kb.Escape)
	until(t, tab, "it is closed and the list has the focus again", `document.querySelector("#detail").hidden && `+focused+`.id === "list"`)
	until(t, tab, "the list says which row is meant", `document.getElementById(document.querySelector("#list").getAttribute("aria-activedescendant")).textContent.includes("/login")`)
	press(t, tab, "G")
	until(t, tab, "the last is chosen and in sight", `document.querySelector("[aria-selected=true]").id === "row-45"`)
	press(t, tab, kb.Home, kb.ArrowDown)
	until(t, tab, "arrows walk too", `document.querySelector("[aria-selected=true]").id === "row-2"`)
	click(t, tab, "#row-5")
	until(t, tab, "a click opens", `document.querySelector("#detail-title").textContent.includes("crest.png")`)
	click(t, tab, "#detail-close")
	until(t, tab, "a click closes", `document.querySelector("#detail").hidden`)
}

// Rows are lower when the detail is closed and the list has the width: the one
// that is meant stays in sight all the same.
func TestChosenStaysInSight(t *testing.T) {
	tab := chromium(t, "404 (Not Found)")
	s := serve(t, 300)
	come(t, tab, s)
	inSight := `(() => { const row = document.querySelector("#list [aria-selected=true]").getBoundingClientRect(), list = document.querySelector("#list").getBoundingClientRect(); return row.top >= list.top && row.bottom <= list.bottom + 1 })()`
	press(t, tab, "G", kb.Enter)
	until(t, tab, "the last is open, and in sight", `document.querySelector("#detail .notice, #panel") && location.hash === "#315" && `+inSight)
	press(t, tab, kb.Escape, "g")
	for range 25 {
		press(t, tab, "j")
	}
	press(t, tab, kb.Enter)
	until(t, tab, "one in the middle is open, and in sight", `location.hash === "#26" && document.querySelector("#detail .notice") && `+inSight)
	press(t, tab, kb.Escape)
	until(t, tab, "and so it is when the list is wide again", `document.querySelector("#detail").hidden && `+inSight)
}

func TestFilterIsTyped(t *testing.T) {
	tab := chromium(t)
	s := serve(t, 30)
	come(t, tab, s)
	press(t, tab, "/")
	until(t, tab, "the filter has the focus", focused+`.id === "filter"`)
	press(t, tab, "~m POST ~u /login")
	until(t, tab, "one row is left", `document.querySelectorAll(".rows .row:not([hidden])").length === 1`)
	until(t, tab, "and it says so", `document.querySelector("#filter-said").textContent === "1 of 45"`)
	press(t, tab, " ~z")
	until(t, tab, "what it does not understand it says", `document.querySelector("#filter-said.wrong").textContent.includes("~z")`)
	press(t, tab, kb.Escape)
	until(t, tab, "all are back", `document.querySelector("#list").getAttribute("aria-rowcount") === "46"`)
	press(t, tab, kb.Escape)
	until(t, tab, "the list has the focus", focused+`.id === "list"`)
	press(t, tab, "/", "~h set-cookie")
	until(t, tab, "the server says who has a field", `document.querySelectorAll(".rows .row:not([hidden])").length === 1 && document.querySelector("#row-3")`)
	s.has("GET /api/find?field=set-cookie")
	press(t, tab, kb.Escape)
	press(t, tab, "/", "nothing like this")
	until(t, tab, "an empty list says why", `!document.querySelector("#list-empty").hidden && /Nothing passes/.test(document.querySelector("#list-empty").textContent)`)
	click(t, tab, "#list-empty button")
	until(t, tab, "its button brings all back", `document.querySelector("#list-empty").hidden && document.querySelector("#filter").value === ""`)
	press(t, tab, "/", "jkmc 12?")
	until(t, tab, "keys that are typed into the filter do nothing else", `document.querySelector("#filter").value === "jkmc 12?" && !document.querySelector("dialog")`)
}

func TestPauseAndGoOn(t *testing.T) {
	tab := chromium(t)
	s := serve(t, 3)
	come(t, tab, s)
	press(t, tab, " ")
	until(t, tab, "it is paused", `document.querySelector("#pause").getAttribute("aria-pressed") === "true"`)
	s.push("exchange", plainSummary(900))
	until(t, tab, "the new one waits", `/1 waiting/.test(document.querySelector("#foot").textContent)`)
	if rows := eval[string](t, tab, `document.querySelector("#list").getAttribute("aria-rowcount")`); rows != "19" {
		t.Errorf("%s rows while paused, want 19", rows)
	}
	press(t, tab, " ")
	until(t, tab, "it has come", `document.querySelector("#row-900") !== null`)
	update := plainSummary(900)
	update["status"], update["took_ns"] = 418, 9_000_000_000
	s.push("exchange", update)
	until(t, tab, "a change of it is seen", `document.querySelector("#row-900 .c-status").textContent === "418" && document.querySelector("#row-900 .c-took span").textContent === "9.00 s"`)
	s.push("status", object{"lost": 1234, "kept": 12})
	until(t, tab, "what the server gave up is gone here too", `document.querySelector("#list").getAttribute("aria-rowcount") === "13"`)
	until(t, tab, "losses are told", `/1,234 events lost/.test(document.querySelector("#foot .lost").textContent)`)
}

func TestMarkAndClear(t *testing.T) {
	tab := chromium(t)
	s := serve(t, 3)
	come(t, tab, s)
	press(t, tab, "g", "m")
	until(t, tab, "the first is marked", `document.querySelector("#row-1.marked")`)
	s.has("POST /api/mark/1")
	press(t, tab, "/", "~k", kb.Escape)
	press(t, tab, kb.Escape, "c")
	until(t, tab, "it asks first", `document.querySelector("dialog[open] h2").textContent === "Clear 18 exchanges?"`)
	press(t, tab, kb.Escape)
	until(t, tab, "Escape leaves all as it is", `!document.querySelector("dialog") && document.querySelectorAll(".rows .row:not([hidden])").length === 18`)
	press(t, tab, "c", kb.Enter)
	s.has("POST /api/clear")
	until(t, tab, "all are gone", `/Nobody has come in yet/.test(document.querySelector("#list-empty").textContent) && !document.querySelector("#list-empty").hidden`)
}

func TestBytesAndPiecesLightEachOther(t *testing.T) {
	tab := chromium(t)
	s := serve(t, 0)
	come(t, tab, s)
	goTo(t, tab, "3", "wire")
	hover(t, tab, `[...document.querySelectorAll(".recv .k-value")].find(e => e.textContent.includes("x-www-form"))`)
	until(t, tab, "pointing at a value's bytes lights its row", `document.querySelector(".lit-row .piece-label").textContent === "Content-Type"`)
	until(t, tab, "and its name's bytes", `[...document.querySelectorAll(".bit.lit")].map(e => e.textContent).join("|") === "Content-Type|application/x-www-form-urlencoded"`)
	until(t, tab, "and the bar explains it", `/media type of the content/.test(document.querySelector(".explain").textContent) && document.querySelector(".explain a.rfc").href.includes("rfc9110#section-8.3")`)
	hover(t, tab, `[...document.querySelectorAll(".recv .piece-label")].find(e => e.textContent === "Host")`)
	until(t, tab, "pointing at a field lights its bytes", `[...document.querySelectorAll(".bit.lit")].map(e => e.textContent).join("|") === "Host|127.0.0.1:8000"`)
	hover(t, tab, `[...document.querySelectorAll(".recv .k-crlf")].at(-1)`)
	until(t, tab, "the empty line is explained where it stands", `/An empty line ends the head/.test(document.querySelector(".explain").textContent) && !document.querySelector(".lit-row")`)

	eval[chromedp.Void](t, tab, `document.querySelector(".recv .pieces .piece").focus()`)
	press(t, tab, kb.ArrowDown, kb.ArrowDown, kb.ArrowDown, kb.End)
	until(t, tab, "arrows walk through the pieces", `document.querySelector(".lit-row.p-body") === document.activeElement`)
	until(t, tab, "the body came with two calls", `/brought by recv #32, #33/.test(document.querySelector(".explain").textContent)`)
	eval[chromedp.Void](t, tab, `document.querySelector(".send .bytes").focus()`)
	press(t, tab, kb.ArrowRight, kb.ArrowRight)
	until(t, tab, "arrows walk through the bytes", `document.querySelector(".send .bit.lit").textContent === "302" && /elsewhere for now/.test(document.querySelector(".explain").textContent)`)

	click(t, tab, ".choice [data-key='1']")
	until(t, tab, "hexadecimal on demand", `document.querySelector(".recv .bytes.hex .hex-bytes").textContent.startsWith("50 4f 53 54 20 2f 6c 6f  67 69 6e")`)
	hover(t, tab, `document.querySelector(".recv .hex-bytes [data-piece='0']")`)
	until(t, tab, "and it lights too", `document.querySelector(".lit-row .piece-text").textContent === "POST"`)
	click(t, tab, ".choice [data-key='0']")
	click(t, tab, ".recv .call:nth-of-type(1)")
	until(t, tab, "a call's mark leads to the timeline", `document.querySelector("#tab-timeline[aria-selected=true]") && document.querySelector("tr.lit-row .verb").textContent === "recv"`)
}

func TestSecretsAreHiddenUntilClicked(t *testing.T) {
	tab := chromium(t)
	s := serve(t, 0)
	come(t, tab, s)
	goTo(t, tab, "3", "wire")
	if text := eval[string](t, tab, `document.body.textContent`); strings.Contains(text, "Zk3uP9") || strings.Contains(text, "q8d0f7a6s5") {
		t.Error("a cookie is on the page before anyone asked for it")
	}
	click(t, tab, ".recv .bytes .secret")
	until(t, tab, "one click shows them", `/csrftoken=Zk3uP9/.test(document.querySelector(".recv .bytes").textContent) && /sessionid=q8d0f7a6s5/.test(document.querySelector(".send .bytes").textContent)`)
	until(t, tab, "the button says so", `document.querySelector("#do-secrets").getAttribute("aria-pressed") === "true"`)
	press(t, tab, "j")
	until(t, tab, "the next one hides its own", `document.querySelector("#detail-title").textContent.includes("/home") && document.querySelector(".recv .bytes .secret")`)
	press(t, tab, "k")
	until(t, tab, "and the first hides them again", `document.querySelector("#detail-title").textContent.includes("/login") && document.querySelector(".recv .bytes .secret")`)
}

func TestWhatPeersSendIsNeverMarkup(t *testing.T) {
	tab := chromium(t)
	s := serve(t, 0)
	come(t, tab, s)
	for _, view := range []string{"wire", "timeline", "connection", "bodies", "compare"} {
		goTo(t, tab, "14", view)
		until(t, tab, "nothing loads any more", `!/Loading/.test(document.querySelector(".panel").textContent)`)
		if eval[bool](t, tab, `window.attacked === 1 || document.querySelector("img, .panel script, iframe") !== null`) {
			t.Errorf("on %s, bytes became markup", view)
		}
		if eval[bool](t, tab, `document.body.innerText.includes("\u202e")`) {
			t.Errorf("on %s, a character that turns the direction of writing got through", view)
		}
	}
	goTo(t, tab, "14", "wire")
	until(t, tab, "it is shown as what it is", `document.querySelector(".recv .bytes").textContent.includes('<img src=x onerror="window.attacked=1">')`)
}

func TestRefusalShowsTheByte(t *testing.T) {
	tab := chromium(t)
	s := serve(t, 0)
	come(t, tab, s)
	goTo(t, tab, "12", "wire")
	until(t, tab, "the caret stands under the byte", `document.querySelector(".refusal .caret").textContent === "ESC" && document.querySelector(".recv .bytes .caret").textContent === "ESC"`)
	until(t, tab, "the rule has its sentence and its place", `/visible ASCII/.test(document.querySelector(".refusal-rule").textContent) && document.querySelector(".refusal a.rfc").textContent === "RFC 3986 2"`)
}

func TestCopySaveSendAgainAndCompare(t *testing.T) {
	tab := chromium(t)
	s := serve(t, 0)
	for _, name := range []string{"clipboard-read", "clipboard-write"} {
		allow := browser.SetPermissionParams{Permission: &browser.PermissionDescriptor{Name: name}, Setting: browser.PermissionSettingGranted}
		if _, err := chromedp.CallBrowser(tab, browser.SetPermission, allow); err != nil {
			t.Fatal(err)
		}
	}
	come(t, tab, s)
	goTo(t, tab, "4", "wire")
	press(t, tab, "y")
	until(t, tab, "curl is on the clipboard", `navigator.clipboard.readText().then(text => text.includes("as=curl secrets=0"))`)
	press(t, tab, "x")
	until(t, tab, "the menu is open and has the focus", `document.querySelector("#takeout:popover-open") && document.querySelector("#takeout").contains(document.activeElement)`)
	click(t, tab, "#takeout .with-secrets input")
	click(t, tab, "#takeout section:first-child button:nth-of-type(4)")
	until(t, tab, "the Go test comes with secrets if asked", `navigator.clipboard.readText().then(text => text.includes("as=gotest secrets=1"))`)
	press(t, tab, "r")
	if sent := s.lastReplay(1); fmt.Sprint(sent["id"]) != "4" || sent["bytes"] != nil {
		t.Errorf("sent again: %v, want the id alone", sent)
	}
	until(t, tab, "the answers are compared", `document.querySelector(".verdict").textContent === "2 lines differ." && document.querySelector("tr.gone .text").textContent.startsWith("Date: ")`)

	goTo(t, tab, "3", "wire")
	press(t, tab, "r")
	until(t, tab, "what a replay brings has its secrets hidden", `document.querySelector(".verdict").textContent === "2 lines differ." && /Set-Cookie: hidden/.test(document.querySelector(".lines").textContent)`)
	press(t, tab, "s")
	until(t, tab, "until they are asked for", `/sessionid=q8d0f7a6s5/.test(document.querySelector(".lines").textContent) && document.querySelector(".verdict").textContent === "2 lines differ." && !/\*\*\*/.test(document.querySelector(".lines").textContent)`)

	goTo(t, tab, "4", "wire")
	press(t, tab, "e")
	until(t, tab, "the request can be edited", `document.querySelector("dialog[open] textarea").value.startsWith("GET /home HTTP/1.1\nHost: 127.0.0.1:8000\n") && document.querySelector("textarea") === document.activeElement`)
	press(t, tab, "X")
	do(t, tab, chromedp.KeyEvent(kb.Enter, chromedp.KeyModifiers(2)))
	until(t, tab, "it has been sent", `!document.querySelector("dialog")`)
	bytes, err := base64.StdEncoding.DecodeString(fmt.Sprint(s.lastReplay(3)["bytes"]))
	if err != nil || !strings.HasPrefix(string(bytes), "XGET /home HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n") || !strings.HasSuffix(string(bytes), "sessionid=q8d0f7a6s5\r\n\r\n") {
		t.Errorf("sent %q (%v)", bytes, err)
	}
}

func TestBodiesAreDecodedBesideTheRaw(t *testing.T) {
	tab := chromium(t)
	s := serve(t, 0)
	come(t, tab, s)
	for _, test := range []struct{ id, what, holds string }{
		{"3", "a form is a table", `document.querySelector(".body.recv .fields").innerText.includes("玄関") && document.querySelector(".body.recv .bytes").textContent.includes("username=hanako&password")`},
		{"6", "JSON has its names apart", `document.querySelector(".body.send .j-name").textContent === '"page"' && document.querySelector(".body.send .bytes").textContent.includes('{"page":1,')`},
		{"10", "a form of parts has its files", `document.querySelector(".part .filename").textContent === "shoji.jpg"`},
		{"5", "a picture is shown", `document.querySelector(".picture img").naturalWidth === 8 && document.querySelector(".picture figcaption").textContent === "8 × 8" && document.querySelector(".body.send .hex")`},
		{"11", "a coding is told, and that it was cut", `/gzip: 190 B on the wire, 456 B decoded/.test(document.querySelector(".body.send h3").textContent) && /This is not all of it/.test(document.querySelector(".body.send .notice").textContent)`},
		{"13", "frames have a way, a kind and a text", `document.querySelectorAll(".body.send .frames tbody tr").length === 2 && /hello/.test(document.querySelector(".body.recv .frames tbody").textContent)`},
	} {
		goTo(t, tab, test.id, "bodies")
		until(t, tab, test.what, test.holds)
	}
	hover(t, tab, `document.querySelector(".body.send .frames tbody tr:nth-child(2) td")`)
	until(t, tab, "pointing at a frame lights its bytes", `document.querySelector(".body.send .hex-bytes .lit").textContent.trim() === "89 00"`)
}

func TestOneConnectionsStory(t *testing.T) {
	tab := chromium(t)
	s := serve(t, 0)
	come(t, tab, s)
	goTo(t, tab, "7", "connection")
	until(t, tab, "pipelining is told", `/3 requests\. 2 of them came before the answer/.test(document.querySelector(".lead").textContent) && document.querySelectorAll(".pipelined").length === 2`)
	until(t, tab, "and why it was closed", `/the request said Connection: close/.test(document.querySelector(".story li:last-child").textContent)`)
	click(t, tab, ".story .turn:nth-of-type(2) button")
	until(t, tab, "a sibling can be opened", `document.querySelector("#detail-title").textContent.includes("page=1") && document.querySelector("#row-6[aria-selected=true]")`)
}
