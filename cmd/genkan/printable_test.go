package main

import (
	"encoding/json"
	"testing"
)

func TestPrintable(t *testing.T) {
	for _, test := range []struct{ in, want, why string }{
		{"/index.html?q=1&x=%20", "/index.html?q=1&x=%20", "what is printable stays"},
		{"/\x1b[2J\x1b]0;owned\a", `/\x1b[2J\x1b]0;owned\a`, "an escape sequence would be obeyed"},
		{"/a\r\n127.0.0.1 GET /forged 200", `/a\r\n127.0.0.1 GET /forged 200`, "a line break would forge a line"},
		{"/\u009b2J", `/\u009b2J`, "a C1 control is an escape sequence in one character"},
		{"/\x9b2J", `/\x9b2J`, "the same, in a terminal that does not speak UTF-8"},
		{"/\u202egnp.exe", `/\u202egnp.exe`, "a mark that turns the direction hides a name"},
		{"/\u200bx", `/\u200bx`, "what is invisible is made visible"},
		{`/\x1b`, `/\\x1b`, "a backslash that was sent is told from one of ours"},
		{"/玄関", "/玄関", "letters of all scripts are letters"},
		{"/\xff\xfe", `/\xff\xfe`, "bytes that are no UTF-8"},
		{"/\ufffd", "/\ufffd", "the replacement character itself is valid"},
		{"/\x00\x7f", `/\x00\x7f`, "NUL and DEL"},
	} {
		if got := printable(test.in); got != test.want {
			t.Errorf("printable(%q) = %q, want %q: %s", test.in, got, test.want, test.why)
		}
	}
}

func FuzzPrintable(f *testing.F) {
	f.Add("/\x1b[2J玄関\xff")
	f.Fuzz(func(t *testing.T, s string) {
		for _, r := range printable(s) {
			if r < ' ' || r >= 0x7f && r < 0xa0 {
				t.Fatalf("printable(%q) holds the control character %U", s, r)
			}
		}
		text, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range asciiJSON(text) {
			if c < ' ' || c > '~' {
				t.Fatalf("asciiJSON(%q) holds the byte %#x", text, c)
			}
		}
		var plain, ascii string
		if json.Unmarshal(text, &plain) != nil || json.Unmarshal(asciiJSON(text), &ascii) != nil || plain != ascii {
			t.Fatalf("asciiJSON changed the meaning of %q", text)
		}
	})
}
