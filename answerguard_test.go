package genkan

import (
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/genkan-http/genkan/loop"
	"github.com/genkan-http/genkan/socket"
)

// TestAnswerEndsBehindTheWriteThatIsUnderWay: a handler may return while a
// goroutine of its own is inside Write. What it writes into belongs to this
// answer until it is out, and to others after it.
func TestAnswerEndsBehindTheWriteThatIsUnderWay(t *testing.T) {
	long := strings.Repeat("x", 1<<20)                  // more than a client's buffer holds
	for _, s := range []stage{stageMemory, stagePipe} { // where that is known
		t.Run(s.name, func(t *testing.T) {
			returns, wrote := make(chan bool), make(chan error, 1)
			h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/long" {
					at(w, r)
					return
				}
				defer close(returns)
				go func() {
					_, err := io.WriteString(w, long)
					wrote <- err
				}()
				until(t, "the goroutine is inside Write", func() bool {
					mu := &w.(*response).ex.outMu
					if free := mu.TryLock(); free {
						mu.Unlock()
						return false
					}
					return true
				})
			})
			v := h.visit()
			v.say("GET /long" + get + "\r\n")
			<-returns
			for range 50 { // meanwhile the handler's end has had the time that it needs
				other := h.visit()
				other.say("GET /hello" + get + "\r\n")
				if got := other.hear(wireLength(hello)); got != hello {
					t.Fatalf("somebody else received %q, want their own answer", clipped([]byte(got)))
				}
				other.Close()
			}
			if _, body := v.answer("GET"); body != long {
				t.Errorf("the answer has %d bytes, want the %d of the write that had begun", len(body), len(long))
			}
			if err := <-wrote; err != nil {
				t.Errorf("the write that had begun before the handler returned: %v", err)
			}
			v.say("GET /hello" + get + "\r\n")
			if got := v.hear(wireLength(hello)); got != hello {
				t.Errorf("the next answer on the connection is %q: something was sent behind the end of the last", clipped([]byte(got)))
			}
		})
	}
}

// within notes whether what must not happen does, in the time that a mistake
// would need.
func within(seen *atomic.Bool, happens func() bool) {
	for began := time.Now(); time.Since(began) < 20*time.Millisecond && !seen.Load(); runtime.Gosched() {
		seen.Store(happens())
	}
}

// sendHook is a kernel that asks before each Send.
type sendHook struct {
	socket.Kernel
	before func(p []byte) error
}

func (k *sendHook) Send(fd socket.FD, p []byte, flags socket.MsgFlag) (int, error) {
	if err := k.before(p); err != nil {
		return 0, err
	}
	return k.Kernel.Send(fd, p, flags)
}

// TestWaitBelongsToTheHandler: who reads the body beside its handler may have
// to wait for room to say 100 Continue, and passes on the baton before. That is
// the handler's, so the handler is not over as long: after it, the baton would
// be somebody else's. (Most of it shows under the race detector only.)
func TestWaitBelongsToTheHandler(t *testing.T) {
	if !loop.Supported {
		t.Skip("there is no loop on this system")
	}
	var handling atomic.Pointer[exchange]
	var refused, over atomic.Bool
	returns := make(chan bool)
	k := &sendHook{Kernel: socket.OS, before: func(p []byte) error {
		if !strings.HasPrefix(string(p), "HTTP/1.1 100") {
			return nil
		}
		if refused.CompareAndSwap(false, true) {
			close(returns)
			within(&over, func() bool { return handling.Load().done.Load() })
			return socket.ErrAgain
		}
		return nil
	}}
	h := serve(t, stageTCP, func(w http.ResponseWriter, r *http.Request) {
		handling.Store(w.(*response).ex)
		go io.Copy(io.Discard, r.Body)
		<-returns
	}, func(srv *Server) { srv.Kernel = k })
	v := h.visit()
	v.say("POST /" + get + "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n")
	if got := v.hear(len(goAhead)); got != goAhead {
		t.Errorf("got %q, want the 100 that was begun before the handler returned", got)
	}
	v.answer("POST")
	if over.Load() {
		t.Error("the handler was over while its body's reader waited for room to send")
	}
}
