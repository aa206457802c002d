package page_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/genkan-http/genkan"
	"github.com/genkan-http/genkan/socket"
	"github.com/genkan-http/genkan/watch"
	"github.com/genkan-http/genkan/watch/page"
)

// house is a server that is watched for real, and where its page is.
type house struct {
	t    *testing.T
	addr string
	live *watch.Live
}

func open(t *testing.T) *house {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "t0psecret"})
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"name":%q,"again":false}`, r.FormValue("name"))
	})
	mux.HandleFunc("GET /stream", func(w http.ResponseWriter, r *http.Request) {
		for _, line := range []string{"一つ\n", "<b>two</b>\n"} {
			io.WriteString(w, line)
			http.NewResponseController(w).Flush()
		}
	})
	live := watch.New(watch.LiveOptions{})
	srv := &genkan.Server{Handler: mux, Watch: live}
	e, err := socket.ParseEndpoint("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l, err := srv.Listen(e)
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		srv.Serve(l)
	}()
	t.Cleanup(func() {
		srv.Close()
		<-served
		live.Close()
	})
	return &house{t, l.Addr().String(), live}
}

// talk sends all of out on a connection of its own and reads until the server
// ends it.
func (h *house) talk(out string) string {
	h.t.Helper()
	c, err := net.Dial("tcp", h.addr)
	if err != nil {
		h.t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(10 * time.Second))
	io.WriteString(c, out)
	in, err := io.ReadAll(c)
	if err != nil {
		h.t.Fatal(err)
	}
	return string(in)
}

// Everything for real: bytes over a socket, through the server, its trace and
// its API, onto the page, and back again.
func TestAgainstTheRealServer(t *testing.T) {
	tab := page.Chromium(t, "404 (Not Found)") // an exchange that is open while all are cleared may be asked for once more
	h := open(t)
	form := "name=%E8%8A%B1%E5%AD%90&note=two+words"
	h.talk("POST /login HTTP/1.1\r\nHost: h\r\nCookie: id=t0psecret\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: " +
		fmt.Sprint(len(form)) + "\r\n\r\n" + form + "GET /stream HTTP/1.1\r\nHost: h\r\n\r\nGET /bad\x01path HTTP/1.1\r\nHost: h\r\n\r\n")

	page.Do(t, tab, chromedp.Navigate(h.live.URL()))
	page.Until(t, tab, "the token lets in, and leaves the address", `document.querySelectorAll(".rows .row:not([hidden])").length === 3 && location.search === ""`)
	page.Press(t, tab, "/", "~h urlencoded")
	page.Until(t, tab, "fields are found", `document.querySelectorAll(".rows .row:not([hidden])").length === 1`)
	page.Press(t, tab, kb.Escape, kb.Escape, "g", kb.Enter)
	page.Until(t, tab, "the form's bytes are there", `document.querySelector(".recv .bytes").textContent.includes("name=%E8%8A%B1%E5%AD%90&note=two+words")`)
	page.Until(t, tab, "each piece is explained, with its RFC", `[...document.querySelectorAll(".recv .piece")].every(row => row.querySelector(".sentence a.rfc"))`)
	if strings.Contains(page.Text(t, tab, `document.documentElement.textContent`), "t0psecret") {
		t.Error("a cookie is on the page before anyone asked for it")
	}
	page.Shoot(t, tab, "house-wire")
	page.Click(t, tab, ".recv .bytes .secret")
	page.Until(t, tab, "a click shows it", `/id=t0psecret/.test(document.querySelector(".recv .bytes").textContent) && /session=t0psecret/.test(document.querySelector(".send .bytes").textContent)`)
	page.Press(t, tab, "2")
	page.Until(t, tab, "the timeline has the verbs", `["accept", "recv", "parse", "handle", "respond", "send"].every(verb => [...document.querySelectorAll(".events .verb")].some(cell => cell.textContent === verb))`)
	page.Press(t, tab, "3")
	page.Until(t, tab, "the story tells of pipelining, and why it ended", `/2 of them came before/.test(document.querySelector(".lead").textContent) && /a rule of the wire was broken/.test(document.querySelector(".story").textContent)`)
	page.Press(t, tab, "4")
	page.Until(t, tab, "bodies are decoded", `document.querySelector(".recv .fields").innerText.includes("花子") && document.querySelector(".send .j-string").textContent === '"花子"'`)
	page.Press(t, tab, "m")
	page.Until(t, tab, "a mark is kept by the server", `fetch("/api/exchanges/1").then(r => r.json()).then(d => d.summary.marked)`)

	page.Press(t, tab, "j", "1")
	page.Until(t, tab, "chunks have their sizes", `document.querySelector(".p-chunk .piece-text").textContent === "7 = 7 bytes" && /<b>two<\/b>/.test(document.querySelector(".send .bytes").textContent) && !document.querySelector(".bytes b")`)
	page.Press(t, tab, "j")
	page.Until(t, tab, "the caret stands under the byte, of the third request", `document.querySelector(".refusal .caret").textContent === "SOH" && document.querySelector(".recv .bytes .caret").textContent === "SOH"`)

	page.Click(t, tab, "#language")
	page.Until(t, tab, "and says why in Japanese", `document.querySelector(".refusal-why").textContent.startsWith('ターゲットに "\\x01" が含まれています') && document.querySelector(".refusal-rule").textContent.startsWith("ターゲットは印字可能な ASCII")`)
	page.Click(t, tab, "#language")

	page.Press(t, tab, "k", "r")
	page.Until(t, tab, "sent again, the same answer comes", `document.querySelectorAll(".lines .gone, .lines .new").length <= 2 && document.querySelector(".fold-row")`)
	page.Until(t, tab, "several go out in one file", `fetch("/api/export", {method: "POST", headers: {"X-Genkan": "1"}, body: '{"as":"har","ids":[1,2]}'}).then(r => r.json()).then(har => har.log.entries.length === 2)`)
	page.Until(t, tab, "and the server saw it come in", `document.querySelectorAll(".rows .row:not([hidden])").length === 4`)
	page.Press(t, tab, "k", "e")
	page.Until(t, tab, "it can be edited", `document.querySelector("dialog[open] textarea")`)
	page.Run(t, tab, `document.querySelector("textarea").value = document.querySelector("textarea").value.replace(/name=[^&]*/, "name=taro-and-jiro")`)
	page.Click(t, tab, "dialog .main")
	page.Until(t, tab, "its length fits, and the answer is another", `/taro-and-jiro/.test(document.querySelector(".lines .new").parentNode.textContent)`)
	for _, as := range []string{"/api/export/1?as=curl", "/api/export/1?as=gotest", "/api/export/1?as=fuzz", "/api/export?as=har&ids=1,2", "/api/export?as=pcapng"} {
		page.Until(t, tab, as+" can be had", `fetch("`+as+`").then(r => r.ok && r.blob()).then(b => b.size > 40)`)
	}
	page.Press(t, tab, "c", kb.Enter)
	page.Until(t, tab, "all is cleared", `/Nobody has come in yet/.test(document.querySelector("#list-empty").textContent) && document.querySelector("#detail").hidden`)
	h.talk("GET /stream HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
	page.Until(t, tab, "and what comes now is live", `document.querySelectorAll(".rows .row:not([hidden])").length === 1`)
}

func TestNobodyComesInWithoutTheToken(t *testing.T) {
	tab := page.Chromium(t, "403 (Forbidden)")
	h := open(t)
	url, _, _ := strings.Cut(h.live.URL(), "?")
	page.Do(t, tab, chromedp.Navigate(url))
	page.Until(t, tab, "it says what to do", `/Open the address that was printed/.test(document.body.textContent)`)
}
