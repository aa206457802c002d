package genkan

import (
	"errors"
	"os"
	"time"
)

// peerWatch is how a connection over a net.Conn learns that its peer has gone
// while a handler works: only a read tells. It reads one byte, on a goroutine
// of its own, once the handler has asked for the end of the request's context
// and the body has been read to its end. A loop needs none of this: it is told.
type peerWatch struct {
	done chan struct{} // closed when the read has returned
	got  [1]byte
	n    int
	err  error
}

func (t *netTransport) watchPeer(gone func()) {
	w := &peerWatch{done: make(chan struct{})}
	t.watch = w
	t.setReadDeadline(time.Time{})
	go func() {
		defer close(w.done)
		w.n, w.err = t.nc.Read(w.got[:])
		if w.n == 0 && !errors.Is(w.err, os.ErrDeadlineExceeded) {
			gone()
		}
	}()
}

// endWatch ends the watch over the peer, if there is one, and returns what it
// has read meanwhile. 0 and nil: nothing, the read is still to be made.
func (t *netTransport) endWatch(p []byte) (int, error) {
	w := t.watch
	if w == nil {
		return 0, nil
	}
	t.nudge()
	<-w.done
	t.watch = nil
	if errors.Is(w.err, os.ErrDeadlineExceeded) {
		w.err = nil
	}
	return copy(p, w.got[:w.n]), w.err
}
