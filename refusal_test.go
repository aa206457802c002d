package genkan

import (
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// heard collects refusals.
type heard struct {
	mu   sync.Mutex
	list []*Refusal
}

func (h *heard) add(r *Refusal) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.list = append(h.list, r)
}

func (h *heard) all() []*Refusal {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]*Refusal(nil), h.list...)
}

func readAll(_ http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body) }

// TestOnRefused: whoever asks is told which byte of which request broke which
// rule, whatever was parsed before it on the connection.
func TestOnRefused(t *testing.T) {
	const good = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n"
	onEach(t, func(t *testing.T, s stage) {
		for _, test := range []struct {
			name, sent, rule string
			status           int
			offset           int64
			at               byte // the byte that the offset names; 0: none, it is missing
		}{
			{"line feed", "GET /a HTTP/1.1\nHost: h\r\n\r\n", "line-end", 400, 15, '\n'},
			{"behind a good one", good + "GET /a HTTP/1.1\r\nHost : h\r\n\r\n", "field-name-space", 400, 21, ' '},
			{"behind an empty line", "\r\nGET /a HTTP/1.1\r\nHost : h\r\n\r\n", "field-name-space", 400, 23, ' '},
			{"no Host", "GET /a HTTP/1.1\r\n\r\n", "host-missing", 400, 19, 0},
			{"no URL", "GET http://[::1/ HTTP/1.1\r\nHost: h\r\n\r\n", "target-authority", 400, 11, '['},
			{"chunk", "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcX", "chunk-data-end", 0, 63, 'X'},
			{"chunk, after others", "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n3\r\nabcX", "chunk-data-end", 0, 75, 'X'},
		} {
			t.Run(test.name, func(t *testing.T) {
				var got heard
				h := serve(t, s, readAll, func(srv *Server) { srv.OnRefused = got.add })
				v := h.visit()
				v.say(test.sent)
				v.halfClose()
				h.closed()
				all := got.all()
				if len(all) != 1 {
					t.Fatalf("told of %d refusals, want one: each is told once", len(all))
				}
				r := all[0]
				if r.Rule.ID != test.rule || r.Status != test.status || r.Offset != test.offset {
					t.Errorf("told of rule %s, status %d, byte %d; want %s, %d, %d", r.Rule.ID, r.Status, r.Offset, test.rule, test.status, test.offset)
				}
				if r.Rule.Source == "" || r.Rule.Text == "" || r.Reason == "" || r.RemoteAddr == "" {
					t.Errorf("%+v: the rule comes with its source and its sentence, and with whose request it was", r)
				}
				switch {
				case test.at != 0 && (r.At >= len(r.Around) || r.Around[r.At] != test.at):
					t.Errorf("byte %d of %q is not %q, which broke the rule", r.At, r.Around, test.at)
				case test.at == 0 && r.At != len(r.Around):
					t.Errorf("byte %d of %q; what is missing stands behind all that came", r.At, r.Around)
				case !strings.Contains(strings.TrimPrefix(test.sent, good), string(r.Around)):
					t.Errorf("%q: only bytes of this request, as they came", r.Around)
				case len(r.Around) > 2*aroundMost:
					t.Errorf("%d bytes around, at most %d", len(r.Around), 2*aroundMost)
				}
				if n := h.srv.Refused()[test.rule]; n != 1 {
					t.Errorf("Refused counts %d of %s, want 1", n, test.rule)
				}
			})
		}
	})
}

// TestOnRefusedChoosesTheBody: and cannot break the answer's framing with it.
func TestOnRefusedChoosesTheBody(t *testing.T) {
	onEach(t, func(t *testing.T, s stage) {
		for _, test := range []struct{ kind, wantKind string }{
			{"text/html; charset=utf-8", "text/html; charset=utf-8"},
			{"text/html\r\nContent-Length: 0", "text/html  Content-Length: 0"},
			{"", ""},
		} {
			h := serve(t, s, readAll, func(srv *Server) {
				srv.OnRefused = func(r *Refusal) { r.Body, r.ContentType = "<p>No.\r\n\r\n", test.kind }
			})
			v := h.visit()
			v.say("GET  /a HTTP/1.1\r\nHost: h\r\n\r\n")
			answer, body := v.answer("GET")
			if answer.StatusCode != 400 || body != "<p>No.\r\n\r\n" || answer.Header.Get("Content-Type") != test.wantKind || !answer.Close {
				t.Errorf("%q: %d %q %q, close %v; want 400 with that body and type %q, and an end", test.kind,
					answer.StatusCode, answer.Header.Get("Content-Type"), body, answer.Close, test.wantKind)
			}
			v.halfClose()
			h.closed()
		}
	})
}

