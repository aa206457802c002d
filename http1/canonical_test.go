package http1

import (
	"net/textproto"
	"strings"
	"testing"
)

// However a name is spelled, and however its line arrives, it is read alike:
// common names take a shorter way than others, and whole lines than split ones.
func TestCommonNames(t *testing.T) {
	for _, name := range commonNames {
		if name == "" || name == "Host" || name == "Expect" || name == "Transfer-Encoding" || name == "Content-Length" {
			continue // their values would be judged
		}
		if len(name) > commonLongest {
			t.Errorf("%s is longer than commonLongest, %d", name, commonLongest)
		}
		near := name[:len(name)-1] + "x"
		for _, spelled := range []string{name, strings.ToLower(name), strings.ToUpper(name), near, name + "x", "x" + name} {
			want := textproto.CanonicalMIMEHeaderKey(spelled)
			if got := CanonicalName(spelled); got != want {
				t.Errorf("CanonicalName(%q) is %q, want %q", spelled, got, want)
			}
			head := "GET / HTTP/1.1\r\nHost: h\r\n" + spelled + ": \t a value \t\r\n\r\n"
			for _, step := range []int{len(head), 1, 7} {
				f := readFields(t, head, step)
				if f.Len() != 2 || f.Name(1) != spelled || f.Canonical(1) != want || f.Value(1) != "a value" {
					t.Errorf("%q in steps of %d: %q %q is %q", head, step, f.Name(1), f.Canonical(1), f.Value(1))
				}
			}
		}
	}
}

// The names that frame a message are known in every spelling.
func TestFramingNames(t *testing.T) {
	for number, name := range commonNames[:commonTransferEncoding+1] {
		for _, spelled := range []string{name, strings.ToLower(name), strings.ToUpper(name)} {
			if name != "" && framingName(spelled) != common(number) {
				t.Errorf("%s is not known as %s", spelled, name)
			}
		}
	}
	for _, other := range []string{"", "Hose", "Expecx", "Connectiox", "Content-Lengtx", "Transfer-Encodinx", "Date"} {
		if n := framingName(other); n != 0 {
			t.Errorf("%q is taken for %s", other, commonNames[n])
		}
	}
}

// readFields parses head, which arrives in steps of so many bytes.
func readFields(t *testing.T, head string, step int) *Fields {
	t.Helper()
	var p RequestParser
	for n := step; ; n += step {
		_, ev, err := p.Next([]byte(head[:min(n, len(head))]), false)
		if err != nil {
			t.Fatalf("%q: %v", head, err)
		}
		if ev.Kind == EventHead {
			return &p.Request.Fields
		}
		if n >= len(head) {
			t.Fatalf("%q is no head", head)
		}
	}
}
