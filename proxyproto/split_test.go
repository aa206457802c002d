package proxyproto

import (
	"errors"
	"testing"
)

// grown parses in as it comes byte by byte, until there is a result.
func grown(in []byte, atEOF bool) (h Header, n int, err error) {
	for i := range in {
		if h, n, err = Parse(in[:i], false); n > 0 || err != nil {
			return h, n, err
		}
	}
	return Parse(in, atEOF)
}

// same reports whether two results are equal, errors by what they say.
func same(h1 Header, n1 int, err1 error, h2 Header, n2 int, err2 error) bool {
	text := func(err error) string {
		var e *Error
		if !errors.As(err, &e) {
			return ""
		}
		return e.Error()
	}
	return h1 == h2 && n1 == n2 && text(err1) == text(err2)
}

// TestEverySplit: every prefix of a header asks for more, at its end it is
// refused, and byte by byte gives what the whole gives.
func TestEverySplit(t *testing.T) {
	for _, c := range good {
		in := []byte(c.in)
		for i := range in {
			if h, n, err := Parse(in[:i], false); n != 0 || err != nil || h.Family != None {
				t.Errorf("%.80q, the first %d bytes of it: %v, %d, %v, want that more is needed", c.in, i, h, n, err)
			}
			var e *Error
			if _, _, err := Parse(in[:i], true); !errors.As(err, &e) || e.Rule != ruleWhole || e.Offset != i {
				t.Errorf("%.80q, ended after %d bytes: %v, want rule %s", c.in, i, err, ruleWhole.ID)
			}
		}
	}
	for _, c := range bad {
		in := []byte(c.in)
		h1, n1, err1 := Parse(in, false)
		if h2, n2, err2 := grown(in, false); !same(h1, n1, err1, h2, n2, err2) {
			t.Errorf("%.80q\nwhole: %v\nsplit: %v", c.in, err1, err2)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, c := range good {
		f.Add([]byte(c.in), false)
	}
	for _, c := range bad {
		f.Add([]byte(c.in), true)
	}
	f.Fuzz(func(t *testing.T, in []byte, atEOF bool) {
		h, n, err := Parse(in, atEOF)
		if h2, n2, err2 := grown(in, atEOF); !same(h, n, err, h2, n2, err2) {
			t.Fatalf("%.80q\nwhole: %v, %d, %v\nsplit: %v, %d, %v", in, h, n, err, h2, n2, err2)
		}
		var e *Error
		switch {
		case err != nil && (!errors.As(err, &e) || e.Offset < 0 || e.Offset > len(in) || n != 0):
			t.Fatalf("%.80q: %d, %v: an Error, at one of the bytes, is all that may come", in, n, err)
		case err == nil && n == 0 && (atEOF || len(in) >= MaxLen):
			t.Fatalf("%d bytes, at the end %v: more cannot help", len(in), atEOF)
		case n > len(in) || n > MaxLen:
			t.Fatalf("%.80q: a header of %d bytes", in, n)
		case n > 0 && (h.Family == INET || h.Family == INET6):
			again, _, err := Parse([]byte(h.String()+"\r\n"), true)
			if again.Source != h.Source || again.Destination != h.Destination || err != nil {
				t.Fatalf("%v, written as version 1, is read as %v, %v", h, again, err)
			}
		}
	})
}

// TestAllocations: a line is one string, and a block is none.
func TestAllocations(t *testing.T) {
	for _, c := range []struct {
		in   string
		most float64
	}{{words4 + "\r\n", 1}, {block(0x21, 0x21, ip6), 0}, {summed(block(0x21, 0x11, ip4, empty)), 0}, {words4, 0}} {
		in := []byte(c.in)
		if got := testing.AllocsPerRun(100, func() { Parse(in, false) }); got > c.most {
			t.Errorf("%.80q: %v allocations, want at most %v", c.in, got, c.most)
		}
	}
}
