package genkan

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/genkan-http/genkan/loop"
	"github.com/genkan-http/genkan/socket"
	"github.com/genkan-http/genkan/trace"
)

// transport is where a connection's bytes come from and go to: a socket on a
// loop, or any net.Conn. It is the one seam between the connection's code and
// how it is run.
//
// On a loop, recv and send never wait: they return socket.ErrAgain, and the
// connection decides whether to rest or to pass the baton and waitRecv. Over a
// net.Conn, recv and send wait until the deadline themselves.
type transport interface {
	recv(p []byte, deadline loop.Instant) (int, error)
	waitRecv(deadline time.Time) error
	send(p []byte, more bool, deadline time.Time) (int, error)
	waitSend(deadline time.Time) error

	// unsent says that bytes which send has taken are still here: send with
	// none sends them on.
	unsent() bool

	// sendfile sends up to n bytes of a regular file from its offset. 0 and
	// nil: the file ends there.
	sendfile(f *os.File, offset int64, n int64, deadline time.Time) (int64, error)

	// nudge ends a recv that waits, once, without an error for the peer.
	nudge()
	// recvBy and sendBy say that the deadline of a recv or send that may be
	// waiting at this moment has moved.
	recvBy(at time.Time)
	sendBy(at time.Time)

	// detach makes the connection one of package net's, for good. early is
	// what it had to read before.
	detach() (nc net.Conn, early []byte, err error)

	takeLess() // has the kernel take little that it cannot send yet, where it can be told

	shutdown() error // of our sending side
	// ignore leaves what arrives unread until the deadline: at rest (true), or
	// by waiting for it here (false).
	ignore(deadline loop.Instant) bool
	resetOnClose() // close will tell the peer that something went wrong
	close() error
	gone() bool // the peer has hung up, or will send no more

	// watchPeer calls gone when the peer goes, until the next recv, where
	// nobody else would tell. It is called when no recv is under way.
	watchPeer(gone func())
	local() net.Addr

	// offsets is how many bytes of HTTP have been received and sent, where
	// somebody watches.
	offsets() (received, sent int64)
	descriptor() socket.FD // -1: none of ours
}

// socketTransport is a connection's socket on a loop: the connection itself,
// seen as a transport, so that one at rest needs no memory for it.
type socketTransport conn

func (t *socketTransport) recv(p []byte, _ loop.Instant) (int, error) { return t.Conn.Recv(p) }
func (t *socketTransport) waitRecv(deadline time.Time) error          { return t.Conn.WaitRead(deadline) }
func (t *socketTransport) send(p []byte, more bool, _ time.Time) (int, error) {
	return t.Conn.Send(p, more)
}
func (t *socketTransport) waitSend(deadline time.Time) error { return t.Conn.WaitWrite(deadline) }
func (t *socketTransport) recvBy(time.Time)                  { t.Conn.Nudge() }
func (t *socketTransport) sendBy(time.Time)                  { t.Conn.Nudge() }
func (t *socketTransport) unsent() bool                      { return false }
func (t *socketTransport) nudge()                            { t.Conn.Nudge() }
func (t *socketTransport) shutdown() error                   { return t.Conn.Shutdown() }
func (t *socketTransport) ignore(loop.Instant) bool          { t.Conn.Ignore(); return true }
func (t *socketTransport) takeLess()                         { t.Conn.TakeLess(unsentMost) }
func (t *socketTransport) resetOnClose()                     { t.Conn.ResetOnClose() }
func (t *socketTransport) close() error                      { return t.Conn.Close() }
func (t *socketTransport) gone() bool                        { return t.Conn.PeerGone() }
func (t *socketTransport) watchPeer(func())                  {} // the loop says it, to conn.Gone

func (t *socketTransport) sendfile(f *os.File, offset, n int64, _ time.Time) (sent int64, err error) {
	raw, err := f.SyscallConn()
	if err != nil {
		return 0, err
	}
	// Control keeps the file open for as long as the kernel reads from it.
	cerr := raw.Control(func(fd uintptr) {
		var k int
		k, err = t.Conn.Sendfile(socket.FD(fd), offset, int(min(n, 1<<30)))
		sent = int64(k)
	})
	if cerr != nil {
		err = cerr
	}
	return sent, err
}

func (t *socketTransport) local() net.Addr {
	a, err := t.srv.kernel.Getsockname(t.Conn.FD())
	if err != nil {
		return nil
	}
	return netAddr(a)
}

func (t *socketTransport) offsets() (received, sent int64) { return t.srv.tap.Offsets(t.Conn.FD()) }
func (t *socketTransport) descriptor() socket.FD           { return t.Conn.FD() }

// netTransport is any net.Conn. Where somebody watches it reports what it
// receives and sends itself: there are no system calls to tap.
type netTransport struct {
	nc             net.Conn
	c              *conn
	accepted       time.Time
	received, sent atomic.Int64
	watch          *peerWatch // nil: nobody watches the peer

	mu sync.Mutex // held while a read deadline is set
}

