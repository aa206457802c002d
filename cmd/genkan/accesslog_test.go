package main

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/genkan-http/genkan"
)

func TestEntryText(t *testing.T) {
	when := time.Date(2026, 3, 1, 14, 3, 7, 0, time.Local)
	for _, test := range []struct {
		why   string
		line  entry
		color bool
		want  string
	}{
		{"the usual", entry{Time: when, Peer: "127.0.0.1:51234", Method: "GET", Target: "/test", Status: 200, Bytes: 5230, Duration: 420 * time.Microsecond}, false,
			"2026-03-01 14:03:07 127.0.0.1:51234 GET /test 200 5.2 kB 0.42 ms\n"},
		{"what is not as usual stands last", entry{Time: when, Peer: "unix", Method: "GET", Target: "/", Status: 500, Note: "broken off"}, false,
			"2026-03-01 14:03:07 unix GET / 500 0 B 0.00 ms broken off\n"},
		{"no answer", entry{Time: when, Peer: "[::1]:9", Method: "GET", Target: "/", Note: "broken off", Duration: 90 * time.Second}, false,
			"2026-03-01 14:03:07 [::1]:9 GET / - 0 B 1m30s broken off\n"},
		{"nothing in it is obeyed", entry{Time: when, Peer: "\x1b", Method: "\n", Target: "/\x1b[2J", Note: "\a", Status: 200}, false,
			`2026-03-01 14:03:07 \x1b \n /\x1b[2J 200 0 B 0.00 ms \a` + "\n"},
		{"colour", entry{Time: when, Peer: "unix", Method: "GET", Target: "/", Status: 404}, true,
			"\x1b[2m2026-03-01 14:03:07 unix\x1b[0m GET / \x1b[33m404\x1b[0m 0 B \x1b[2m0.00 ms\x1b[0m\n"},
	} {
		if got := string(test.line.appendText(nil, test.color)); got != test.want {
			t.Errorf("%s:\ngot  %q\nwant %q", test.why, got, test.want)
		}
	}
}

func TestUnits(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 B", 999: "999 B", 1000: "1.0 kB", 999_949: "999.9 kB", 999_950: "1.0 MB", 5 << 40: "5.5 TB",
	} {
		if got := bytesText(n); got != want {
			t.Errorf("bytesText(%d) = %q, want %q", n, got, want)
		}
	}
	for d, want := range map[time.Duration]string{
		0: "0.00 ms", 9994 * time.Microsecond: "9.99 ms", 9995 * time.Microsecond: "10 ms",
		1500 * time.Millisecond: "1.5 s", 61 * time.Second: "1m1s",
	} {
		if got := durationText(d); got != want {
			t.Errorf("durationText(%v) = %q, want %q", d, got, want)
		}
	}
}

// TestAccessLog answers in each way that a handler can, and reads the log.
func TestAccessLog(t *testing.T) {
	for _, test := range []struct {
		why, method string
		handler     http.HandlerFunc
		status      int
		bytes       int64
		note        string
	}{
		{"written without a status is 200", "GET", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") }, 200, 5, ""},
		{"nothing written is an empty 200", "GET", func(http.ResponseWriter, *http.Request) {}, 200, 0, ""},
		{"the body of HEAD is not sent, RFC 9110 9.3.2", "HEAD", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") }, 200, 0, ""},
		{"an informational answer is not the answer, RFC 9110 15.2", "GET", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(http.StatusNotFound)
		}, 404, 0, ""},
		{"flushed without a status is 200", "GET", func(w http.ResponseWriter, _ *http.Request) {
			if err := http.NewResponseController(w).Flush(); err != nil {
				panic(err)
			}
			w.(http.Flusher).Flush()
		}, 200, 0, ""},
		{"copied into the writer", "GET", func(w http.ResponseWriter, _ *http.Request) {
			io.Copy(w, io.LimitReader(strings.NewReader("hello, world"), 5))
		}, 200, 5, ""},
		{"a handler that gives up", "GET", func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, "hel")
			panic(http.ErrAbortHandler)
		}, 200, 3, "broken off"},
		{"a handler that gives up before it answers", "GET", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, 0, 0, "broken off"},
	} {
		t.Run(test.why, func(t *testing.T) {
			var out transcript
			log := &accessLog{out: &out, json: true, underway: &underway{}}
			srv := httptest.NewServer(log.wrap(test.handler))
			defer srv.Close()
			request, err := http.NewRequest(test.method, srv.URL+"/a?b=c", nil)
			if err != nil {
				t.Fatal(err)
			}
			if response, err := http.DefaultClient.Do(request); err == nil {
				io.Copy(io.Discard, response.Body)
				response.Body.Close()
			}
			out.await(t, "\n")
			var line entry
			if err := json.Unmarshal([]byte(out.String()), &line); err != nil {
				t.Fatalf("%v in %q", err, out.String())
			}
			if line.Method != test.method || line.Target != "/a?b=c" || line.Status != test.status ||
				line.Bytes != test.bytes || line.Note != test.note || line.Peer == "" || line.Time.IsZero() {
				t.Errorf("logged %s", out.String())
			}
			if left := log.underway.list(); len(left) != 0 {
				t.Errorf("still under way: %v", left)
			}
		})
	}
}

