package genkan

import (
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/genkan-http/genkan/socket"
	"github.com/genkan-http/genkan/trace"
)

// What is watched where no system call shows the bytes: inside TLS, and on
// connections that somebody has taken. Those of HTTP/2 are in watched2.go.

// report counts bytes of HTTP, and tells who watches of them.
func (t *tlsTransport) report(verb trace.Verb, total *atomic.Int64, p []byte) {
	if len(p) == 0 {
		return
	}
	off := total.Add(int64(len(p))) - int64(len(p))
	ring := t.srv.ring
	if ring == nil {
		return
	}
	ring.Emit(trace.Event{
		Time: time.Now(), Conn: t.srv.tap.ConnOf(t.Conn.FD()), FD: t.Conn.FD(), Verb: verb,
		Off: off, Len: len(p), Data: clip(p, ring.WantBytes()),
	})
}

// watchedConn is a hijacked connection of a watched server: who watches goes on
// seeing its bytes, which are of another protocol then. NetConn gives the
// connection itself, to whoever needs what only that can do.
//
// Its bytes are counted on from where HTTP stopped.
type watchedConn struct {
	net.Conn
	ring           *trace.Ring
	number         uint64
	in, out        trace.Verb // what its bytes are told as
	received, sent atomic.Int64
	closing        sync.Once
}

// watched wraps nc. received and sent are where HTTP has stopped.
func (c *conn) watched(nc net.Conn, received, sent int64) *watchedConn {
	w := &watchedConn{Conn: nc, ring: c.srv.ring, number: c.number, in: trace.Recv, out: trace.Send}
	w.received.Store(received)
	w.sent.Store(sent)
	return w
}

// NetConn is the connection that is watched; if that is TLS or a relayed one,
// what is below it, as without the watcher.
func (w *watchedConn) NetConn() net.Conn {
	if below, ok := w.Conn.(interface{ NetConn() net.Conn }); ok {
		return below.NetConn()
	}
	return w.Conn
}

func (w *watchedConn) Read(p []byte) (int, error) {
	began := time.Now()
	n, err := w.Conn.Read(p)
	w.report(w.in, &w.received, began, p[:max(n, 0)], err)
	return n, err
}

func (w *watchedConn) Write(p []byte) (int, error) {
	began := time.Now()
	n, err := w.Conn.Write(p)
	w.report(w.out, &w.sent, began, p[:max(n, 0)], err)
	return n, err
}

// CloseWrite ends the sending side, where the connection can.
func (w *watchedConn) CloseWrite() error {
	if half, ok := w.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return errors.ErrUnsupported
}

func (w *watchedConn) Close() error {
	err := w.Conn.Close()
	w.closing.Do(func() {
		w.ring.Emit(trace.Event{Time: time.Now(), Conn: w.number, FD: -1, Verb: trace.Close, Note: "closed by who had taken it"})
	})
	return err
}

func (w *watchedConn) report(verb trace.Verb, total *atomic.Int64, began time.Time, p []byte, err error) {
	if errors.Is(err, io.EOF) {
		err = nil
	}
	off := total.Add(int64(len(p))) - int64(len(p))
	w.ring.Emit(trace.Event{
		Time: began, Took: time.Since(began), Conn: w.number, FD: socket.FD(-1), Verb: verb,
		Off: off, Len: len(p), Data: clip(p, w.ring.WantBytes()), Err: err,
	})
}
