package genkan

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/genkan-http/genkan/loop"
	"github.com/genkan-http/genkan/socket"
)

// scripted is a transport that brings one request as often as it is told and
// takes every answer: what is left of a request's cost is ours.
type scripted struct {
	transport
	request []byte
	left    int
	sent    int
}

func (s *scripted) recv(p []byte, _ loop.Instant) (int, error) {
	if s.left == 0 {
		return 0, socket.ErrAgain
	}
	s.left--
	return copy(p, s.request), nil
}

func (s *scripted) send(p []byte, _ bool, _ time.Time) (int, error) {
	s.sent += len(p)
	return len(p), nil
}

func (s *scripted) unsent() bool { return false }
func (s *scripted) gone() bool   { return false }

// turns are the requests of BenchmarkTurn, and how many pieces of memory each
// takes at most, its handler's included: a header map of its own, a field in it,
// and for echo what io.ReadAll reads into.
var turns = []struct {
	name, request string
	pieces        float64
}{
	{"plain", "GET /plain HTTP/1.1\r\nHost: h\r\n\r\n", 6},
	{"curl", "GET /plain HTTP/1.1\r\nHost: h\r\nUser-Agent: curl/8.5.0\r\nAccept: */*\r\n\r\n", 7},
	{"browser", browserRequest, 9},
	{"echo", "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1024\r\n\r\n" + strings.Repeat("a", 1024), 14}, // 11, but 14 under the race detector
}

// taking is a connection that will bring n requests, and how it is run.
func taking(request string) (s *scripted, run func(n int)) {
	srv := &Server{Handler: benchmarkMux()}
	srv.begin()
	s = &scripted{request: []byte(request)}
	c := &conn{srv: srv, from: &source{}, base: context.Background(), remote: "127.0.0.1:54321", tr: s}
	w := works.Get().(*work)
	w.serves(srv)
	return s, func(n int) {
		s.left, s.sent = n, 0
		c.run(w)
	}
}

// BenchmarkTurn is what a request costs beside the kernel's work and the
// loop's: parsed, made into an *http.Request, routed, handled and answered.
func BenchmarkTurn(b *testing.B) {
	for _, turn := range turns {
		b.Run(turn.name, func(b *testing.B) {
			s, run := taking(turn.request)
			b.ReportAllocs()
			b.ResetTimer()
			run(b.N)
			if s.left > 0 || s.sent < b.N*len("Hello, World!\n") {
				b.Fatal("not all requests were answered")
			}
		})
	}
}

// TestTurnPieces: most of what a quick request costs is memory, so that a piece
// more is to be noticed.
func TestTurnPieces(t *testing.T) {
	for _, turn := range turns {
		s, run := taking(turn.request)
		run(10) // buffers grow
		if got := testing.AllocsPerRun(200, func() { run(1) }); got > turn.pieces {
			t.Errorf("%s: a request takes %v pieces of memory, want %v", turn.name, got, turn.pieces)
		}
		if s.sent == 0 {
			t.Errorf("%s: no answer", turn.name)
		}
	}
}
