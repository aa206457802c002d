package files

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestConditions(t *testing.T) {
	h, _ := newHandler(t, Options{}, map[string]string{"a.txt": "hello"})
	etag := ask(t, h, "GET", "/a.txt").Header().Get("Etag")
	if !strings.HasPrefix(etag, `"`) {
		t.Fatalf("the tag of an old file is %s: it should be strong", etag)
	}
	const same, before, after = "Wed, 03 Feb 2021 04:05:06 GMT", "Wed, 03 Feb 2021 04:05:05 GMT", "Wed, 03 Feb 2021 04:05:07 GMT"
	for _, c := range []struct {
		fields []string
		status int
		why    string
	}{
		{[]string{"If-None-Match: " + etag}, 304, "13.1.2"},
		{[]string{"If-None-Match: W/" + etag}, 304, "13.1.2: compared weakly"},
		{[]string{`If-None-Match: "x", ,` + etag}, 304, "a list, with an empty element"},
		{[]string{`If-None-Match: "x"`, "If-None-Match: " + etag}, 304, "several lines are one list"},
		{[]string{"If-None-Match: *"}, 304, "any version"},
		{[]string{`If-None-Match: "x"`}, 200, "another version"},
		{[]string{`If-None-Match: x`, "If-None-Match: " + etag}, 304, "nonsense spoils only its own line"},
		{[]string{`If-None-Match: "a` + "\t" + `b", ` + etag}, 200, "no tag has a tab: what follows cannot be told apart"},
		{[]string{`If-None-Match: "x"`, "If-Modified-Since: " + after}, 200, "13.1.3: the tag wins over the date"},
		{[]string{"If-Modified-Since: " + same}, 304, "13.1.3"},
		{[]string{"If-Modified-Since: " + after}, 304, "13.1.3: any later date"},
		{[]string{"If-Modified-Since: " + before}, 200, "13.1.3"},
		{[]string{"If-Modified-Since: yesterday"}, 200, "13.1.3: no date, no condition"},
		{[]string{"If-Modified-Since: " + after, "If-Modified-Since: " + after}, 200, "two dates are no date"},
		{[]string{"If-Match: " + etag}, 200, "13.1.1"},
		{[]string{`If-Match: "x"`, "If-Match: " + etag}, 200, "13.1.1: several lines"},
		{[]string{"If-Match: *"}, 200, "13.1.1"},
		{[]string{"If-Match: W/" + etag}, 412, "13.1.1: compared strongly"},
		{[]string{`If-Match: "x"`}, 412, "13.1.1"},
		{[]string{"If-Match: nonsense"}, 412, "13.1.1: matches nothing"},
		{[]string{`If-Match: "x"`, "If-None-Match: " + etag}, 412, "13.2.2: If-Match comes first"},
		{[]string{"If-Match: " + etag, "If-Unmodified-Since: " + before}, 200, "13.1.4: the tag wins over the date"},
		{[]string{"If-Unmodified-Since: " + same}, 200, "13.1.4"},
		{[]string{"If-Unmodified-Since: " + before}, 412, "13.1.4"},
		{[]string{"If-Unmodified-Since: nonsense"}, 200, "13.1.4"},
		{[]string{`If-None-Match: ` + etag, "Range: bytes=0-0"}, 304, "13.2.2: Range comes last"},
		{[]string{"Range: bytes=0-0", "If-Range: " + etag}, 206, "13.1.5"},
		{[]string{"Range: bytes=0-0", `If-Range: "x"`}, 200, "13.1.5: another version: all of it"},
		{[]string{"Range: bytes=0-0", "If-Range: W/" + etag}, 200, "13.1.5: compared strongly"},
		{[]string{"Range: bytes=0-0", "If-Range: " + same}, 206, "13.1.5: exactly this date"},
		{[]string{"Range: bytes=0-0", "If-Range: " + after}, 200, "13.1.5: not a later one"},
		{[]string{"Range: bytes=0-0", "If-Range: " + etag, "If-Range: " + etag}, 200, "two are none"},
		{[]string{"Range: bytes=99-", `If-Range: "x"`}, 200, "13.1.5: no 416 for another version"},
	} {
		for _, method := range []string{"GET", "HEAD"} {
			want := c.status
			if method == "HEAD" && want == 206 {
				want = 200 // RFC 9110 14.2: Range is for GET
			}
			w := ask(t, h, method, "/a.txt", c.fields...)
			if w.Code != want {
				t.Errorf("%s with %q: %d, want %d: RFC 9110 %s", method, c.fields, w.Code, want, c.why)
			}
			if w.Code == 304 && (w.Header().Get("Etag") != etag || w.Header().Get("Cache-Control") == "" || w.Body.Len() > 0) {
				t.Errorf("%q: a 304 carries tag and Cache-Control and no body (15.4.5); got %v, %d bytes", c.fields, w.Header(), w.Body.Len())
			}
			if w.Code == 412 && (w.Header().Get("Etag") != "" || method == "GET" && w.Body.Len() == 0) {
				t.Errorf("%q: a 412 has words and not the file's tag; got %v", c.fields, w.Header())
			}
		}
	}
}

