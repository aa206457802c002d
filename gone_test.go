package genkan

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
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
