package files

import (
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
)

func TestRanges(t *testing.T) {
	const content = "0123456789"
	h, _ := newHandler(t, Options{}, map[string]string{"a.txt": content, "empty": ""})
	const ten = "bytes=0-0,1-1,2-2,3-3,4-4,5-5,6-6,7-7,8-8,9-9"
	for _, c := range []struct {
		value, body, contentRange string
		status                    int
		why                       string
	}{
		{"bytes=0-3", "0123", "bytes 0-3/10", 206, "first-last"},
		{"bytes=4-", "456789", "bytes 4-9/10", 206, "to the end"},
		{"bytes=-3", "789", "bytes 7-9/10", 206, "suffix"},
		{"bytes=-99", content, "bytes 0-9/10", 206, "a suffix longer than the file is the file"},
		{"bytes=9-9", "9", "bytes 9-9/10", 206, "the last byte"},
		{"bytes=5-99", "56789", "bytes 5-9/10", 206, "cut at the end"},
		{"bytes=5-99999999999999999999999", "56789", "bytes 5-9/10", 206, "a number beyond int64"},
		{"BYTES=0-0", "0", "bytes 0-0/10", 206, "14.1: units have no case"},
		{"bytes= 0-0 , ", "0", "bytes 0-0/10", 206, "white space and empty elements of a list"},
		{"bytes=99-,0-0", "0", "bytes 0-0/10", 206, "what cannot be had is left out; one part needs no multipart"},
		{"bytes=10-", "*", "bytes */10", 416, "behind the end"},
		{"bytes=99999999999999999999999-", "*", "bytes */10", 416, "far behind"},
		{"bytes=-0", "*", "bytes */10", 416, "14.1.2: nothing can be had"},
		{"bytes=10-20,30-40", "*", "bytes */10", 416, "none of them"},
		{"lines=1-2", content, "", 200, "14.2: an unknown unit MUST be ignored"},
		{"bytes", content, "", 200, "no range set"},
		{"bytes=", content, "", 200, "an empty one"},
		{"bytes=-", content, "", 200, "no numbers"},
		{"bytes=3-1", content, "", 200, "14.1.1: last before first is invalid"},
		{"bytes=a-b", content, "", 200, "no digits"},
		{"bytes=+1-2", content, "", 200, "a sign"},
		{"bytes=0x1-2", content, "", 200, "hexadecimal"},
		{"bytes=1 - 2", content, "", 200, "white space inside"},
		{"bytes=0-0,x", content, "", 200, "one bad one spoils the set"},
		{"bytes=0-5,5-9", content, "", 200, "they overlap"},
		{"bytes=0-9,-1", content, "", 200, "they overlap"},
		{"bytes=0-,0-,0-,0-", content, "", 200, "CVE-2011-3192"},
		{ten + ",99-99", content, "", 200, "more than ten, counting those that cannot be had"},
		{ten, "*", "", 206, "ten are served"},
	} {
		w := ask(t, h, "GET", "/a.txt", "Range: "+c.value)
		if w.Code != c.status || c.body != "*" && w.Body.String() != c.body || w.Header().Get("Content-Range") != c.contentRange {
			t.Errorf("Range: %s: %d %q %q; want %d %q %q: %s", c.value, w.Code, w.Body, w.Header().Get("Content-Range"), c.status, c.body, c.contentRange, c.why)
		}
		if got, want := w.Header().Get("Content-Length"), fmt.Sprint(w.Body.Len()); got != want {
			t.Errorf("Range: %s: Content-Length %s, %s sent", c.value, got, want)
		}
		if w := ask(t, h, "HEAD", "/a.txt", "Range: "+c.value); w.Code != 200 || w.Header().Get("Content-Length") != "10" {
			t.Errorf("HEAD, Range: %s: %d; 14.2: Range is for GET", c.value, w.Code)
		}
		if w := ask(t, h, "GET", "/empty", "Range: "+c.value); w.Code != 200 {
			t.Errorf("Range: %s of an empty file: %d, want 200: there is nothing to cut, and nothing to refuse", c.value, w.Code)
		}
	}
	if w := ask(t, h, "GET", "/a.txt", "Range: bytes=0-0", "Range: bytes=1-1"); w.Code != 200 {
		t.Errorf("two Range lines: %d, want 200: the field is not a list of fields", w.Code)
	}
}

func TestSeveralRanges(t *testing.T) {
	big := strings.Repeat("0123456789", 2*smallFile/10)
	h, _ := newHandler(t, Options{}, map[string]string{"a.css": big})
	value := fmt.Sprintf("bytes=-5,0-2,99999999-,10-%d", 10+smallFile)
	w := ask(t, h, "GET", "/a.css", "Range: "+value)
	if w.Code != 206 || w.Header().Get("Content-Range") != "" {
		t.Fatalf("%d %v: a multipart 206 has Content-Range in its parts only (RFC 9110 14.6)", w.Code, w.Header())
	}
	if got, want := w.Header().Get("Content-Length"), fmt.Sprint(w.Body.Len()); got != want {
		t.Errorf("Content-Length %s, %s sent", got, want)
	}
	mediaType, parameters, err := mime.ParseMediaType(w.Header().Get("Content-Type"))
	if err != nil || mediaType != "multipart/byteranges" {
		t.Fatalf("Content-Type %q, %v", w.Header().Get("Content-Type"), err)
	}
	size := len(big)
	parts := multipart.NewReader(w.Body, parameters["boundary"])
	for _, want := range []struct{ contentRange, body string }{
		{fmt.Sprintf("bytes %d-%d/%d", size-5, size-1, size), big[size-5:]},
		{fmt.Sprintf("bytes 0-2/%d", size), "012"},
		{fmt.Sprintf("bytes 10-%d/%d", 10+smallFile, size), big[10 : 11+smallFile]},
	} {
		part, err := parts.NextPart()
		must(t, err)
		body, err := io.ReadAll(part)
		must(t, err)
		if string(body) != want.body || part.Header.Get("Content-Range") != want.contentRange || part.Header.Get("Content-Type") != "text/css; charset=utf-8" {
			t.Errorf("part %v with %d bytes, want %s with %d: in the order asked for", part.Header, len(body), want.contentRange, len(want.body))
		}
	}
	if _, err := parts.NextPart(); err != io.EOF {
		t.Errorf("after the parts: %v, want the closing delimiter", err)
	}
}

// Spans lie inside the file, do not overlap, and are ten at most.
func FuzzRanges(f *testing.F) {
	for _, v := range []string{"bytes=0-1,-3", "bytes=9-", "bytes=0-0,0-0", "x=1-2", "bytes=-9223372036854775808", "bytes=9223372036854775807-9223372036854775807"} {
		f.Add(v, int64(10))
	}
	f.Fuzz(func(t *testing.T, value string, size int64) {
		size &= 1<<62 - 1
		spans, satisfiable := rangesOf(http.Header{"Range": {value}}, size)
		if len(spans) > maxRanges || len(spans) > 0 && !satisfiable {
			t.Fatalf("%q of %d: %v, %v", value, size, spans, satisfiable)
		}
		for i, s := range spans {
			if s.start < 0 || s.length < 1 || s.start+s.length > size {
				t.Fatalf("%q of %d: %v is outside", value, size, s)
			}
			for _, o := range spans[:i] {
				if s.start < o.start+o.length && o.start < s.start+s.length {
					t.Fatalf("%q of %d: %v and %v overlap", value, size, s, o)
				}
			}
		}
	})
}
