package page

import (
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

func fetch(t *testing.T, method, path, etag string) (*http.Response, string) {
	t.Helper()
	r := httptest.NewRequest(method, path, nil)
	if etag != "" {
		r.Header.Set("If-None-Match", etag)
	}
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	body, err := io.ReadAll(w.Result().Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.Result(), string(body)
}

func TestHandler(t *testing.T) {
	for _, test := range []struct {
		method, path string
		status       int
		contentType  string
		cache        string
	}{
		{"GET", "/", 200, "text/html; charset=utf-8", "no-store"},
		{"HEAD", "/", 200, "text/html; charset=utf-8", "no-store"},
		{"GET", "/page.css", 200, "text/css; charset=utf-8", "no-cache"},
		{"GET", "/js/page.js", 200, "text/javascript; charset=utf-8", "no-cache"},
		{"GET", "/index.html", 404, "", ""},
		{"GET", "/js/", 404, "", ""},
		{"GET", "/js/../page.go", 404, "", ""},
		{"GET", "/page.go", 404, "", ""},
		{"POST", "/", 405, "", ""},
	} {
		answer, body := fetch(t, test.method, test.path, "")
		h := answer.Header
		if answer.StatusCode != test.status {
			t.Errorf("%s %s: %d, want %d", test.method, test.path, answer.StatusCode, test.status)
		}
		if test.status != 200 {
			continue
		}
		if h.Get("Content-Type") != test.contentType || h.Get("Cache-Control") != test.cache || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Content-Security-Policy") != Policy {
			t.Errorf("%s %s: fields %v", test.method, test.path, h)
		}
		if (test.method == "HEAD") != (body == "") {
			t.Errorf("%s %s has %d bytes of body", test.method, test.path, len(body))
		}
	}
}

func TestEntityTags(t *testing.T) {
	answer, _ := fetch(t, "GET", "/page.css", "")
	etag := answer.Header.Get("ETag")
	for given, want := range map[string]int{etag: 304, "W/" + etag: 304, `"x", ` + etag: 304, "*": 304, `"x"`: 200} {
		answer, body := fetch(t, "GET", "/page.css", given)
		if answer.StatusCode != want || (want == 304) != (body == "") {
			t.Errorf("If-None-Match %s: %d with %d bytes, want %d", given, answer.StatusCode, len(body), want)
		}
	}
	if other, _ := fetch(t, "GET", "/js/page.js", etag); other.StatusCode != 200 {
		t.Errorf("another file's tag gets %d", other.StatusCode)
	}
}

func TestUnknownKindIsNotServed(t *testing.T) {
	if _, err := load(fstest.MapFS{"page.svg": {Data: []byte("<svg/>")}}); err == nil || !strings.Contains(err.Error(), "content type") {
		t.Errorf("a file without a content type: %v", err)
	}
}

// The page makes no markup of text, has no script or style inside the
// document, and names no other place.
func TestNothingInlineNothingOutside(t *testing.T) {
	served, err := load(assets)
	if err != nil {
		t.Fatal(err)
	}
	forbidden := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser|createContextualFragment|setHTML|srcdoc|@import|url\(`)
	inline := regexp.MustCompile(`(?i)<style|<script(?: [^>]*)?>[^<]|\son\w+=|\sstyle=|javascript:`)
	outside := regexp.MustCompile(`(?:https?:)?//[\w-]+\.[\w.-]+`)
	allowed := map[string]bool{"http://www.w3.org": true}
	for name, a := range served {
		text := string(a.body)
		if at := forbidden.FindString(text); at != "" {
			t.Errorf("%s has %s: text goes into the page by text nodes alone", name, at)
		}
		if at := inline.FindString(text); at != "" && name == "/" {
			t.Errorf("%s has %q inside: the policy forbids it", name, at)
		}
		for _, at := range outside.FindAllString(text, -1) {
			if !allowed[at] {
				t.Errorf("%s names %s: the page asks nobody else", name, at)
			}
		}
	}
}
