package genkan

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/genkan-http/genkan/http1"
)

// TestContextEnds: a handler that waits for its request's context hears when
// the client goes, in each way in which a client can.
func TestContextEnds(t *testing.T) {
	for _, c := range []struct {
		name string
		send string
		go_  func(*visitor)
	}{
		{"closed", "GET /" + get + "\r\n", func(v *visitor) { v.Close() }},
		{"reset", "GET /" + get + "\r\n", (*visitor).reset},
		{"half-closed", "GET /" + get + "\r\n", (*visitor).halfClose},
		{"closed after a body", "POST /" + get + "Content-Length: 3\r\n\r\nabc", func(v *visitor) { v.Close() }},
		{"closed after chunks", "POST /" + get + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", func(v *visitor) { v.Close() }},
	} {
		t.Run(c.name, func(t *testing.T) {
			onEach(t, func(t *testing.T, s stage) {
				waiting, ended := make(chan bool), make(chan error, 1)
				h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
					io.Copy(io.Discard, r.Body)
					child, cancel := context.WithCancel(r.Context())
					defer cancel()
					select {
					case <-child.Done():
						ended <- errors.New("the context was over before the client went")
						return
					case waiting <- true:
					}
					<-child.Done()
					ended <- child.Err()
				})
				v := h.visit()
				v.say(c.send)
				<-waiting
				c.go_(v)
				select {
				case err := <-ended:
					if err != context.Canceled {
						t.Errorf("the context ended with %v, want context.Canceled", err)
					}
				case <-time.After(patience):
					t.Fatalf("the handler has not heard of it\n%s", stacks())
				}
			})
		})
	}
}

// TestContextAfterHandler: the end of the handler ends the context, and the
// connection goes on, although somebody watched over the peer meanwhile.
func TestContextAfterHandler(t *testing.T) {
	onEach(t, func(t *testing.T, s stage) {
		contexts := make(chan context.Context, 2)
		h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
			select {
			case <-r.Context().Done():
				t.Error("the context was over before the handler")
			default:
			}
			contexts <- r.Context()
			at(w, r)
		})
		v := h.visit()
		for range 100 {
			v.say("GET /hello" + get + "\r\n")
			if got := v.hear(wireLength(hello)); got != hello {
				t.Fatalf("got %q", got)
			}
			ctx := <-contexts
			<-ctx.Done()
			if ctx.Err() != context.Canceled {
				t.Errorf("after the handler the context says %v, want context.Canceled", ctx.Err())
			}
		}
		// A request that comes while the handler works is not lost to the watch.
		v.say(strings.Repeat("GET /hello"+get+"\r\n", 2))
		if got := v.hear(2 * wireLength(hello)); got != hello+hello {
			t.Errorf("two at once gave %q", got)
		}
	})
}

// TestBaseContext: its values are seen, and its end is the requests' end.
func TestBaseContext(t *testing.T) {
	type key struct{}
	onEach(t, func(t *testing.T, s stage) {
		base, cancel := context.WithCancelCause(context.WithValue(context.Background(), key{}, "seen"))
		defer cancel(nil)
		waiting := make(chan any)
		ended := make(chan error, 1)
		h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
			waiting <- r.Context().Value(key{})
			<-r.Context().Done()
			ended <- r.Context().Err()
		}, withBase(base))
		v := h.visit()
		v.say("GET /" + get + "\r\n")
		if got := <-waiting; got != "seen" {
			t.Errorf("the base context's value is %v", got)
		}
		cancel(nil)
		if err := <-ended; err != context.Canceled {
			t.Errorf("the request's context ended with %v", err)
		}
		v.answer("GET")
	})
}

// TestGoneInEachPhase: a client that resets the connection at any moment ends
// it, with the reason, and does no harm to the next.
func TestGoneInEachPhase(t *testing.T) {
	reset := http1.PeerReset
	for _, c := range []struct {
		name, send, hears string
		reasons           []http1.CloseReason
	}{
		{"new", "", "", []http1.CloseReason{reset, http1.PeerClosed}},
		{"in a head", "GET / HT", "", []http1.CloseReason{reset, http1.Refused}},
		{"in a body", "POST /swallow" + get + "Content-Length: 100\r\n\r\nabc", "", []http1.CloseReason{reset, http1.PeerClosed}},
		{"in an unread body", "POST /ignore" + get + "Content-Length: 100\r\n\r\nabc", "", []http1.CloseReason{reset, http1.UnreadBody, http1.PeerClosed}},
		{"in an answer", "GET /endless" + get + "\r\n", "HTTP/1.1 200 OK\r\n", []http1.CloseReason{reset}},
		{"idle", "GET /hello" + get + "\r\n", hello, []http1.CloseReason{reset, http1.PeerClosed}},
		{"after a refusal", "GET /" + "\r\n\r\n" + strings.Repeat("x", 1000), "HTTP/1.1 400", []http1.CloseReason{http1.Refused}},
	} {
		t.Run(c.name, func(t *testing.T) {
			onEach(t, func(t *testing.T, s stage) {
				h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
					if r.URL.Path != "/endless" {
						at(w, r)
						return
					}
					for piece := strings.Repeat("x", 10_000); ; {
						if _, err := io.WriteString(w, piece); err != nil {
							return
						}
					}
				})
				v := h.visit()
				v.say(c.send)
				if got := v.hear(wireLength(c.hears)); got != c.hears {
					t.Errorf("heard %q, want %q", got, c.hears)
				}
				v.reset()
				got := h.closed()
				known := false
				for _, reason := range c.reasons {
					known = known || got == reason.String()
				}
				if !known {
					t.Errorf("closed because %q, want one of %v (a UNIX socket knows no reset, and an end may be seen first)", got, c.reasons)
				}
				next := h.visit()
				next.say("GET /hello" + get + "\r\n")
				if got := next.hear(wireLength(hello)); got != hello {
					t.Errorf("the next connection got %q", got)
				}
			})
		})
	}
}