// TestOnRefusedEnds: whatever it does, the peer is answered or the connection
// closed, and others are served.
func TestOnRefusedEnds(t *testing.T) {
	onEach(t, func(t *testing.T, s stage) {
		release := make(chan struct{})
		inside := make(chan struct{}, 1)
		h := serve(t, s, readAll, func(srv *Server) {
			srv.OnRefused = func(r *Refusal) {
				switch {
				case strings.Contains(string(r.Around), "/panic"):
					panic("on purpose")
				case strings.Contains(string(r.Around), "/exit"):
					runtime.Goexit()
				case strings.Contains(string(r.Around), "/block"):
					inside <- struct{}{}
					<-release
				}
			}
		})
		v := h.visit()
		v.say("GET  /panic HTTP/1.1\r\n\r\n")
		if answer, _ := v.answer("GET"); answer.StatusCode != 400 {
			t.Errorf("after a panic the status is %d; the answer is the usual one", answer.StatusCode)
		}
		v.halfClose()
		h.closed()
		if !strings.Contains(h.log.String(), "on purpose") {
			t.Errorf("the log is %q; a panic is logged", h.log)
		}
		v = h.visit()
		v.say("GET  /exit HTTP/1.1\r\n\r\n")
		h.closed()

		slow := h.visit()
		slow.say("GET  /block HTTP/1.1\r\n\r\n")
		<-inside
		v = h.visit()
		v.say("GET /a HTTP/1.1\r\nHost: h\r\n\r\n")
		if answer, _ := v.answer("GET"); answer.StatusCode != 200 {
			t.Errorf("beside one that blocks the status is %d; others are served", answer.StatusCode)
		}
		close(release)
		if answer, _ := slow.answer("GET"); answer.StatusCode != 400 {
			t.Errorf("after it has blocked the status is %d", answer.StatusCode)
		}
		v.halfClose()
		slow.halfClose()
		h.closed()
		h.closed()
	})
}

// A browser gets a page, anybody else a few lines, both with a link to the rule's
// source; nothing of what was sent is in it.
func TestRefusalPage(t *testing.T) {
	onEach(t, func(t *testing.T, s stage) {
		h := serve(t, s, readAll)
		for accept, kind := range map[string]string{
			"Accept: text/html,application/xhtml+xml": "text/html; charset=utf-8",
			"accept:text/html":                        "text/html; charset=utf-8",
			"Accept: */*":                             "text/plain; charset=utf-8",
			"X-Accept: text/html":                     "text/plain; charset=utf-8",
			"Accept: text/html;q=0":                   "text/plain; charset=utf-8",
			"Accept: text/htmlx":                      "text/plain; charset=utf-8",
			"Accept: */*\r\nAccept: text/html":        "text/html; charset=utf-8",
			"Accept:\ttext/html ; q=0.9, */*;q=0.8 ":  "text/html; charset=utf-8",
			"Bad Name: <script>\r\nAccept: text/html": "text/html; charset=utf-8",
		} {
			v := h.visit()
			v.say("GET / HTTP/1.1\r\n" + accept + "\r\nHost: h\r\nEvil<script>: x\r\n\r\n")
			answer, body := v.answer("GET")
			if answer.StatusCode != 400 || answer.Header.Get("Content-Type") != kind || strings.Contains(body, "<script>") || !strings.Contains(body, "RFC 9112 5.1") {
				t.Errorf("%s: %d %s %q", accept, answer.StatusCode, answer.Header.Get("Content-Type"), body)
			}
			link := "\nhttps://www.rfc-editor.org/rfc/rfc9112#section-5.1\n"
			if strings.Contains(kind, "html") {
				link = `<a href="https://www.rfc-editor.org/rfc/rfc9112#section-5.1"`
			}
			if !strings.Contains(body, link) {
				t.Errorf("%s: %q has no %q", accept, body, link)
			}
		}
	})
}

// What is not of the head that was refused says nothing of who sent it.
func TestRefusalPageOfThisHead(t *testing.T) {
	const badURL = "GET http://a%41/ HTTP/1.1\r\nHost: a%41\r\n" // which is found out behind the head
	onEach(t, func(t *testing.T, s stage) {
		h := serve(t, s, readAll)
		for _, c := range []struct{ name, sent, kind string }{
			{"the head is behind us", badURL + "Accept: text/html\r\n\r\n", "text/html; charset=utf-8"},
			{"and after it comes another", badURL + "\r\nGET / HTTP/1.1\r\nAccept: text/html\r\n\r\n", "text/plain; charset=utf-8"},
			{"behind an empty line", "\r\n" + badURL + "Accept: text/html\r\n\r\n", "text/html; charset=utf-8"},
			{"a body", "GET / HTTP/1.1\r\n\r\nAccept: text/html\r\n", "text/plain; charset=utf-8"},
			{"a first line", "Accept: text/html\r\n\r\n", "text/plain; charset=utf-8"},
			{"a line without its end", "GET  / HTTP/1.1\r\nAccept: text/html", "text/plain; charset=utf-8"},
		} {
			counted := h.srv.Refused()["target-url"]
			v := h.visit()
			v.say(c.sent)
			v.halfClose()
			if answer, body := v.answer("GET"); answer.StatusCode != 400 || answer.Header.Get("Content-Type") != c.kind {
				t.Errorf("%s: %d %s %q, want 400 as %s", c.name, answer.StatusCode, answer.Header.Get("Content-Type"), body, c.kind)
			}
			h.closed()
			if strings.Contains(c.sent, badURL) != (h.srv.Refused()["target-url"] > counted) {
				t.Errorf("%s: counted %v", c.name, h.srv.Refused())
			}
		}
	})
}
