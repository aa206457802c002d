package genkan

import (
	"io"
	"net"
	"os"
	"runtime"
	"testing"
	"testing/synctest"
	"time"
)

// bubble runs f where time passes only when everybody waits (testing/synctest),
// so that a timeout of minutes takes no time and is exact.
//
// A pool may hold timers and channels that were made on the other side of the
// bubble's wall, where they must not be touched. Two collections empty it.
func bubble(t *testing.T, f func(t *testing.T)) {
	emptyPools()
	synctest.Test(t, f)
	emptyPools()
}

func emptyPools() {
	runtime.GC()
	runtime.GC()
}

// bubbled are the stages that need nothing from outside a bubble.
func bubbled() []stage { return []stage{stageMemory, stageEager, stageTLSMemory} }

// onEachBubbled runs f on each of them, in a bubble of its own.
func onEachBubbled(t *testing.T, f func(t *testing.T, s stage)) {
	for _, s := range bubbled() {
		t.Run(s.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) { f(t, s) })
		})
	}
}

// stageEager is net.Pipe with a client that takes at once whatever is sent: as
// if there were a buffer in between.
var stageEager = stage{"net.Pipe, buffered", false, raiseEager, nil}

func raiseEager(t testing.TB, srv *Server) (net.Listener, func() (net.Conn, error)) {
	l, dial := raisePipe(t, srv)
	return l, func() (net.Conn, error) {
		c, err := dial()
		if err != nil {
			return nil, err
		}
		e := &eagerConn{Conn: c, got: make(chan []byte, 1<<14)}
		go e.take()
		return e, nil
	}
}

type eagerConn struct {
	net.Conn
	got      chan []byte
	rest     []byte
	deadline time.Time
}

func (c *eagerConn) take() {
	defer close(c.got)
	for {
		b := make([]byte, 4<<10)
		n, err := c.Conn.Read(b)
		if n > 0 {
			c.got <- b[:n]
		}
		if err != nil {
			return
		}
	}
}

func (c *eagerConn) Read(p []byte) (int, error) {
	if len(c.rest) == 0 {
		late := time.NewTimer(time.Until(c.deadline))
		defer late.Stop()
		select {
		case b, ok := <-c.got:
			if !ok {
				return 0, io.EOF
			}
			c.rest = b
		case <-late.C:
			return 0, os.ErrDeadlineExceeded
		}
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

func (c *eagerConn) SetReadDeadline(t time.Time) error {
	c.deadline = t
	return nil
}
