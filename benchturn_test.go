package genkan

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

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

func (s *scripted) recv(p []byte, _ time.Time) (int, error) {
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

// BenchmarkTurn is what a request costs beside the kernel's work and the
// loop's: parsed, made into an *http.Request, routed, handled and answered.
func BenchmarkTurn(b *testing.B) {
	for _, bm := range []struct{ name, request string }{
		{"plain", "GET /plain HTTP/1.1\r\nHost: h\r\n\r\n"},
		{"curl", "GET /plain HTTP/1.1\r\nHost: h\r\nUser-Agent: curl/8.5.0\r\nAccept: */*\r\n\r\n"},
		{"browser", browserRequest},
		{"echo", "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1024\r\n\r\n" + strings.Repeat("a", 1024)},
	} {
		b.Run(bm.name, func(b *testing.B) {
			mux := http.NewServeMux()
			mux.HandleFunc("GET /plain", func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/plain; charset=utf-8")
				io.WriteString(w, "Hello, World!\n")
			})
			mux.HandleFunc("POST /echo", func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				w.Header().Set("Content-Type", "application/octet-stream")
				w.Write(body)
			})
			srv := &Server{Handler: mux}
			s := &scripted{request: []byte(bm.request)}
			c := &conn{srv: srv, from: &source{}, base: context.Background(), remote: "127.0.0.1:54321", tr: s}
			w := works.Get().(*work)
			w.serves(srv)
			b.ReportAllocs()
			b.ResetTimer()
			s.left = b.N
			c.run(w)
			if s.left > 0 || s.sent < b.N*len("Hello, World!\n") {
				b.Fatal("not all requests were answered")
			}
		})
	}
}
