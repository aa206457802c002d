package genkan

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/genkan-http/genkan/loop"
	"github.com/genkan-http/genkan/socket"
	"github.com/genkan-http/genkan/trace"
)

// tlsTransport is a TLS connection whose socket is on a loop. crypto/tls wants
// a net.Conn below: under is one, over the loop's non-blocking calls.
//
// Between handshake and close, nothing here waits. What crypto/tls writes is
// gathered, and sent with as few calls as there is room for; where there is no
// record to read, it gets an error that says "temporary", after which it can
// go on reading (crypto/tls keeps what it has of a record). So a TLS
// connection rests on the loop as a plain one does.
type tlsTransport struct {
	*socketTransport
	tls            *tls.Conn
	under          *underTLS
	received, sent atomic.Int64 // of HTTP, not of TLS
	broken         bool         // close without close_notify
}

// encryptMost is how much is encrypted before it is sent.
const encryptMost = 64 << 10

// gatherMost is how much may wait for room to send while the peer's records
// are read: what send gathers, with room for alerts and answers to key updates.
const gatherMost = 2 * encryptMost

var errGathered = errors.New("tls: the peer asks for answers and does not read them")

func newTLSTransport(t *socketTransport, config *tls.Config, peer, local net.Addr) *tlsTransport {
	under := &underTLS{c: &t.Conn, peer: peer, addr: local}
	return &tlsTransport{socketTransport: t, tls: tls.Server(under, config), under: under}
}

// handshake makes the connection a TLS one; it may wait, until the deadline.
func (t *tlsTransport) handshake(ctx context.Context, deadline time.Time) error {
	t.under.deadline = deadline
	err := t.tls.HandshakeContext(ctx)
	t.under.gathers.Store(true)
	return err
}

func (t *tlsTransport) recv(p []byte, _ loop.Instant) (int, error) {
	n, err := t.tls.Read(p)
	t.report(trace.Decrypt, &t.received, p[:max(n, 0)])
	// Reading may have written: an alert, an answer to a key update.
	if t.unsent() {
		if serr := t.flushBeside(); serr != nil {
			return n, serr
		}
	}
	var none nothingNow
	switch {
	case n > 0, errors.Is(err, io.EOF):
		return n, nil
	case errors.As(err, &none):
		return 0, socket.ErrAgain
	}
	return 0, err
}

func (t *tlsTransport) send(p []byte, _ bool, _ time.Time) (int, error) {
	if err := t.under.flush(); err != nil || len(p) == 0 {
		return 0, err
	}
	n, err := t.tls.Write(p[:min(len(p), encryptMost)])
	t.report(trace.Encrypt, &t.sent, p[:n])
	if err != nil {
		return n, err
	}
	if err := t.under.flush(); err != nil && err != socket.ErrAgain {
		return n, err
	}
	return n, nil
}

// flushBeside is flush for who reads, while another goroutine may be sending.
func (t *tlsTransport) flushBeside() error {
	err := t.under.flush()
	switch {
	case err == nil:
		// The other one may wait for room that it was not told of: this flush
		// has found it first.
		t.Conn.Nudge()
	case err == socket.ErrAgain && t.under.waiting() > gatherMost:
		return errGathered
	case err == socket.ErrAgain:
		return nil
	}
	return err
}

// unsent says that bytes which send has taken wait for room.
func (t *tlsTransport) unsent() bool {
	return t.under.waiting() > 0
}

func (t *tlsTransport) offsets() (received, sent int64) {
	return t.received.Load(), t.sent.Load()
}

func (t *tlsTransport) sendfile(*os.File, int64, int64, time.Time) (int64, error) {
	return 0, errors.ErrUnsupported // the kernel would send it unencrypted
}

// shutdown is close_notify, and the end of our sending side.
func (t *tlsTransport) shutdown() error {
	if err := t.tls.CloseWrite(); err != nil {
		return err
	}
	if err := t.under.flush(); err != nil && err != socket.ErrAgain {
		return err
	}
	return t.socketTransport.shutdown()
}

// resetOnClose also leaves close_notify out: what was sent is not whole.
func (t *tlsTransport) resetOnClose() {
	t.broken = true
	t.socketTransport.resetOnClose()
}

func (t *tlsTransport) close() error {
	if !t.broken {
		t.tls.CloseWrite() // to be sent if there is room for it now
		t.under.flush()
	}
	return t.socketTransport.close()
}

