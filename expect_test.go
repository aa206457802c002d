package genkan

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/genkan-http/genkan/http1"
)

const goAhead = "HTTP/1.1 100 Continue\r\n\r\n"

// TestExpect: RFC 9110 10.1.1. 100 Continue is sent when the handler first
// finds no body to read, and at no other time.
func TestExpect(t *testing.T) {
	const expects = get + "Content-Length: 3\r\nExpect: 100-continue\r\n"
	for _, c := range []struct {
		name   string
		first  string // what the client sends
		hears  string // what it waits for then
		second string // what it sends then
		want   string
		closed http1.CloseReason
		why    string
	}{
		{"read", "POST /echo" + expects + "\r\n", goAhead, "abc", echoed("3", "abc"), http1.NotClosed,
			"the handler reads, so the client may send"},
		{"chunks", "POST /echo" + get + "Transfer-Encoding: chunked\r\nExpect: 100-Continue\r\n\r\n", goAhead, "3\r\nabc\r\n0\r\n\r\n", echoed("3", "abc"), http1.NotClosed,
			"whatever the framing, and the case"},
		{"not read", "POST /ignore" + expects + "\r\n", "", "", "HTTP/1.1 200 OK\r\nDate: now\r\nContent-Length: 8\r\n" + text + "Connection: close\r\n\r\nnot read", http1.ExpectationUnread,
			"whether the body follows is unknown, so nothing else can"},
		{"body is there", "POST /echo" + expects + "\r\nabc", "", "", echoed("3", "abc"), http1.NotClosed,
			"who has sent it waits for nothing"},
		{"body is there, not read", "POST /ignore" + expects + "\r\nabc", "", "", ok("Content-Length: 8\r\n"+text, "not read"), http1.NotClosed,
			"it is read away"},
		{"a part is there", "POST /echo" + expects + "\r\na", goAhead, "bc", echoed("3", "abc"), http1.NotClosed,
			"the rest may be held back"},
		{"said by the handler", "POST /saygoahead" + expects + "\r\n", goAhead, "abc", ok("Content-Length: 3\r\n"+text, "abc"), http1.NotClosed,
			"once: a second 100 would belong to no request"},
		{"answered first", "POST /answerfirst" + expects + "\r\n", "", "", ok(text+"Transfer-Encoding: chunked\r\n", "2\r\nno\r\n0\r\n\r\n"), http1.ExpectationUnread,
			"a 100 after the final answer would be taken for the next one's"},
		{"1.0", "POST /echo HTTP/1.0\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabc", "", "", strings.Replace(echoed("3", "abc"), "\r\n\r\n", "\r\nConnection: close\r\n\r\n", 1), http1.HTTP10,
			"1.0 knows no interim answers"},
		{"no body", "GET /hello" + get + "Expect: 100-continue\r\n\r\n", "", "", hello, http1.NotClosed,
			"there is nothing to hold back"},
		{"behind a good one", "GET /hello" + get + "\r\nPOST /echo" + expects + "\r\n", hello + goAhead, "abc", echoed("3", "abc"), http1.NotClosed,
			"the first answer leaves before the 100"},
	} {
		t.Run(c.name, func(t *testing.T) {
			onEach(t, func(t *testing.T, s stage) {
				h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
					if r.URL.Path == "/answerfirst" {
						io.WriteString(w, "no")
						w.(http.Flusher).Flush()
						return
					}
					at(w, r)
				})
				h.hold(t, conversation{c.name, c.first + c.second, c.want, c.closed, c.why}, func(v *visitor) {
					v.say(c.first)
					if got := v.hear(wireLength(c.hears)); got != c.hears {
						t.Errorf("%s: heard %q, want %q", c.why, got, c.hears)
					}
					v.say(c.second)
				})
			})
		})
	}
}

// TestExpectWhileWriting: one goroutine reads the body, which sends a 100,
// while the handler writes: whichever is first, the answer is well-formed.
func TestExpectWhileWriting(t *testing.T) {
	onEach(t, func(t *testing.T, s stage) {
		h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
			go io.Copy(io.Discard, r.Body)
			for range 3 {
				io.WriteString(w, strings.Repeat("x", 5000))
				w.(http.Flusher).Flush()
			}
		})
		for range 50 {
			v := h.visit()
			v.say("POST /" + get + "Content-Length: 3\r\nExpect: 100-continue\r\n\r\n")
			res, body := v.answer("POST")
			if res.StatusCode == 100 {
				res, body = v.answer("POST")
			}
			if res.StatusCode != 200 || body != strings.Repeat("x", 15000) {
				t.Fatalf("got status %d and %d bytes", res.StatusCode, len(body))
			}
			v.Close()
		}
	})
}
