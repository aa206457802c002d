package http1

import (
	"bytes"
	"runtime"
	"strings"
	"testing"
	"time"
)

// growing are messages that a client may draw out: a beginning, and what then
// comes again and again.
var growing = []struct {
	name          string
	before, piece string
}{
	{"one long value", "GET / HTTP/1.1\r\nHost: a\r\nA: ", "b"},
	{"one long value of white space", "GET / HTTP/1.1\r\nHost: a\r\nA: ", "b \t"},
	{"one long name", "GET / HTTP/1.1\r\nHost: a\r\n", "b"},
	{"one long target", "GET /", "b"},
	{"many fields", "GET / HTTP/1.1\r\n", "A: b\r\n"},
	{"many empty fields", "GET / HTTP/1.1\r\n", "A:\r\n"},
	{"many trailers", "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "A: b\r\n"},
	{"many chunks", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"},
	{"one long extension", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;a=", "b"},
	{"one long quoted extension", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;a=\"", `b\"`},
	{"many extensions", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1", ";a=b"},
	{"an extension in each chunk", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", "1;a=\"b\"\r\nx\r\n"},
	{"many requests, an empty line before each", "", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"},
	{"many bodies, an empty line after each", "", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx\r\n"},
}

func shape(before, piece string, n int) []byte {
	return []byte(before + strings.Repeat(piece, n/len(piece)))
}

// drip gives the parser in byte by byte. Before each call mask may change what
// is held, in[from:to].
func drip(t *testing.T, p *RequestParser, in []byte, mask func(from, to int)) {
	used := 0
	for i := range in {
		for {
			if mask != nil {
				mask(used, i+1)
			}
			n, ev, err := p.Next(in[used:i+1], false)
			if err != nil {
				t.Fatalf("after %d bytes: %v", i+1, err)
			}
			if used += n; ev.Kind == EventNeedMore {
				break
			}
		}
	}
}

// TestLooksOnce: a client that sends a large head or chunk line byte by byte
// must not cost more than its bytes. So no byte is looked at again later: here it
// is NUL by then, which no state allows, and a parser that went back would
// refuse it. (The last 16 are left, for a version is compared when it is whole;
// and a section that is whole is read once more, so then its bytes are there
// again.) And what is allocated is linear.
func TestLooksOnce(t *testing.T) {
	for _, g := range growing {
		t.Run(g.name, func(t *testing.T) {
			in := shape(g.before, g.piece, 50_000)
			whole := bytes.Clone(in)
			drip(t, &RequestParser{Limits: unlimited}, in, func(from, to int) {
				if bytes.HasSuffix(whole[:to], []byte("\r\n\r\n")) {
					copy(in[from:to], whole[from:to])
					return
				}
				clear(in[max(from, to-33):max(from, to-17)])
			})
			small, large := allocated(t, g.before, g.piece, 4_000), allocated(t, g.before, g.piece, 32_000)
			if large > 16*small+50_000 {
				t.Errorf("eight times the bytes of 4 kB allocated %d bytes, not %d: more than linear", large, small)
			}
		})
	}
}

// allocated is how many bytes a message of n bytes takes, byte by byte.
func allocated(t *testing.T, before, piece string, n int) uint64 {
	in := shape(before, piece, n)
	var start, end runtime.MemStats
	runtime.ReadMemStats(&start)
	drip(t, &RequestParser{Limits: unlimited}, in, nil)
	runtime.ReadMemStats(&end)
	return end.TotalAlloc - start.TotalAlloc
}

// TestLinear is the same by the clock, for work that looks at no byte. One message
// takes as long as sixteen of a sixteenth of its bytes if the work is linear, and
// sixteen times as long if it is quadratic; the bound lies between. Both are timed
// over as many bytes, so that a machine that is busy with something else
// interrupts both alike; it may spoil the best of five that much, but not five
// times in a row.
func TestLinear(t *testing.T) {
	cost := func(in []byte, times int) time.Duration {
		best := time.Hour
		for range 5 {
			start := time.Now()
			for range times {
				drip(t, &RequestParser{Limits: unlimited}, in, nil)
			}
			best = min(best, time.Since(start))
		}
		return best
	}
	for _, g := range growing {
		var small, large time.Duration
		for range 5 {
			small, large = cost(shape(g.before, g.piece, 2_000), 16), cost(shape(g.before, g.piece, 32_000), 1)
			if large <= 4*small {
				break
			}
		}
		if large > 4*small {
			t.Fatalf("%s: sixteen times 2 kB byte by byte %v, 32 kB %v: more than linear, five times in a row", g.name, small, large)
		}
	}
}
