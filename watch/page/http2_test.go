package page_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/genkan-http/genkan/genkantest"
	"github.com/genkan-http/genkan/socket"
	"github.com/genkan-http/genkan/watch"
	"github.com/genkan-http/genkan/watch/page"
)

// speak2 asks a watched server twice on one HTTP/2 connection over TLS, with
// secrets in both directions.
func speak2(t *testing.T) *watch.Live {
	t.Helper()
	live := watch.New(watch.LiveOptions{})
	s := genkantest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "t0psecret"})
		w.Header().Set("Content-Type", "text/plain")
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s heard %s", r.Proto, body)
	}))
	s.Config.Watch = live
	s.Listener.Close()
	e, err := socket.ParseEndpoint("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if s.Listener, err = s.Config.Listen(e); err != nil {
		t.Fatal(err)
	}
	s.EnableHTTP2 = true
	s.StartTLS()
	t.Cleanup(func() {
		s.Close()
		live.Close()
	})
	for _, said := range []string{"<b>one</b>", "二つ"} {
		req, err := http.NewRequest("POST", s.URL+"/say?a=1", strings.NewReader(said))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Cookie", "id=t0psecret")
		req.Header.Set("Accept-Language", "ja")
		res, err := s.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil || string(got) != "HTTP/2.0 heard "+said {
			t.Fatalf("%q, %v", got, err)
		}
	}
	return live
}

// An HTTP/2 connection is one row; on it each frame and each field is beside its
// bytes, with its sentence, and secrets are hidden with their whole block.
func TestFramesOfHTTP2(t *testing.T) {
	tab := page.Chromium(t)
	live := speak2(t)
	page.Do(t, tab, chromedp.Navigate(live.URL()))
	page.Until(t, tab, "the connection is one row", `document.querySelectorAll(".rows .row:not([hidden])").length === 1 && /PRI/.test(document.querySelector(".rows .row").textContent)`)
	page.Click(t, tab, "#row-1")
	row := func(side, label string) string {
		return `[...document.querySelectorAll(".` + side + ` .piece")].filter(row => row.querySelector(".piece-label").textContent === "` + label + `")`
	}
	page.Until(t, tab, "the client's frames", row("recv", "PRI")+`.length === 1 && `+row("recv", "SETTINGS")+`.length === 2 && `+row("recv", "HEADERS")+`.length === 2`)
	page.Until(t, tab, "the server's frames", row("send", "SETTINGS")+`.length === 2 && `+row("send", "HEADERS")+`.length === 2 && `+row("send", "DATA")+`.length >= 2`)
	page.Until(t, tab, "stream and flags", `/stream=1 length=\d+ flags=0x04 END_HEADERS/.test(`+row("recv", "HEADERS")+`[0].textContent)`)
	page.Until(t, tab, "fields, also those that the table has", `/POST/.test(`+row("recv", ":method")+`[1].textContent) && /\/say\?a=1/.test(`+row("recv", ":path")+`[1].textContent) && /200/.test(`+row("send", ":status")+`[1].textContent)`)
	page.Until(t, tab, "how a field is written", `/RFC 9113 8\.3\.1/.test(`+row("recv", ":path")+`[0].textContent) && /RFC 7541 6\.2/.test(`+row("recv", ":path")+`[0].textContent)`)
	page.Until(t, tab, "bodies", `document.querySelector(".recv").textContent.includes("<b>one</b>") && document.querySelector(".send").textContent.includes("HTTP/2.0 heard 二つ")`)
	page.Until(t, tab, "settings by name", row("send", "MAX_CONCURRENT_STREAMS")+`[0].querySelector(".piece-text").textContent === "100"`)
	page.Until(t, tab, "each piece is explained, with its RFC", `[...document.querySelectorAll(".message .piece")].filter(row => !row.querySelector(".sentence a.rfc")).map(row => row.textContent).join() === ""`)
	page.Until(t, tab, "a frame's sentence has its RFC 9113", `[...document.querySelectorAll(".p-frame")].some(row => /RFC 9113 6\.2/.test(row.textContent))`)
	page.Until(t, tab, "blocks with secrets are hidden in the bytes", `document.querySelectorAll(".recv .bytes .hidden-bytes").length > 0 && document.querySelectorAll(".send .bytes .hidden-bytes").length > 0`)
	if strings.Contains(page.Text(t, tab, `document.documentElement.textContent`), "t0psecret") {
		t.Error("a cookie is on the page before anyone asked for it")
	}
	page.Until(t, tab, "nor is it in what the page has been sent", `fetch("/api/exchanges/1").then(r => r.json()).then(d => !d.received.concat(d.sent).some(c => c.hidden.some(([a, b]) => [...atob(c.data)].slice(a, b).some(byte => byte !== "*"))) && d.received.some(c => c.hidden.length > 0))`)
	page.Shoot(t, tab, "house-http2")
	page.Run(t, tab, row("recv", "HEADERS")+`[0].dispatchEvent(new PointerEvent("pointerover", { bubbles: true }))`)
	page.Until(t, tab, "a frame lights all its bytes", `document.querySelectorAll(".recv .bytes .lit").length > 3 && /HEADERS/.test(document.querySelector(".explain").textContent)`)
	page.Click(t, tab, ".recv .pieces .secret")
	page.Until(t, tab, "a click shows it", row("recv", "cookie")+`[1].querySelector(".piece-text").textContent === "id=t0psecret" && !document.querySelector(".hidden-bytes")`)
	page.Press(t, tab, "2")
	page.Until(t, tab, "the timeline has what was inside TLS", `["decrypt", "encrypt"].every(verb => [...document.querySelectorAll(".events .verb")].some(cell => cell.textContent === verb))`)
	page.Press(t, tab, "4")
	page.Until(t, tab, "bodies are said to be in the frames", `/DATA/.test(document.querySelector(".panel").textContent)`)
	page.Press(t, tab, "r")
	page.Until(t, tab, "it is not sent again", `/fit no other one/.test(document.body.textContent)`)
	page.Run(t, tab, `localStorage.setItem("genkan.language", "ja")`)
	page.Do(t, tab, chromedp.Reload())
	page.Until(t, tab, "the row is there", `document.querySelector("#row-1")`)
	page.Press(t, tab, "1")
	page.Until(t, tab, "in Japanese too", `document.querySelector(".message h3")?.textContent.includes("受信したフレーム") && /ストリーム/.test(document.querySelector(".p-frame .sentence").parentNode.parentNode.textContent)`)
	page.Shoot(t, tab, "house-http2-ja")
	page.Do(t, tab, chromedp.EmulateViewport(390, 900))
	page.Until(t, tab, "a narrow page is not scrolled sideways", `document.documentElement.scrollWidth <= innerWidth`)
	page.Shoot(t, tab, "house-http2-narrow")
	page.Press(t, tab, kb.Escape)
}
