package genkan

import (
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/genkan-http/genkan/http1"
)

// A conversation is what a client sends, byte for byte, what it must get, and
// what becomes of the connection. \n in both stands for CR LF in heads only
// where crlf is told so; here the bytes are as they are.
type conversation struct {
	name   string
	send   string
	want   string            // Date is "now"
	closed http1.CloseReason // NotClosed: the next request is answered as well
	why    string
}

// at is where the handler of each conversation's target is found: one handler
// for all, so that parity_test.go can run it on net/http too.
func at(w http.ResponseWriter, r *http.Request) {
	if f := handlers[r.URL.Path]; f != nil {
		f(w, r)
		return
	}
	w.WriteHeader(404)
}

var handlers = map[string]http.HandlerFunc{
	"/hello": func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "hello\n") },
	"/path":  func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.URL.RawQuery) },
	"/empty": func(w http.ResponseWriter, r *http.Request) {},
	"/echo": func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/octet-stream")
		io.Copy(w, r.Body)
	},
	"/swallow": func(w http.ResponseWriter, r *http.Request) {
		n, err := io.Copy(io.Discard, r.Body)
		fmt.Fprintf(w, "%d %v", n, err)
	},
	"/trailers": func(w http.ResponseWriter, r *http.Request) {
		before := len(r.Trailer)
		io.Copy(io.Discard, r.Body)
		fmt.Fprintf(w, "%d, then %v", before, r.Trailer)
	},
	"/ignore": func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "not read") },
	"/flush": func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "one")
		w.(http.Flusher).Flush()
		io.WriteString(w, "two")
	},
	"/flushfirst": func(w http.ResponseWriter, r *http.Request) {
		w.(http.Flusher).Flush()
		io.WriteString(w, "<p>")
	},
	"/html":    func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "<!doctype html><p>hi") },
	"/nosniff": func(w http.ResponseWriter, r *http.Request) { w.Header()["Content-Type"] = nil; io.WriteString(w, "x") },
	"/encoded": func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "x")
		io.WriteString(w, "\x1f\x8b")
	},
	"/nodate":  func(w http.ResponseWriter, r *http.Request) { w.Header()["Date"] = nil },
	"/owndate": func(w http.ResponseWriter, r *http.Request) { w.Header().Set("Date", "today") },
	"/fields": func(w http.ResponseWriter, r *http.Request) {
		w.Header()["B"] = []string{"2", "1"}
		w.Header().Set("A", "x")
	},
	"/late": func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(201); w.Header().Set("Late", "1") },
	"/204": func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "3")
		w.WriteHeader(204)
		fmt.Fprint(w, "no")
	},
	"/304": func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Etag", `"x"`)
		w.WriteHeader(304)
		fmt.Fprint(w, "no")
	},
	"/declared": func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "5")
		io.WriteString(w, "12345")
	},
	"/less": func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "5")
		io.WriteString(w, "123")
	},
	"/more": func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "5")
		io.WriteString(w, "123")
		io.WriteString(w, "4567")
	},
	"/nonsense": func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "five")
		io.WriteString(w, "x")
	},
	"/twice": func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(202)
		w.WriteHeader(500)
		io.WriteString(w, "x")
	},
	"/early": func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", "</a>")
		w.WriteHeader(103)
		io.WriteString(w, "x")
	},
	"/saygoahead": func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(100); io.Copy(w, r.Body) },
	"/announced": func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Trailer", "Sum, Other")
		io.WriteString(w, "x")
		w.Header().Set("Sum", "1")
		w.Header().Set("Not-Announced", "1")
	},
	"/prefixed": func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "x")
		w.(http.Flusher).Flush()
		w.Header().Set(http.TrailerPrefix+"Sum", "1")
	},
	"/bye": func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "close")
		io.WriteString(w, "bye")
	},
	"/panic": func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "never seen"); panic("on purpose") },
	"/panicmidway": func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "half")
		w.(http.Flusher).Flush()
		panic("on purpose")
	},
	"/abort": func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) },
	"/exit":  func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "never seen"); runtime.Goexit() },
	"/injected": func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Good", "1")
		w.Header().Set("Bad", "1\r\nInjected: 1")
		w.Header()["Bad Name"] = []string{"1"}
	},
	"/8k":    func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, strings.Repeat("a", bodyBuffer)) },
	"/above": func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, strings.Repeat("a", bodyBuffer+1)) },
}

const get = " HTTP/1.1\r\nHost: h\r\n"

func ok(fields, body string) string {
	return "HTTP/1.1 200 OK\r\nDate: now\r\n" + fields + "\r\n" + body
}

const text = "Content-Type: text/plain; charset=utf-8\r\n"

// hello is the answer to GET /hello on a connection that goes on.
var hello = ok("Content-Length: 6\r\n"+text, "hello\n")

func refusal(status string, rule string) string {
	return "HTTP/1.1 " + status + "\r\nDate: now\r\nContent-Type: text/plain; charset=utf-8\r\n" +
		"X-Content-Type-Options: nosniff\r\nConnection: close\r\n" + rule
}

// TestConversations holds each conversation on each stage, one after the other
// on one server: what one leaves behind must not be found by the next.
func TestConversations(t *testing.T) {
	onEach(t, func(t *testing.T, s stage) {
		h := serve(t, s, at)
		for _, c := range conversations {
			t.Run(c.name, func(t *testing.T) { h.hold(t, c, func(v *visitor) { v.say(c.send) }) })
		}
		for _, words := range []string{"panic serving", "on purpose", "superfluous WriteHeader(500) after 202", `"five"`, `"Bad Name"`, "longer than its Content-Length, 5"} {
			if !strings.Contains(h.log.String(), words) {
				t.Errorf("the log does not hold %q; it is\n%s", words, h.log)
			}
		}
		if strings.Contains(h.log.String(), "abort") {
			t.Errorf("http.ErrAbortHandler was logged, and is there to be silent:\n%s", h.log)
		}
	})
}

// hold says what the conversation sends, as say does it, and compares.
func (h *hall) hold(t *testing.T, c conversation, say func(*visitor)) {
	t.Helper()
	h.t = t
	v := h.visit()
	say(v)
	if c.closed != http1.NotClosed {
		got := v.hear(-1)
		v.Close()
		compare(t, c, got)
		h.wantClosed(c.closed, c.why)
		return
	}
	compare(t, c, v.hear(wireLength(c.want)))
	if t.Failed() {
		v.Close()
		h.closed()
		return
	}
	v.say("GET /hello" + get + "Connection: close\r\n\r\n")
	want := ok("Content-Length: 6\r\n"+text+"Connection: close\r\n", "hello\n")
	if got := v.hear(-1); got != want {
		t.Errorf("the next request on the same connection got\n%q\nwant\n%q", got, want)
	}
	v.Close()
	h.wantClosed(http1.ClientAskedClose, "the last request said so")
}

func compare(t *testing.T, c conversation, got string) {
	t.Helper()
	want := c.want
	if i := strings.Index(want, "…"); i >= 0 {
		// A refusal's words are http1's and may change.
		want = want[:i]
		got = got[:min(len(got), len(want))]
	}
	if got != want {
		t.Errorf("%s\nsent %q\n got %q\nwant %q", c.why, c.send, got, want)
	}
}
