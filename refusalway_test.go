package genkan

import (
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/genkan-http/genkan/http1"
)

// TestHeadTimeIsRefused: a head that comes too slowly breaks a rule like any
// other: it is counted, OnRefused is told of it, and a browser gets a page.
func TestHeadTimeIsRefused(t *testing.T) {
	const good = "GET /hello" + get + "\r\n"
	for _, c := range []struct{ name, partial, kind string }{
		{"in the request line", "GET /he", "text/plain; charset=utf-8"},
		{"in the fields", "GET /hello HTTP/1.1\r\nHost: h\r\nX-Longer: " + strings.Repeat("x", aroundMost), "text/plain; charset=utf-8"},
		{"from a browser", "GET /hello HTTP/1.1\r\nAccept: text/html\r\nHos", "text/html; charset=utf-8"},
	} {
		t.Run(c.name, func(t *testing.T) {
			onEachBubbled(t, func(t *testing.T, s stage) {
				var got heard
				h := serve(t, s, at, func(srv *Server) { srv.OnRefused, srv.ReadHeaderTimeout = got.add, 3*time.Second })
				v := h.visit()
				v.say(good)
				v.hear(wireLength(hello))
				v.say(c.partial)
				answer, body := v.answer("GET")
				if answer.StatusCode != 408 || answer.Header.Get("Content-Type") != c.kind || !answer.Close ||
					!strings.Contains(body, "head-time") || !strings.Contains(body, "RFC 9110 15.5.9") {
					t.Errorf("answered %d %v %q; want 408 as %s with the rule", answer.StatusCode, answer.Header, body, c.kind)
				}
				v.Close()
				h.wantClosed(http1.HeadTimeout, "")
				all := got.all()
				if len(all) != 1 || h.srv.Refused()["head-time"] != 1 {
					t.Fatalf("told of %d refusals, counted %v; want one head-time", len(all), h.srv.Refused())
				}
				r := all[0]
				if r.Rule.ID != "head-time" || r.Status != 408 || r.Offset != int64(len(c.partial)) || r.RemoteAddr == "" || !strings.Contains(r.Reason, "3s") {
					t.Errorf("told of %+v; want head-time, 408, the byte after those that came, the peer, and how long it took", r)
				}
				if r.At != len(r.Around) || r.At == 0 || !strings.HasSuffix(c.partial, string(r.Around)) {
					t.Errorf("around, %q at %d; want the last that came, and the place behind it", r.Around, r.At)
				}
			})
		})
	}
}

// TestHeadTimeMayBlock: OnRefused may do with a head that is late what it may do
// with any: block, which holds up nobody else's deadline, panic, and exit.
func TestHeadTimeMayBlock(t *testing.T) {
	onEachBubbled(t, func(t *testing.T, s stage) {
		release := make(chan struct{})
		blocked := false
		h := serve(t, s, at, func(srv *Server) {
			srv.OnRefused = func(r *Refusal) {
				switch seen := string(r.Around); {
				case strings.Contains(seen, "/block"):
					blocked = true
					<-release
				case strings.Contains(seen, "/panic"):
					panic("on purpose")
				case strings.Contains(seen, "/exit"):
					runtime.Goexit()
				}
			}
		})
		slow, exits, panics, after := h.visit(), h.visit(), h.visit(), h.visit()
		slow.say("GET /block")
		exits.say("GET /exit")
		panics.say("GET /panic")
		after.say("GET /other")
		for _, v := range []*visitor{panics, after} {
			if took, words := v.end(); took > 13*time.Second || !strings.Contains(words, "408 Request Timeout") {
				t.Errorf("beside one that blocks: after %v %q", took, words)
			}
		}
		if took, words := exits.end(); took > 13*time.Second || words != "" {
			t.Errorf("one that exits: after %v %q, want an end", took, words)
		}
		synctest.Wait()
		if !blocked || !strings.Contains(h.log.String(), "on purpose") {
			t.Errorf("blocked: %v; logged: %q", blocked, h.log)
		}
		close(release)
		if _, words := slow.end(); !strings.Contains(words, "408 Request Timeout") {
			t.Errorf("after it has blocked: %q", words)
		}
	})
}