// TestRecorderReadsFrom: only when the writer below is given the file itself can
// the kernel send it (sendfile).
func TestRecorderReadsFrom(t *testing.T) {
	below := &readerFrom{ResponseRecorder: httptest.NewRecorder()}
	answer := &recorder{ResponseWriter: below}
	source := strings.NewReader("hello")
	if n, err := io.Copy(answer, struct{ io.Reader }{source}); n != 5 || err != nil {
		t.Fatalf("copied %d, %v", n, err)
	}
	if !below.asked {
		t.Error("io.Copy did not reach the ReadFrom below")
	}
	if answer.sent != 5 || answer.status != 200 {
		t.Errorf("counted %d bytes, status %d", answer.sent, answer.status)
	}
}

type readerFrom struct {
	*httptest.ResponseRecorder
	asked bool
}

func (r *readerFrom) ReadFrom(source io.Reader) (int64, error) {
	r.asked = true
	return io.Copy(r.ResponseRecorder, source)
}

// TestRecorderSendsFile: what the writer below sends from a descriptor counts,
// and what it cannot is not an answer yet.
func TestRecorderSendsFile(t *testing.T) {
	answer := &recorder{ResponseWriter: httptest.NewRecorder()}
	if n, err := answer.SendFile(0, 0, 5); n != 0 || !errors.Is(err, errors.ErrUnsupported) || answer.status != 0 {
		t.Errorf("%d, %v, status %d where the writer below cannot", n, err, answer.status)
	}
	answer = &recorder{ResponseWriter: fileSender{httptest.NewRecorder()}}
	if n, err := answer.SendFile(0, 0, 5); n != 5 || err != nil || answer.sent != 5 || answer.status != 200 {
		t.Errorf("%d, %v, counted %d, status %d", n, err, answer.sent, answer.status)
	}
}

type fileSender struct{ http.ResponseWriter }

func (fileSender) SendFile(_ uintptr, _, n int64) (int64, error) { return n, nil }

// TestBodyless: a body that has no meaning is refused in the server's own way,
// and logged once, with what was asked and why not.
func TestBodyless(t *testing.T) {
	for _, test := range []struct {
		why, method, body string
		status            int
		log               string
	}{
		{"a file is asked for", "GET", "", http.StatusTeapot, "GET /a 418 0 B"},
		{"a GET has no body here", "GET", "x", 413, "refused: the request has a body of 1 B (rule no-body, RFC 9110 9.3.1)\n"},
		{"nor has a HEAD", "HEAD", "x", 413, "HEAD /a 413 0 B 0.00 ms refused: "},
		{"what POST gets is the folder's answer", "POST", "x", http.StatusTeapot, "POST /a 418 0 B"},
	} {
		var out strings.Builder
		log := &accessLog{out: &out, underway: &underway{}}
		srv := &genkan.Server{OnRefused: log.refused}
		handler := bodyless(srv, log.wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })))
		answer := httptest.NewRecorder()
		r := httptest.NewRequest(test.method, "/a", strings.NewReader(test.body))
		r.Header.Set("Accept", "text/html")
		handler.ServeHTTP(answer, r)
		if answer.Code != test.status {
			t.Errorf("%s %q: %d, want %d: %s", test.method, test.body, answer.Code, test.status, test.why)
		}
		if !strings.Contains(out.String(), test.log) || strings.Count(out.String(), "\n") != 1 {
			t.Errorf("%s %q: logged %q, want one line with %q", test.method, test.body, out.String(), test.log)
		}
		if test.status != 413 {
			continue
		}
		if n := srv.Refused()["no-body"]; n != 1 || answer.Header().Get("Connection") != "close" || !strings.Contains(answer.Body.String(), "<h1>413 Content Too Large</h1>") {
			t.Errorf("%s %q: counted %d, fields %v, body %q; want it counted, an end, and a page for a browser", test.method, test.body, n, answer.Header(), answer.Body)
		}
	}
}