// detach goes on over package net's poller, with the same TLS state.
func (t *tlsTransport) detach() (net.Conn, []byte, error) {
	if err := t.settle(); err != nil {
		return nil, nil, err
	}
	nc, _, err := t.socketTransport.detach()
	if err != nil {
		return nil, nil, err
	}
	t.under.become(nc)
	return t.tls, nil, nil
}

// settle sends what is gathered, waiting for room.
func (t *tlsTransport) settle() error {
	for {
		err := t.under.flush()
		if err != socket.ErrAgain {
			return err
		}
		if err := t.Conn.WaitWrite(time.Now().Add(stallTimeout)); err != nil {
			return err
		}
	}
}

// underTLS is the net.Conn below crypto/tls: over the loop, in one of two
// ways, and after detach over a connection of package net's.
type underTLS struct {
	c        *loop.Conn
	peer     net.Addr
	addr     net.Addr
	early    []byte      // received before TLS began, and part of it
	deadline time.Time   // while it waits
	gathers  atomic.Bool // does not wait: Write gathers, Read says nothingNow

	// mu is for the two sides: who reads a body may have to send a record, an
	// alert or an answer to a key update, while the handler sends the answer.
	mu       sync.Mutex
	gathered []byte
	nc       net.Conn // after detach
}

// nothingNow is what crypto/tls may go on after.
type nothingNow struct{}

func (nothingNow) Error() string   { return "nothing to read now" }
func (nothingNow) Timeout() bool   { return false }
func (nothingNow) Temporary() bool { return true }

func (u *underTLS) become(nc net.Conn) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.nc = nc
}

func (u *underTLS) detached() net.Conn {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.nc
}

func (u *underTLS) Read(p []byte) (int, error) {
	if len(u.early) > 0 {
		n := copy(p, u.early)
		u.early = u.early[n:]
		return n, nil
	}
	if nc := u.detached(); nc != nil {
		return nc.Read(p)
	}
	for {
		n, err := u.c.Recv(p)
		switch {
		case err == socket.ErrAgain && u.gathers.Load():
			return 0, nothingNow{}
		case err == socket.ErrAgain:
			if err := u.c.WaitRead(u.deadline); err != nil {
				return 0, err
			}
		case err == nil && n == 0 && len(p) > 0:
			return 0, io.EOF
		default:
			return n, err
		}
	}
}

func (u *underTLS) Write(p []byte) (int, error) {
	if nc := u.detached(); nc != nil {
		return nc.Write(p)
	}
	u.mu.Lock()
	u.gathered = append(u.gathered, p...)
	u.mu.Unlock()
	if u.gathers.Load() {
		return len(p), nil
	}
	for {
		err := u.flush()
		if err == nil {
			return len(p), nil
		}
		if err == socket.ErrAgain {
			err = u.c.WaitWrite(u.deadline)
		}
		if err != nil {
			return 0, err
		}
	}
}

// waiting is how many bytes are gathered.
func (u *underTLS) waiting() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return len(u.gathered)
}

// flush sends what is gathered, as far as there is room: else socket.ErrAgain.
func (u *underTLS) flush() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	sent := 0
	var err error
	for sent < len(u.gathered) && err == nil {
		var n int
		n, err = u.c.Send(u.gathered[sent:], false)
		sent += n
	}
	if sent < len(u.gathered) {
		u.gathered = append(u.gathered[:0], u.gathered[sent:]...)
		return err
	}
	u.gathered = nil // at rest, a connection holds no buffer
	return err
}

// Close is the program's, which has the tls.Conn from ConnState or
// ConnContext: it cuts the connection, and the connection's code closes it.
func (u *underTLS) Close() error {
	if nc := u.detached(); nc != nil {
		return nc.Close()
	}
	if u.gathers.Load() {
		u.flush() // close_notify, if there is room for it
	}
	u.c.Kill()
	return nil
}

func (u *underTLS) LocalAddr() net.Addr  { return u.addr }
func (u *underTLS) RemoteAddr() net.Addr { return u.peer }

func (u *underTLS) SetDeadline(t time.Time) error {
	if nc := u.detached(); nc != nil {
		return nc.SetDeadline(t)
	}
	return nil
}

func (u *underTLS) SetReadDeadline(t time.Time) error {
	if nc := u.detached(); nc != nil {
		return nc.SetReadDeadline(t)
	}
	return nil
}

func (u *underTLS) SetWriteDeadline(t time.Time) error {
	if nc := u.detached(); nc != nil {
		return nc.SetWriteDeadline(t)
	}
	return nil
}
