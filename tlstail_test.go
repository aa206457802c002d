package genkan

import (
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/genkan-http/genkan/loop"
	"github.com/genkan-http/genkan/socket"
)

// TestEndOfAnswerOverTLS: what is encrypted and finds no room at this moment
// leaves as soon as there is some: not with the next request, which the client
// will not make before, and not never.
func TestEndOfAnswerOverTLS(t *testing.T) {
	if !loop.Supported {
		t.Skip("there is no loop on this system")
	}
	for _, last := range []string{"", "Connection: close\r\n"} {
		var full atomic.Bool
		k := &sendHook{Kernel: socket.OS, before: func([]byte) error {
			if full.CompareAndSwap(true, false) {
				return socket.ErrAgain
			}
			return nil
		}}
		h := serve(t, stageTLS, func(w http.ResponseWriter, r *http.Request) {
			full.Store(true)
			at(w, r)
		}, func(srv *Server) { srv.Kernel = k })
		v := h.visit()
		v.say("GET /hello" + get + last + "\r\n")
		if _, body := v.answer("GET"); body != "hello\n" {
			t.Errorf("with %q the answer is %q, want all of it", last, body)
		}
	}
}
