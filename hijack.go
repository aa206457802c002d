package genkan

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"time"

	"github.com/genkan-http/genkan/http1"
	"github.com/genkan-http/genkan/loop"
	"github.com/genkan-http/genkan/socket"
	"github.com/genkan-http/genkan/trace"
)

// Hijack gives the connection to the handler, for good: as a net.Conn of
// package net, without deadlines, and a reader that begins with what has been
// received and not parsed. What the handler has written so far is sent before.
// After it, writing to the ResponseWriter returns http.ErrHijacked, and
// neither Shutdown nor Close knows of the connection any more.
func (r *response) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	if err := r.enter(); err != nil {
		return nil, nil, err
	}
	defer r.leave()
	if r.err != nil {
		return nil, nil, r.err
	}
	c, w := r.ex.c, r.ex.w
	r.ex.pass() // who hijacks stays
	if r.status != 0 {
		r.sendHead(false, "")
		r.chunk()
	}
	if err := r.push(); err != nil {
		return nil, nil, err
	}
	var unread []byte
	if r.ex.body != nil {
		unread = r.ex.body.stop()
	}
	r.ex.ctx.settle()
	r.ex.leaving()
	var received, sent int64
	if c.srv.ring != nil {
		received, sent = c.tr.offsets()
	}
	nc, late, err := c.detach()
	if err != nil {
		return nil, nil, fmt.Errorf("genkan: hijack: %w", err)
	}
	r.hijacked = true
	early := slices.Concat(unread, w.unparsed(), late)
	w.r, w.w = 0, 0
	if c.srv.ring != nil {
		nc = c.watched(nc, received+int64(len(late)), sent)
	}
	c.left(http1.Hijacked, nc)
	br := bufio.NewReaderSize(&readFirst{early, nc}, max(len(early), 4096))
	br.Peek(len(early)) // into the buffer, where users of Buffered look for it
	return nc, bufio.NewReadWriter(br, bufio.NewWriter(nc)), nil
}

// readFirst reads some bytes before the connection's own.
type readFirst struct {
	early []byte
	net.Conn
}

func (r *readFirst) Read(p []byte) (int, error) {
	if len(r.early) > 0 {
		n := copy(p, r.early)
		r.early = r.early[n:]
		return n, nil
	}
	return r.Conn.Read(p)
}

// leaving notes that this handler's goroutine will no longer be the server's to
// wait for, before the connection stops being counted.
func (ex *exchange) leaving() {
	if !ex.apart && ex.w.runner != nil {
		ex.apart = true
		ex.c.srv.hijackers.Add(1)
	}
}

// left ends our part in a connection that somebody else has taken, as nc.
func (c *conn) left(reason http1.CloseReason, nc net.Conn) loop.Ending {
	c.phase.Store(phaseClosed)
	c.reason = reason
	if v, ok := c.view.(*connView); ok {
		v.taken.Store(&nc)
	}
	if c.srv.ring != nil && reason != http1.HandedToHTTP2 { // which has been told
		c.emit(trace.Event{Time: time.Now(), Verb: trace.Close, Note: reason.String()})
	}
	if f := c.srv.ConnState; reason == http1.Hijacked && f != nil {
		f(c.view, http.StateHijacked) // still inside the handler, so the baton is seen to
	}
	c.srv.forget(c)
	return loop.Closed()
}

// detach makes the socket one of package net's.
func (t *socketTransport) detach() (net.Conn, []byte, error) {
	if !realSockets(t.srv.kernel) {
		return nil, nil, fmt.Errorf("the server's Kernel has no descriptors that package net could use: %w", errors.ErrUnsupported)
	}
	fd, err := duplicate(t.Conn.FD())
	if err != nil {
		return nil, nil, err
	}
	f := os.NewFile(uintptr(fd), "hijacked")
	defer f.Close() // FileConn has its own
	nc, err := net.FileConn(f)
	if err != nil {
		return nil, nil, err
	}
	old := t.Conn.FD()
	if err := t.Conn.Detach(); err != nil {
		nc.Close()
		return nil, nil, err
	}
	t.srv.kernel.Close(old)
	return nc, nil, nil
}

// realSockets says whether k's descriptors are the system's, also behind taps.
func realSockets(k socket.Kernel) bool {
	for {
		if k == socket.OS {
			return true
		}
		behind, ok := k.(interface{ Unwrap() socket.Kernel })
		if !ok {
			return false
		}
		k = behind.Unwrap()
	}
}

func (t *netTransport) detach() (net.Conn, []byte, error) {
	// The watch over the peer may have read a byte.
	var one [1]byte
	n, err := t.endWatch(one[:])
	if err != nil {
		return nil, nil, err
	}
	return t.nc, one[:n], t.nc.SetDeadline(time.Time{})
}