// own is a rule of a handler's.
var own = Rule{ID: "own", Source: "RFC 9110 9.3.1", Status: 413, Text: "A <small> one has no body."}

// TestRefuse: a handler's rule is refused in the way of the wire's.
func TestRefuse(t *testing.T) {
	onEach(t, func(t *testing.T, s stage) {
		for _, c := range []struct {
			name, head string
			choose     func(*Refusal)
			kind, body string
		}{
			{"words", "", nil, "text/plain; charset=utf-8", "413 Content Too Large\n\nA <small> one has no body.\nRule own (RFC 9110 9.3.1"},
			{"a page", "Accept: text/html\r\n", nil, "text/html; charset=utf-8", "<p>A &lt;small&gt; one has no body.</p>"},
			{"chosen", "", func(r *Refusal) { r.Body, r.ContentType, r.Status = "No.", "text/x\r\nA: b", 200 }, "text/x  A: b", "No."},
			{"chosen without a type", "", func(r *Refusal) { r.Body, r.ContentType = "<html>", "" }, "", "<html>"},
			{"a panic", "", func(*Refusal) { panic("on purpose") }, "text/plain; charset=utf-8", "Rule own"},
		} {
			t.Run(c.name, func(t *testing.T) {
				var got heard
				srv := new(*Server)
				h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
					w.Header().Set("Content-Length", "1")
					(*srv).Refuse(w, r, own, "it has one")
				}, func(s *Server) {
					*srv = s
					s.OnRefused = func(r *Refusal) {
						got.add(r)
						if c.choose != nil {
							c.choose(r)
						}
					}
				})
				v := h.visit()
				v.say("POST /small HTTP/1.1\r\nHost: h\r\n" + c.head + "Content-Length: 3\r\n\r\nxyz")
				answer, body := v.answer("POST")
				if answer.StatusCode != 413 || answer.Header.Get("Content-Type") != c.kind || !answer.Close || !strings.Contains(body, c.body) {
					t.Errorf("answered %d %v %q; want 413 as %q with %q, and an end", answer.StatusCode, answer.Header, body, c.kind, c.body)
				}
				v.Close()
				h.closed()
				all := got.all()
				if len(all) != 1 || h.srv.Refused()["own"] != 1 {
					t.Fatalf("told of %d, counted %v; want one", len(all), h.srv.Refused())
				}
				if r := all[0]; r.Rule != own || r.Reason != "it has one" || r.Offset != -1 || r.RemoteAddr == "" || r.Request == nil || r.Request.URL.Path != "/small" {
					t.Errorf("told of %+v", r)
				}
			})
		}
	})
}

// TestRefuseElsewhere: HTTP/2 has its own fields, and a test of a handler no
// server at all.
func TestRefuseElsewhere(t *testing.T) {
	var got heard
	srv := &Server{OnRefused: got.add}
	w := httptest.NewRecorder()
	srv.Refuse(w, httptest.NewRequest("GET", "/x", nil), Rule{ID: "bare", Text: "No."}, "it was asked")
	if strings.Contains(w.Body.String(), "rfc-editor") || strings.Count(w.Body.String(), "\n") != 4 || !strings.Contains(w.Body.String(), "Rule bare.\n") {
		t.Errorf("answered %q; a rule without a source has no link", w.Body)
	}
	if w.Code != 400 || w.Header().Get("Connection") != "close" || len(got.all()) != 1 || srv.Refused()["bare"] != 1 {
		t.Errorf("answered %d %v, told of %d, counted %v", w.Code, w.Header(), len(got.all()), srv.Refused())
	}
	h := serve(t, stageTLSDirect, func(w http.ResponseWriter, r *http.Request) { srv.Refuse(w, r, own, "over "+r.Proto) })
	client, done := h.client2()
	defer done()
	res, err := client.Get(h.url("/small"))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	res.Body.Close()
	if err != nil || res.Proto != "HTTP/2.0" || res.StatusCode != 413 || !strings.Contains(string(body), "Rule own") {
		t.Errorf("%s %d %q, %v", res.Proto, res.StatusCode, body, err)
	}
	if all := got.all(); len(all) != 2 || all[1].Reason != "over HTTP/2.0" {
		t.Errorf("told of %v", all)
	}
}
