package files

import (
	"bufio"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// longAgo is when the test files were last changed: surely more than a tick.
var longAgo = time.Date(2021, 2, 3, 4, 5, 6, 789, time.UTC)

// newHandler serves a new folder that holds the given files (a name that ends
// in "/" is a folder), closed at the end of the test.
func newHandler(t testing.TB, o Options, files map[string]string) (*Handler, string) {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		put(t, dir, name, content)
	}
	if o.ErrorLog == nil {
		o.ErrorLog = log.New(io.Discard, "", 0)
	}
	h, err := New(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	return h, dir
}

func put(t testing.TB, dir, name, content string) {
	t.Helper()
	path := filepath.Join(dir, name)
	if strings.HasSuffix(name, "/") {
		must(t, os.MkdirAll(path, 0o755))
		return
	}
	must(t, os.MkdirAll(filepath.Dir(path), 0o755))
	must(t, os.WriteFile(path, []byte(content), 0o644))
	must(t, os.Chtimes(path, longAgo, longAgo))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// ask hands the handler a request as net/http reads it from the wire. fields
// are "Name: value".
func ask(t testing.TB, h http.Handler, method, target string, fields ...string) *httptest.ResponseRecorder {
	t.Helper()
	text := method + " " + target + " HTTP/1.1\r\nHost: x\r\n"
	for _, f := range fields {
		text += f + "\r\n"
	}
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(text + "\r\n")))
	if err != nil {
		t.Fatalf("%s %s: the request itself is broken: %v", method, target, err)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Header().Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%s %s: no nosniff: no browser may guess a type of its own, on any answer", method, target)
	}
	return w
}

func TestAnswers(t *testing.T) {
	h, _ := newHandler(t, Options{}, map[string]string{
		"a.txt": "hello", "LICENSE": "MIT", "logo": "\x89PNG\r\n\x1a\n", "up.HTML": "<p>",
		"site/index.html": "<h1>", "site/x.js": "1", "plain/f.css": "a{}",
		"odd/index.html/": "", "a:b/c": "1", "empty.txt": "", ".well-known/security.txt": "s", "sub/.well-known/x": "no",
	})
	for _, c := range []struct {
		method, target string
		status         int
		field, value   string
		body           string
		why            string
	}{
		{"GET", "/a.txt", 200, "Content-Type", "text/plain; charset=utf-8", "hello", "the table of types"},
		{"GET", "/a.txt?x=1", 200, "Content-Length", "5", "hello", "a query names no other file"},
		{"HEAD", "/a.txt", 200, "Content-Length", "5", "", "HEAD never has a body, RFC 9110 9.3.2"},
		{"HEAD", "/a.txt", 200, "Content-Type", "text/plain; charset=utf-8", "", "HEAD has GET's fields"},
		{"GET", "/a.txt", 200, "Last-Modified", "Wed, 03 Feb 2021 04:05:06 GMT", "hello", "RFC 9110 8.8.2"},
		{"GET", "/a.txt", 200, "Cache-Control", "no-cache", "hello", "the default never shows an old file"},
		{"GET", "/a.txt", 200, "Accept-Ranges", "bytes", "hello", "RFC 9110 14.3"},
		{"GET", "/up.HTML", 200, "Content-Type", "text/html; charset=utf-8", "<p>", "extensions have no case"},
		{"GET", "/LICENSE", 200, "Content-Type", "text/plain; charset=utf-8", "MIT", "sniffed: text"},
		{"GET", "/logo", 200, "Content-Type", "image/png", "\x89PNG\r\n\x1a\n", "sniffed: PNG"},
		{"GET", "/empty.txt", 200, "Content-Length", "0", "", "an empty file is a file"},
		{"GET", "/site/", 200, "Content-Type", "text/html; charset=utf-8", "<h1>", "index.html stands for its folder"},
		{"GET", "/site/index.html", 200, "Content-Length", "4", "<h1>", "and is served under its own name"},
		{"GET", "/site", 301, "Location", "./site/", "", "a folder's address ends in a slash"},
		{"GET", "/site?a=b&c", 301, "Location", "./site/?a=b&c", "", "the query stays"},
		{"GET", "/a:b", 301, "Location", "./a%3Ab/", "", "no name can become a scheme"},
		{"GET", "/odd/", 200, "Content-Security-Policy", policy[0], "*", "a folder called index.html is no index"},
		{"GET", "/plain/", 200, "Content-Type", "text/html; charset=utf-8", "*", "a listing"},
		{"GET", "/a.txt/", 404, "Content-Type", "text/plain; charset=utf-8", "*", "a file is not a folder"},
		{"GET", "/missing", 404, "Cache-Control", "no-cache", "*", "it may be there tomorrow"},
		{"GET", "/.well-known/security.txt", 200, "Content-Length", "1", "s", "RFC 8615 names are public"},
		{"GET", "/sub/.well-known/x", 404, "", "", "*", "but at the root alone"},
		{"OPTIONS", "/a.txt", 204, "Allow", "GET, HEAD, OPTIONS", "", "RFC 9110 9.3.7"},
		{"OPTIONS", "*", 204, "Allow", "GET, HEAD, OPTIONS", "", "RFC 9110 9.3.7: the server as a whole"},
		{"POST", "/a.txt", 405, "Allow", "GET, HEAD, OPTIONS", "*", "RFC 9110 15.5.6: a 405 has Allow"},
		{"DELETE", "/missing", 405, "Allow", "GET, HEAD, OPTIONS", "*", "whatever the target"},
		{"PROPFIND", "/", 405, "Allow", "GET, HEAD, OPTIONS", "*", "an unknown method"},
	} {
		w := ask(t, h, c.method, c.target)
		if w.Code != c.status {
			t.Errorf("%s %s: %d, want %d: %s", c.method, c.target, w.Code, c.status, c.why)
		}
		if got := w.Header().Get(c.field); c.field != "" && got != c.value {
			t.Errorf("%s %s: %s is %q, want %q: %s", c.method, c.target, c.field, got, c.value, c.why)
		}
		if got := w.Body.String(); c.body != "*" && got != c.body {
			t.Errorf("%s %s: body %q, want %q: %s", c.method, c.target, got, c.body, c.why)
		}
	}
}

func TestNewSaysWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "file", "x")
	for _, c := range []struct {
		dir  string
		o    Options
		want string
	}{
		{filepath.Join(dir, "missing"), Options{}, "there is no folder"},
		{filepath.Join(dir, "file"), Options{}, "is not a folder"},
		{"", Options{}, `use "."`},
		{dir, Options{MaxEntries: -1}, "a listing needs a bound"},
		{dir, Options{CacheControl: "a\r\nEvil: 1"}, "RFC 9110"},
	} {
		h, err := New(c.dir, c.o)
		if err == nil {
			h.Close()
			t.Errorf("New(%q, %+v) gave a handler; want an error with %q", c.dir, c.o, c.want)
		} else if !strings.Contains(err.Error(), c.want) {
			t.Errorf("New(%q, %+v): %q; want it to say %q", c.dir, c.o, err, c.want)
		}
	}
}

func TestOptions(t *testing.T) {
	h, _ := newHandler(t, Options{NoListing: true, CacheControl: "max-age=60"}, map[string]string{"d/a": "1", "i/index.html": "2"})
	if w := ask(t, h, "GET", "/d/"); w.Code != 404 {
		t.Errorf("NoListing: a folder without index.html gives %d, want 404", w.Code)
	}
	if w := ask(t, h, "GET", "/i/"); w.Code != 200 {
		t.Errorf("NoListing: a folder with index.html gives %d, want 200", w.Code)
	}
	if got := ask(t, h, "GET", "/d/a").Header().Get("Cache-Control"); got != "max-age=60" {
		t.Errorf("Cache-Control is %q, want what the options say", got)
	}
}

