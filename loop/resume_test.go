package loop

import (
	"errors"
	"net/netip"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/genkan-http/genkan/socket"
	"github.com/genkan-http/genkan/socket/sockettest"
)

// fullPoller has once no room for a connection, and says so when it may.
type fullPoller struct {
	Poller
	full *atomic.Bool
	may  chan struct{}
}

func (p *fullPoller) Add(fd socket.FD, key uint64, listener bool) error {
	if !listener && p.full.CompareAndSwap(true, false) {
		<-p.may
		return errors.New("no room for another watch")
	}
	return p.Poller.Add(fd, key, listener)
}

// A connection counts while it is being added, and another listener may pause
// because of it. If it cannot be added its place is free again, and there is
// no other whose end would say so.
func TestPausedListenerGoesOnAfterAConnectionThatCouldNotBeAdded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &house{t: t, kernel: sockettest.New(), rest: time.Hour, size: 1}
		var full atomic.Bool
		full.Store(true)
		may := make(chan struct{})
		var err error
		h.group, err = New(Options{Loops: 2, MaxConns: 1, Kernel: h.kernel, Log: t.Logf, NewPoller: func() (Poller, error) {
			return &fullPoller{&memoryPoller{Poller: h.kernel.NewPoller()}, &full, may}, nil
		}})
		if err != nil {
			t.Fatal(err)
		}
		refused := 0
		listen := func() (*Listener, socket.FD, socket.Addr) {
			e := socket.Endpoint{Addr: socket.TCP(netip.MustParseAddrPort("127.0.0.1:0")), Inherited: -1}
			fd, addr, err := socket.Open(h.kernel, e, 0)
			if err != nil {
				t.Fatal(err)
			}
			ln, err := h.group.Listen(fd, func(fd socket.FD, _ socket.Addr) {
				c := &letters{house: h}
				if err := h.group.Add(&c.Conn, fd, c, 0); err != nil {
					refused++
					h.kernel.Close(fd)
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			return ln, fd, addr
		}
		first, firstFD, firstAddr := listen()
		var secondAddr socket.Addr
		h.ln, h.fd, secondAddr = listen()
		defer h.close()
		defer h.kernel.Close(firstFD)
		defer first.Stop()

		h.addr = firstAddr
		turnedAway := h.dial()
		synctest.Wait() // it is being added, and counts
		h.addr = secondAddr
		waiting := h.dial()
		synctest.Wait()
		if n := h.group.paused.Load(); n != 1 {
			t.Fatalf("%d listeners pause, want the second: one connection is open, the limit", n)
		}
		close(may)
		h.say(waiting, "q", "q")
		if n := h.group.Conns(); refused != 1 || n != 1 {
			t.Errorf("%d refused, %d open; want 1 and 1", refused, n)
		}
		turnedAway.Close()
		waiting.Close()
		synctest.Wait()
	})
}
