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
			if full.Load() {
				return socket.ErrAgain
			}
			return nil
		}}
		h := serve(t, stageTLS, func(w http.ResponseWriter, r *http.Request) {
			full.Store(true)
			at(w, r)
		}, func(srv *Server) {
			srv.Kernel = k
			srv.newPoller = func() (loop.Poller, error) {
				p, err := loop.NewEpoll()
				return &roomPoller{p, &full}, err
			}
		})
		v := h.visit()
		v.say("GET /hello" + get + last + "\r\n")
		if _, body := v.answer("GET"); body != "hello\n" {
			t.Errorf("with %q the answer is %q, want all of it", last, body)
		}
	}
}

// roomPoller makes room for whoever asks when there will be some.
type roomPoller struct {
	loop.Poller
	full *atomic.Bool
}

func (p *roomPoller) Mod(fd socket.FD, key uint64, write bool) error {
	if write {
		p.full.Store(false)
	}
	return p.Poller.Mod(fd, key, write)
}