func TestClose(t *testing.T) {
	h, _ := newHandler(t, Options{}, map[string]string{"a": "1"})
	must(t, h.Close())
	for _, target := range []string{"/a", "/"} {
		if w := ask(t, h, "GET", target); w.Code != 503 {
			t.Errorf("GET %s after Close: %d, want 503: the folder is given back", target, w.Code)
		}
	}
	if err := h.Close(); err != nil {
		t.Errorf("a second Close: %v, want nil", err)
	}
}

// A refusal explains itself in the form and the language that was asked for,
// and repeats nothing of the request.
func TestRefusals(t *testing.T) {
	h, _ := newHandler(t, Options{}, map[string]string{"a": "1"})
	evil := "/%3Cscript%3Ealert(1)%3C/script%3E%1b%5B31m"
	plain := ask(t, h, "GET", evil)
	html := ask(t, h, "GET", evil, "Accept: text/html,*/*;q=0.8")
	ja := ask(t, h, "GET", evil, "Accept-Language: ja,en;q=0.5")
	for _, w := range []*httptest.ResponseRecorder{plain, html, ja} {
		if b := w.Body.String(); strings.Contains(b, "alert") || strings.Contains(b, "\x1b") {
			t.Errorf("the refusal echoes the request: %q", b)
		}
		if w.Header().Get("Vary") != "Accept, Accept-Language" {
			t.Errorf("Vary is %q: the page depends on both fields", w.Header().Get("Vary"))
		}
	}
	if !strings.HasPrefix(plain.Body.String(), "404 Nothing is served under this name\n\n") {
		t.Errorf("plain text is %q: it should begin with status and reason", plain.Body)
	}
	if !strings.Contains(html.Body.String(), "<h1>Nothing is served under this name</h1>") || html.Header().Get("Content-Security-Policy") == "" {
		t.Errorf("a browser gets a page with a policy; got %v %q", html.Header(), html.Body)
	}
	if !strings.Contains(ja.Body.String(), "公開") {
		t.Errorf("Accept-Language: ja gets %q", ja.Body)
	}
	for status := range english.refusals {
		if japanese.refusals[status].Why == "" {
			t.Errorf("%d has no Japanese words", status)
		}
	}
	head := ask(t, h, "HEAD", evil)
	if head.Body.Len() != 0 || head.Header().Get("Content-Length") != fmt.Sprint(plain.Body.Len()) {
		t.Errorf("HEAD of a 404: %d bytes, Content-Length %s; want none, and GET's %d", head.Body.Len(), head.Header().Get("Content-Length"), plain.Body.Len())
	}
}

// What may not be read is 403; the superuser may read all, so there it is 200.
func TestUnreadable(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no permission bits")
	}
	h, dir := newHandler(t, Options{}, map[string]string{"a": "1"})
	must(t, os.Chmod(filepath.Join(dir, "a"), 0))
	want := 403
	if os.Geteuid() == 0 {
		want = 200
	}
	if w := ask(t, h, "GET", "/a"); w.Code != want {
		t.Errorf("a file without permission: %d, want %d", w.Code, want)
	}
}

// http.StripPrefix takes the first slash with it; everything stays relative.
func TestStripPrefix(t *testing.T) {
	h, _ := newHandler(t, Options{}, map[string]string{"d/a.txt": "1"})
	s := http.StripPrefix("/static/", h)
	if w := ask(t, s, "GET", "/static/d/a.txt"); w.Code != 200 {
		t.Errorf("a file under a prefix: %d, want 200", w.Code)
	}
	if w := ask(t, s, "GET", "/static/d"); w.Header().Get("Location") != "./d/" {
		t.Errorf("Location is %q, want ./d/: relative, so right under any prefix", w.Header().Get("Location"))
	}
	if w := ask(t, s, "GET", "/static/"); w.Code != 200 || !strings.Contains(w.Body.String(), `href="./d/"`) {
		t.Errorf("the root under a prefix: %d", w.Code)
	}
}
