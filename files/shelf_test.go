package files

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// shelfHandler serves files that have rested, by a clock of the test's.
func shelfHandler(t *testing.T, o Options, tree map[string]string) (h *Handler, dir string, clock *time.Time) {
	t.Helper()
	h, dir = newHandler(t, o, tree)
	now := time.Now().Add(clockTick)
	h.now = func() time.Time { return now }
	return h, dir, &now
}

func fetch(h http.Handler, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w
}

// What was found out is believed until Recheck is over, to the nanosecond.
func TestShelfRechecks(t *testing.T) {
	h, dir, now := shelfHandler(t, Options{Recheck: time.Second}, map[string]string{"a.txt": "old"})
	before := fetch(h, "/a.txt")
	put(t, dir, "a.txt", "newer")
	*now = now.Add(time.Second)
	if w := fetch(h, "/a.txt"); w.Body.String() != "old" || w.Header().Get("Etag") != before.Header().Get("Etag") {
		t.Errorf("after 1 s: %q, ETag %s; the old version is believed for Recheck", w.Body, w.Header().Get("Etag"))
	}
	*now = now.Add(1)
	if w := fetch(h, "/a.txt"); w.Body.String() != "newer" || w.Header().Get("Etag") == before.Header().Get("Etag") {
		t.Errorf("after 1 s and 1 ns: %q, ETag %s; want the file as it is", w.Body, w.Header().Get("Etag"))
	}
}

// A file that is changed all the time is never kept: who edits and looks sees
// the edit.
func TestShelfKeepsNothingNew(t *testing.T) {
	h, dir := newHandler(t, Options{Recheck: time.Hour}, map[string]string{"a.txt": "0"})
	for i := range 20 {
		want := fmt.Sprint(i)
		put(t, dir, "a.txt", want)
		if w := fetch(h, "/a.txt"); w.Body.String() != want {
			t.Fatalf("got %q just after %q was written", w.Body, want)
		}
	}
}

// An old modification time, as cp -p and tar set it, does not make a file old.
func TestShelfIsNotFooledByModificationTime(t *testing.T) {
	h, dir := newHandler(t, Options{Recheck: time.Hour}, map[string]string{"a.txt": "old"})
	past := time.Now().Add(-time.Hour)
	for _, want := range []string{"one", "two"} {
		put(t, dir, "a.txt", want)
		if err := os.Chtimes(filepath.Join(dir, "a.txt"), past, past); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(filepath.Join(dir, "a.txt"))
		if err != nil {
			t.Fatal(err)
		}
		if changedAt(info).IsZero() {
			t.Skip("this system does not tell when an inode was changed")
		}
		if w := fetch(h, "/a.txt"); w.Body.String() != want {
			t.Errorf("got %q, want %q", w.Body, want)
		}
	}
}

// The file is gone: seen once Recheck is over, also for a version without
// content.
func TestShelfForgetsWhatIsGone(t *testing.T) {
	large := strings.Repeat("x", smallFile+1)
	h, dir, now := shelfHandler(t, Options{Recheck: time.Second}, map[string]string{"a.txt": "a", "large.txt": large})
	for path, before := range map[string]int{"a.txt": http.StatusOK, "large.txt": http.StatusNotFound} {
		fetch(h, "/"+path)
		if err := os.Remove(filepath.Join(dir, path)); err != nil {
			t.Fatal(err)
		}
		if w := fetch(h, "/"+path); w.Code != before {
			t.Errorf("%s, just removed: %d, want %d", path, w.Code, before)
		}
	}
	*now = now.Add(time.Second + 1)
	for _, path := range []string{"a.txt", "large.txt"} {
		if w := fetch(h, "/"+path); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d, want 404", path, w.Code)
		}
	}
}

