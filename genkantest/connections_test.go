package genkantest

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// nothingSaid is the log of servers whose clients fail on purpose.
var nothingSaid = slog.New(slog.DiscardHandler)

// starts are the ways to start a server.
var starts = []struct {
	name  string
	start func(*testing.T, *Server)
}{
	{"plain", func(_ *testing.T, ts *Server) { ts.Start() }},
	{"TLS", func(_ *testing.T, ts *Server) { ts.StartTLS() }},
	{"plain over a net.Listener", func(t *testing.T, ts *Server) { replaceListener(t, ts); ts.Start() }},
	{"TLS over a net.Listener", func(t *testing.T, ts *Server) { replaceListener(t, ts); ts.StartTLS() }},
}

// wantInside waits until a request is with the handler.
func wantInside(t *testing.T, inside <-chan struct{}) {
	t.Helper()
	select {
	case <-inside:
	case <-time.After(5 * time.Second):
		t.Fatal("no request has come to the handler")
	}
}

// wantCut wants the connection to end before anybody loses patience.
func wantCut(t *testing.T, c net.Conn, what string) {
	t.Helper()
	var slow net.Error
	if _, err := io.Copy(io.Discard, c); errors.As(err, &slow) && slow.Timeout() {
		t.Errorf("a connection %s is still open after CloseClientConnections", what)
	}
}

func TestCloseClientConnections(t *testing.T) {
	for _, how := range starts {
		t.Run(how.name, func(t *testing.T) {
			before := runtime.NumGoroutine()
			inside, ended := make(chan struct{}), make(chan struct{})
			ts := NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/stay" {
					close(inside)
					<-r.Context().Done()
					close(ended)
				}
				io.WriteString(w, greeting)
			}))
			ts.Config.Logger = nothingSaid
			how.start(t, ts)
			fresh, resting, working := dialEither(t, ts), dialEither(t, ts), dialEither(t, ts)
			if c, ok := fresh.(interface{ Handshake() error }); ok {
				c.Handshake()
			}
			io.WriteString(resting, "GET / HTTP/1.1\r\nHost: example.com\r\n\r\n")
			res, err := http.ReadResponse(bufio.NewReader(resting), nil)
			if err != nil {
				t.Fatal(err)
			}
			io.Copy(io.Discard, res.Body)
			io.WriteString(working, "GET /stay HTTP/1.1\r\nHost: example.com\r\n\r\n")
			wantInside(t, inside)
			// The kernel may have made a connection that the server has not seen.
			for deadline := time.Now().Add(5 * time.Second); len(ts.connections.now()) < 3 && time.Now().Before(deadline); {
				time.Sleep(time.Millisecond)
			}
			ts.CloseClientConnections()
			wantCut(t, fresh, "that has not asked")
			wantCut(t, resting, "that rests")
			wantCut(t, working, "that is being answered")
			select {
			case <-ended:
			case <-time.After(5 * time.Second):
				t.Error("the handler was not told that its client is gone")
			}
			wantGreeting(t, ts.Client(), ts.URL) // the server goes on
			working.Close()                      // if it has not been cut
			ts.Close()
			if left := ts.connections.now(); len(left) > 0 {
				t.Errorf("%d connections are remembered after the end", len(left))
			}
			wantGoroutines(t, before)
		})
	}
}

// TestCloseClientConnectionsHTTP2 cuts a connection that is HTTP/2's.
func TestCloseClientConnectionsHTTP2(t *testing.T) {
	for _, how := range starts {
		t.Run(how.name, func(t *testing.T) {
			inside := make(chan struct{})
			ts := NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				close(inside)
				<-r.Context().Done()
			}))
			ts.EnableHTTP2 = true
			client := ts.Client
			if strings.HasPrefix(how.name, "plain") {
				ts.Config.Protocols = new(http.Protocols)
				ts.Config.Protocols.SetUnencryptedHTTP2(true)
				without := &http.Client{Transport: &http.Transport{Protocols: ts.Config.Protocols}}
				defer without.CloseIdleConnections()
				client = func() *http.Client { return without }
			}
			how.start(t, ts)
			defer ts.Close()
			patient, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			r, err := http.NewRequestWithContext(patient, "GET", ts.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			failed := make(chan error, 1)
			go func() {
				_, err := client().Do(r)
				failed <- err
			}()
			wantInside(t, inside)
			ts.CloseClientConnections()
			if err := <-failed; err == nil || patient.Err() != nil {
				t.Errorf("the request ended with %v, want its connection to have been cut", err)
			}
		})
	}
}

// TestCloseClientConnectionsHijacked leaves a connection to who has taken it.
func TestCloseClientConnectionsHijacked(t *testing.T) {
	for _, how := range starts {
		t.Run(how.name, func(t *testing.T) {
			taken := make(chan net.Conn, 1)
			ts := NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				c, _, err := http.NewResponseController(w).Hijack()
				if err != nil {
					t.Error(err)
				}
				taken <- c
			}))
			var mu sync.Mutex
			var states []http.ConnState
			ts.Config.ConnState = func(_ net.Conn, s http.ConnState) {
				mu.Lock()
				defer mu.Unlock()
				states = append(states, s)
			}
			how.start(t, ts)
			defer ts.Close()
			c := dialEither(t, ts)
			io.WriteString(c, "GET / HTTP/1.1\r\nHost: example.com\r\n\r\n")
			theirs := <-taken
			defer theirs.Close()
			ts.CloseClientConnections()
			io.WriteString(theirs, "still here")
			got := make([]byte, len("still here"))
			if _, err := io.ReadFull(c, got); err != nil {
				t.Errorf("the hijacked connection said %q, %v, want it left alone", got, err)
			}
			mu.Lock()
			defer mu.Unlock()
			if len(states) == 0 || states[len(states)-1] != http.StateHijacked {
				t.Errorf("the test's own ConnState has seen %v, want what happened", states)
			}
		})
	}
}
