package genkan

import (
	"io"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/genkan-http/genkan/loop"
	"github.com/genkan-http/genkan/socket"
)

// TestOneSendAtATimeOverTLS: whoever reads a body over TLS may have to send what
// reading has brought about, while the handler sends its answer. One of them is
// at it at a time: else the same records leave twice, or torn.
func TestOneSendAtATimeOverTLS(t *testing.T) {
	if !loop.Supported {
		t.Skip("there is no loop on this system")
	}
	var answering, both atomic.Bool
	var sends atomic.Int32
	sending := make(chan bool)
	k := &sendHook{Kernel: socket.OS, before: func([]byte) error {
		if answering.CompareAndSwap(true, false) {
			sends.Store(0)
			close(sending)
			within(&both, func() bool { return sends.Load() > 0 })
		}
		sends.Add(1)
		return nil
	}}
	h := serve(t, stageTLS, func(w http.ResponseWriter, r *http.Request) {
		var first [1]byte
		io.ReadFull(r.Body, first[:])
		read := make(chan string)
		go func() {
			rest, _ := io.ReadAll(r.Body)
			read <- string(rest)
		}()
		answering.Store(true)
		at(w, r)
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Error(err)
		}
		if rest := <-read; rest != "ody" {
			t.Errorf("the rest of the body is %q", rest)
		}
	}, func(srv *Server) { srv.Kernel = k })
	v := h.visit()
	v.say("POST /hello" + get + "Content-Length: 4\r\n\r\nb")
	<-sending
	v.say("ody")
	if _, body := v.answer("POST"); body != "hello\n" {
		t.Errorf("the answer is %q", body)
	}
	if both.Load() {
		t.Error("the body's reader sent while the handler did")
	}
}