// All that is asked of a kept version: whole, parts, nothing, and index.html by
// the name of its folder.
func TestShelfAnswersAlike(t *testing.T) {
	kept, _, _ := shelfHandler(t, Options{}, map[string]string{"index.html": "<p>0123456789", "b": "\x89PNG\r\n\x1a\n", "empty.txt": ""})
	asked, _, _ := shelfHandler(t, Options{Recheck: -1}, map[string]string{"index.html": "<p>0123456789", "b": "\x89PNG\r\n\x1a\n", "empty.txt": ""})
	for _, path := range []string{"/", "/index.html", "/b", "/empty.txt"} {
		for _, fields := range []http.Header{
			{}, {"Range": {"bytes=2-4"}}, {"Range": {"bytes=0-1,3-4"}}, {"Range": {"bytes=99-"}}, {"If-None-Match": {"*"}}, {"If-Match": {`"x"`}},
		} {
			for _, method := range []string{"GET", "HEAD", "GET"} {
				var answers []string
				for _, h := range []*Handler{kept, asked} {
					r := httptest.NewRequest(method, path, nil)
					r.Header = fields
					w := httptest.NewRecorder()
					h.ServeHTTP(w, r)
					text := fmt.Sprint(w.Code, w.Header()["Content-Range"], w.Header()["Content-Length"], w.Body)
					if kind := w.Header().Get("Content-Type"); !strings.HasPrefix(kind, "multipart") {
						text += kind // the boundary of several parts is random
					} else {
						text = strings.ReplaceAll(text, kind[strings.Index(kind, "=")+1:], "")
					}
					answers = append(answers, text)
				}
				if answers[0] != answers[1] {
					t.Errorf("%s %s %v: kept %q, asked each time %q", method, path, fields, answers[0], answers[1])
				}
			}
		}
	}
	if len(kept.shelf.versions) == 0 || len(asked.shelf.versions) != 0 {
		t.Errorf("%d versions kept, and %d with Recheck -1", len(kept.shelf.versions), len(asked.shelf.versions))
	}
}

// Keep bounds the memory, at its edge.
func TestShelfIsBounded(t *testing.T) {
	tree := map[string]string{}
	for i := range 20 {
		tree[fmt.Sprintf("%02d.txt", i)] = strings.Repeat("x", 1000)
	}
	one := int64(versionCost + len("00.txt") + 1000)
	// With a byte less than one needs there is room for two without their content.
	for _, test := range []struct{ keep, most int64 }{{3 * one, 3}, {3*one - 1, 2}, {one, 1}, {one - 1, 2}, {-1, 0}, {0, 20}} {
		h, _, _ := shelfHandler(t, Options{Keep: test.keep}, tree)
		var most int
		for name := range tree {
			if w := fetch(h, "/"+name); w.Body.String() != tree[name] {
				t.Fatalf("%s: %d", name, w.Code)
			}
			fetch(h, "/"+name)
			most = max(most, len(h.shelf.versions))
			if h.shelf.held > max(h.shelf.most, 0) {
				t.Fatalf("Keep %d, and %d held", test.keep, h.shelf.held)
			}
		}
		if int64(most) != test.most {
			t.Errorf("Keep %d: at most %d versions, want %d of %d bytes each", test.keep, most, test.most, one)
		}
	}
}

// After Close nothing is answered from memory.
func TestShelfCloses(t *testing.T) {
	h, _, _ := shelfHandler(t, Options{}, map[string]string{"a.txt": "a"})
	fetch(h, "/a.txt")
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	if w := fetch(h, "/a.txt"); w.Code != http.StatusServiceUnavailable {
		t.Errorf("%d after Close, want 503", w.Code)
	}
}

// A file of middle size is kept once it is asked for again, if there is room; a
// long one never.
func TestShelfKeepsMiddleFiles(t *testing.T) {
	tree := map[string]string{
		"small":  strings.Repeat("x", smallFile),
		"middle": strings.Repeat("x", keptFile),
		"long":   strings.Repeat("x", keptFile+1),
	}
	for _, c := range []struct {
		keep  int64
		times int
		kept  []string
	}{
		{0, 1, []string{"small"}},
		{0, 2, []string{"small", "middle"}},
		{0, 5, []string{"small", "middle"}},
		{versionCost + int64(len("middle")) + keptFile, 2, []string{"small", "middle"}},
		{versionCost + int64(len("middle")) + keptFile - 1, 5, []string{"small"}},
	} {
		for name, content := range tree {
			h, _, _ := shelfHandler(t, Options{Keep: c.keep}, tree)
			for range c.times {
				if w := fetch(h, "/"+name); w.Body.String() != content {
					t.Errorf("%s: %d bytes, want %d", name, w.Body.Len(), len(content))
				}
			}
			v := h.shelf.versions[name]
			if v == nil {
				t.Errorf("%s is not on the shelf", name)
			} else if (v.content != nil) != slices.Contains(c.kept, name) {
				t.Errorf("a shelf of %d, %s asked for %d times: content kept %v", c.keep, name, c.times, v.content != nil)
			}
		}
	}
}
