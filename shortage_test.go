package genkan

import (
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/genkan-http/genkan/loop"
	"github.com/genkan-http/genkan/socket/sockettest"
)

// short is a listener that has no descriptors for whom it accepts, for a while.
type short struct {
	net.Listener
	on     atomic.Bool
	errno  syscall.Errno
	failed atomic.Int32
	queue  net.Conn // of one: accepted below, and not yet by us
}

func (l *short) Accept() (nc net.Conn, err error) {
	if nc, l.queue = l.queue, nil; nc == nil {
		if nc, err = l.Listener.Accept(); err != nil {
			return nil, err
		}
	}
	if l.on.Load() {
		l.queue = nc
		l.failed.Add(1)
		return nil, &net.OpError{Op: "accept", Net: "tcp", Err: os.NewSyscallError("accept4", l.errno)}
	}
	return nc, nil
}

// TestShortage: while there are no descriptors, or no memory, for new
// connections, those that there are are served. Accepting is tried again at a
// steady pace, the log says so once a second at most, and when the shortage is
// over who has waited is served.
func TestShortage(t *testing.T) {
	for _, errno := range []syscall.Errno{syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM, syscall.ENOBUFS} {
		for _, s := range []stage{stageMemory, stageEager} {
			t.Run(fmt.Sprintf("%v/%s", errno, s.name), func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					l := &short{errno: errno}
					if s.name == stageEager.name {
						s.raise = func(t testing.TB, srv *Server) (net.Listener, func() (net.Conn, error)) {
							below, dial := raiseEager(t, srv)
							l.Listener = below
							return l, dial
						}
					}
					shortage(t, s, l)
				})
			})
		}
	}
}

func shortage(t *testing.T, s stage, l *short) {
	h := serve(t, s, at)
	begin, end, failed := func() { l.on.Store(true) }, func() { l.on.Store(false) }, func() int { return int(l.failed.Load()) }
	if k, ok := h.srv.Kernel.(*sockettest.Kernel); ok {
		before := k.Calls("accept")
		begin = func() { k.Fault(sockettest.Fault{Call: "accept", Err: l.errno}) }
		end, failed = k.ClearFaults, func() int { return k.Calls("accept") - before }
	}
	old := h.visit()
	old.wantHello()

	begin()
	const lasts, pace = 10 * time.Second, 10 * time.Second / loop.PauseFor
	late := h.visit()
	said := make(chan struct{})
	go func() { // a pipe takes it only when it is accepted
		late.SetWriteDeadline(time.Time{})
		io.WriteString(late.Conn, "GET /hello"+get+"\r\n")
		close(said)
	}()
	for began := time.Now(); time.Since(began) < lasts; time.Sleep(lasts / 20) {
		old.wantHello()
	}
	if n := failed(); n < int(pace)/2 || n > int(pace)+5 {
		t.Errorf("accepting was tried %d times in %v, want about %d", n, lasts, pace)
	}
	end()
	began := time.Now()
	if got := late.hear(wireLength(hello)); got != hello || time.Since(began) > loop.PauseFor+slack {
		t.Errorf("after the shortage who had waited got %q, %v later", got, time.Since(began))
	}
	told := strings.Count(h.log.String(), "accepting pauses for 100ms at a time")
	if most := int(lasts / loop.PauseToldEvery); told < most/2 || told > most+1 {
		t.Errorf("in %v it was told %d times, want about %d and no more:\n%s", lasts, told, most, h.log)
	}
	if want := l.errno.Error(); !strings.Contains(h.log.String(), want) {
		t.Errorf("the log does not say why, %q:\n%s", want, h.log)
	}
	<-said
	h.visit().wantHello()
	time.Sleep(lasts)
	synctest.Wait()
	if strings.Count(h.log.String(), "accepting pauses") != told {
		t.Errorf("after the shortage it goes on:\n%s", h.log)
	}
}