func (t *netTransport) recv(p []byte, deadline loop.Instant) (int, error) {
	began := time.Now()
	n, err := t.endWatch(p)
	if n == 0 && err == nil {
		t.setReadDeadline(deadline.Time())
		n, err = t.nc.Read(p)
	}
	t.report(trace.Recv, &t.received, began, p[:n], n, err)
	if n > 0 || errors.Is(err, io.EOF) {
		return n, nil
	}
	return 0, err
}

func (t *netTransport) waitRecv(time.Time) error { return nil }

func (t *netTransport) send(p []byte, _ bool, deadline time.Time) (int, error) {
	began := time.Now()
	if _, ok := t.nc.(*tls.Conn); ok {
		// After a Write that was too late a tls.Conn takes no other, and does
		// not say how far it got: so each is small.
		p = p[:min(len(p), tlsWrite)]
	}
	t.nc.SetWriteDeadline(deadline)
	n, err := t.nc.Write(p)
	t.report(trace.Send, &t.sent, began, p[:n], n, err)
	if n > 0 && errors.Is(err, os.ErrDeadlineExceeded) {
		return n, nil // progress: the caller gives the rest its own time
	}
	return n, err
}

func (t *netTransport) waitSend(time.Time) error { return nil }
func (t *netTransport) unsent() bool             { return false }

// recvBy leaves the deadline of a later phase alone.
func (t *netTransport) recvBy(at time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.c.phase.Load() == phaseActive {
		t.nc.SetReadDeadline(at)
	}
}

func (t *netTransport) sendBy(at time.Time) { t.nc.SetWriteDeadline(at) }

func (t *netTransport) sendfile(f *os.File, offset, n int64, deadline time.Time) (int64, error) {
	if _, err := f.Seek(offset, io.SeekStart); err != nil {
		return 0, err
	}
	began := time.Now()
	t.nc.SetWriteDeadline(deadline)
	// net.TCPConn does this with sendfile where the system has it.
	sent, err := io.Copy(t.nc, io.LimitReader(f, min(n, 1<<20)))
	t.report(trace.Sendfile, &t.sent, began, nil, int(sent), err)
	if sent > 0 {
		return sent, nil
	}
	return 0, err
}

// report tells who watches of n bytes that have moved.
func (t *netTransport) report(verb trace.Verb, total *atomic.Int64, began time.Time, p []byte, n int, err error) {
	ring := t.c.srv.ring
	if ring == nil {
		return
	}
	off := total.Add(int64(n)) - int64(n)
	t.c.emit(trace.Event{Time: began, Took: time.Since(began), Verb: verb, Off: off, Len: n, Data: clip(p, ring.WantBytes()), Err: err})
}

func (t *netTransport) nudge() { t.setReadDeadline(longAgo) }

// nudgeIf is nudge, if the connection is still in this phase: a read of the
// next phase has a deadline of its own, set after the phase.
func (t *netTransport) nudgeIf(phase uint32) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.c.phase.Load() == phase {
		t.nc.SetReadDeadline(longAgo)
	}
}

func (t *netTransport) setReadDeadline(at time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.nc.SetReadDeadline(at)
}

// tlsWrite is how much is given to a tls.Conn at once: a record's worth.
const tlsWrite = 16 << 10

var longAgo = time.Unix(1, 0)

// shutdown is an error where one cannot end one direction alone: then there is
// nothing to wait for after the last answer.
func (t *netTransport) shutdown() error {
	if half, ok := t.nc.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return errors.ErrUnsupported
}

func (t *netTransport) ignore(deadline loop.Instant) bool {
	time.Sleep(time.Until(deadline.Time()))
	return false
}

// resetOnClose works down to the TCP connection, so that no close_notify of TLS
// makes whole what is not. Where there is none (UNIX sockets know no resets),
// the end is an end.
func (t *netTransport) resetOnClose() {
	nc := t.nc
	if tc, ok := nc.(*tls.Conn); ok {
		nc = tc.NetConn()
	}
	if tcp, ok := nc.(interface{ SetLinger(int) error }); ok {
		tcp.SetLinger(0)
		nc.Close()
	}
}

func (t *netTransport) takeLess()       {} // its socket is package net's
func (t *netTransport) close() error    { return t.nc.Close() }
func (t *netTransport) gone() bool      { return false }
func (t *netTransport) local() net.Addr { return t.nc.LocalAddr() }

func (t *netTransport) offsets() (received, sent int64) { return t.received.Load(), t.sent.Load() }
func (t *netTransport) descriptor() socket.FD           { return -1 }

// netAddr is a as package net has it, which handlers expect.
func netAddr(a socket.Addr) net.Addr {
	if a.Family == socket.UNIX {
		return &net.UnixAddr{Name: a.Path, Net: "unix"}
	}
	return net.TCPAddrFromAddrPort(a.IP)
}

// socketAddr is the way back; none for what is neither TCP nor UNIX.
func socketAddr(a net.Addr) socket.Addr {
	switch a := a.(type) {
	case *net.TCPAddr:
		return socket.TCP(a.AddrPort())
	case *net.UnixAddr:
		return socket.Unix(a.Name)
	}
	return socket.Addr{}
}

// isReset says that the peer's kernel has told us that nobody listens there.
func isReset(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}
