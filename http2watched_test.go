package genkan

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/genkan-http/genkan/trace"
)

// bothWays writes down what a client sends and receives, inside TLS.
type bothWays struct {
	net.Conn
	mu      sync.Mutex
	out, in []byte
}

func (b *bothWays) Read(p []byte) (int, error) {
	n, err := b.Conn.Read(p)
	b.mu.Lock()
	b.in = append(b.in, p[:n]...)
	b.mu.Unlock()
	return n, err
}

func (b *bothWays) Write(p []byte) (int, error) {
	n, err := b.Conn.Write(p)
	b.mu.Lock()
	b.out = append(b.out, p[:n]...)
	b.mu.Unlock()
	return n, err
}

// seen2 is what a trace tells of the bytes of one HTTP/2 connection.
type seen2 struct {
	mu             sync.Mutex
	received, sent []byte
	wrong          string
	closed         bool
}

func (s *seen2) take(e trace.Event, secure bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	to := &s.received
	switch {
	case e.Conn == 0:
		return
	case e.Verb == trace.Close && strings.HasPrefix(e.Note, "closed by"):
		s.closed = true
		return
	case secure && e.Verb == trace.Decrypt, !secure && e.Verb == trace.Recv:
	case secure && e.Verb == trace.Encrypt, !secure && e.Verb == trace.Send:
		to = &s.sent
	default:
		return
	}
	if e.Len == 0 {
		return
	}
	if e.Off != int64(len(*to)) || e.Len != len(e.Data) {
		s.wrong = fmt.Sprintf("%v: %d bytes at %d, of which %d are there, after %d", e.Verb, e.Len, e.Off, len(e.Data), len(*to))
	}
	*to = append(*to, e.Data...)
}

// TestWatchedHTTP2: what the engine reads and writes is told, byte for byte as
// the client wrote and read it, and its requests are as without a watcher.
func TestWatchedHTTP2(t *testing.T) {
	onEachOf2(t, func(t *testing.T, s stage) {
		ring := trace.NewRing(trace.Options{Events: 1 << 14, Bytes: 1 << 20, MemoryLimit: 64 << 20})
		secure := false
		h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
			if (r.TLS != nil) != secure || secure && r.TLS.NegotiatedProtocol != "h2" {
				t.Errorf("the request's TLS is %+v", r.TLS)
			}
			n, _ := io.Copy(io.Discard, r.Body)
			fmt.Fprintf(w, "%s %d ", r.Proto, n)
			io.WriteString(w, strings.Repeat("x", 100_000))
		}, func(srv *Server) { srv.Watch = ring })
		secure = h.srv.TLSConfig != nil
		var seen seen2
		reader := ring.Reader()
		over := make(chan struct{})
		go func() {
			defer close(over)
			for {
				e, lost, err := reader.Next(context.Background())
				if err != nil {
					return
				}
				if lost > 0 {
					t.Errorf("%d events were lost", lost)
				}
				seen.take(e, secure)
			}
		}()
		defer func() {
			reader.Close()
			<-over
		}()

		wire := new(bothWays)
		transport := &http.Transport{Protocols: protocols(false, false, true)}
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			dial := h.dial
			if secure {
				dial = func() (net.Conn, error) { return new(net.Dialer).DialContext(ctx, "tcp", h.at()) }
			}
			nc, err := dial()
			if err != nil {
				return nil, err
			}
			if secure {
				config := trusting()
				config.NextProtos = []string{"h2"}
				tc := tls.Client(nc, config)
				if err := tc.HandshakeContext(ctx); err != nil {
					return nil, err
				}
				nc = tc
			}
			wire.Conn = nc
			return wire, nil
		}
		defer transport.CloseIdleConnections()
		client := &http.Client{Transport: transport, Timeout: 3 * patience}
		for _, size := range []int{0, 1, 50_000} {
			res, body := fetch(t, client, "POST", "http://server.example/", strings.NewReader(strings.Repeat("b", size)))
			if want := fmt.Sprintf("HTTP/2.0 %d xxx", size); res.StatusCode != 200 || !strings.HasPrefix(body, want) || len(body) < 100_000 {
				t.Errorf("%d and %.40q, want 200 and %q", res.StatusCode, body, want)
			}
		}
		until2(t, "the trace has the client's bytes", func() string {
			wire.mu.Lock()
			defer wire.mu.Unlock()
			seen.mu.Lock()
			defer seen.mu.Unlock()
			if seen.wrong != "" || !bytes.Equal(wire.out, seen.received) || !bytes.Equal(wire.in, seen.sent) {
				return fmt.Sprintf("%d bytes received of %d, %d sent of %d; %s", len(seen.received), len(wire.out), len(seen.sent), len(wire.in), seen.wrong)
			}
			return ""
		})
		if !bytes.HasPrefix(seen.received, preface) {
			t.Errorf("received %.40q, want the preface first", seen.received)
		}
		transport.CloseIdleConnections()
		until2(t, "the trace has its end", func() string {
			seen.mu.Lock()
			defer seen.mu.Unlock()
			if !seen.closed {
				return "nothing yet"
			}
			return ""
		})
	})
}

// until2 polls until f has nothing to say, for as long as patience.
func until2(t *testing.T, what string, f func() string) {
	t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		said := f()
		if said == "" {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%s: %s", what, said)
		}
	}
}

// TestWatchedPreface: a client that agreed on HTTP/2 and begins with something
// else is closed, watched or not.
func TestWatchedPreface(t *testing.T) {
	for _, watched := range []bool{true, false} {
		h := serve(t, stageTLSDirect, at, func(srv *Server) {
			if !watched {
				srv.Watch = nil
			}
		})
		config := trusting()
		config.NextProtos = []string{"h2"}
		tc, err := tls.Dial("tcp", h.at(), config)
		if err != nil {
			t.Fatal(err)
		}
		tc.SetDeadline(time.Now().Add(patience))
		const settings, ping = "\x00\x00\x00\x04\x00\x00\x00\x00\x00", "\x00\x00\x08\x06\x00\x00\x00\x00\x00abcdefgh"
		io.WriteString(tc, strings.ToLower(string(preface))+settings+ping)
		if got, err := io.ReadAll(tc); bytes.Contains(got, []byte("abcdefgh")) || isTimeout(err) {
			t.Errorf("watched %v: %q, %v; want the end", watched, got, err)
		}
		tc.Close()
	}
}

func isTimeout(err error) bool {
	timeout, ok := err.(net.Error)
	return ok && timeout.Timeout()
}