// Where http.ServeContent keeps the rules, we answer as it does.
func TestConditionsAsServeContent(t *testing.T) {
	h, _ := newHandler(t, Options{}, map[string]string{"a.txt": "0123456789"})
	etag := ask(t, h, "GET", "/a.txt").Header().Get("Etag")
	theirs := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Etag", etag)
		http.ServeContent(w, r, "a.txt", longAgo, bytes.NewReader([]byte("0123456789")))
	})
	tags := []string{"", etag, "W/" + etag, `"x"`, `"x", ` + etag, "*"}
	dates := []string{"", "Wed, 03 Feb 2021 04:05:05 GMT", "Wed, 03 Feb 2021 04:05:06 GMT", "Wed, 03 Feb 2021 04:05:07 GMT", "x"}
	ranges := []string{"", "bytes=0-3", "bytes=-3", "bytes=4-", "bytes=99-", "bytes=2-99", "bytes=99-,1-1"}
	names := []string{"If-Match", "If-Unmodified-Since", "If-None-Match", "If-Modified-Since", "Range"}
	values := [][]string{tags, dates, tags, dates, ranges}
	for n := range 6 * 5 * 6 * 5 * 7 {
		var fields []string
		for i, rest := 0, n; i < len(names); i++ {
			if v := values[i][rest%len(values[i])]; v != "" {
				fields = append(fields, names[i]+": "+v)
			}
			rest /= len(values[i])
		}
		a, b := ask(t, h, "GET", "/a.txt", fields...), ask(t, theirs, "GET", "/a.txt", fields...)
		if a.Code != b.Code || a.Header().Get("Content-Range") != b.Header().Get("Content-Range") || a.Code < 300 && a.Body.String() != b.Body.String() {
			t.Fatalf("%q: %d %v %q; http.ServeContent: %d %v %q", fields, a.Code, a.Header(), a.Body, b.Code, b.Header(), b.Body)
		}
	}
}

func TestEntityTags(t *testing.T) {
	h, dir := newHandler(t, Options{}, map[string]string{"a": "one"})
	path := filepath.Join(dir, "a")
	tag := func() string { return ask(t, h, "GET", "/a").Header().Get("Etag") }
	first := tag()

	must(t, os.Chtimes(path, longAgo, longAgo.Add(time.Millisecond)))
	if tag() == first {
		t.Error("a change within the same second has the same tag: nanoseconds count")
	}
	put(t, dir, "a", "other")
	if tag() == first {
		t.Error("another size has the same tag")
	}
	must(t, os.WriteFile(path+"2", []byte("two"), 0o644))
	must(t, os.Rename(path+"2", path))
	must(t, os.Chtimes(path, longAgo, longAgo))
	if tag() == first {
		t.Error("another file of the same size and time has the same tag: the inode counts")
	}
}

// A file that changed within the last tick may change again and look the
// same: its tag is weak, and is not the tag that it will have later.
func TestFreshFileHasWeakTag(t *testing.T) {
	changed := time.Unix(1_700_000_000, 5)
	f := facts{kind: regular, size: 3, modified: changed, inode: 7}
	fresh, _ := validatorsOf(f, changed.Add(clockTick-1))
	settled, _ := validatorsOf(f, changed.Add(clockTick))
	if !strings.HasPrefix(fresh.etag, "W/") || strings.HasPrefix(settled.etag, "W/") {
		t.Errorf("fresh %s, settled %s: want weak, then strong", fresh.etag, settled.etag)
	}
	if evaluate(http.Header{"If-None-Match": {fresh.etag}}, settled) != proceed {
		t.Error("a tag from before the tick was over still gives 304: a client could keep the wrong version for good")
	}
	if mayBeRanged(http.Header{"If-Range": {fresh.lastModified}}, fresh) {
		t.Error("If-Range took the date of a file that may still change within its second (RFC 9110, 8.8.2.2)")
	}
	if evaluate(http.Header{"If-Match": {fresh.etag}}, fresh) != failed {
		t.Error("If-Match took a weak tag (RFC 9110, 13.1.1)")
	}

	now := changed.Add(-time.Hour)
	future, _ := validatorsOf(f, now)
	if want := now.UTC().Format(http.TimeFormat); future.lastModified != want || future.strong {
		t.Errorf("a file from the future: %q, strong %v; want the time of the answer, weak (RFC 9110, 8.8.2.1)", future.lastModified, future.strong)
	}
}

// Header fields that middleware set for the file do not stay on a refusal.
func TestRefusalTakesFieldsBack(t *testing.T) {
	h, _ := newHandler(t, Options{}, map[string]string{"a": "1"})
	w := httptest.NewRecorder()
	w.Header().Set("Content-Encoding", "br")
	h.ServeHTTP(w, httptest.NewRequest("GET", "/missing", nil))
	if w.Header().Get("Content-Encoding") != "" {
		t.Error("a 404 kept Content-Encoding: its text is not encoded")
	}
}
