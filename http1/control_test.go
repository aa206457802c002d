package http1

import (
	"bytes"
	"testing"
)

// TestNextControl holds the scan by words to the definition, for each byte at
// each place of a word.
func TestNextControl(t *testing.T) {
	for n := range 20 {
		for at := range n {
			for c := range 256 {
				b := bytes.Repeat([]byte{'a'}, n)
				b[at] = byte(c)
				want := n
				if c < 0x20 && c != '\t' || c == 0x7f {
					want = at
				}
				if got := nextControl(b, 0); got != want {
					t.Fatalf("%q: control character at %d, want %d: RFC 9110 5.5", b, got, want)
				}
				if got := nextControlIn(string(b)); got != want {
					t.Fatalf("%q: in a string at %d, want %d", b, got, want)
				}
			}
		}
	}
}
