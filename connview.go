package genkan

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/genkan-http/genkan/loop"
)

// connView is a connection on a loop as ConnState and ConnContext see it: who
// is at its ends, and a way to close it. Its bytes are the server's.
type connView struct {
	c     *conn
	local net.Addr
	taken atomic.Pointer[net.Conn] // who took the connection uses this one now
}

var errView = errors.New("genkan: the connection's bytes are the server's; take them by Hijack")

func newView(c *conn) *connView {
	return &connView{c: c, local: c.localAddr()}
}

func (v *connView) LocalAddr() net.Addr  { return v.local }
func (v *connView) RemoteAddr() net.Addr { return netAddr(v.c.peer) }

// bytes is the connection of who took it; before, one that only errs.
func (v *connView) bytes() net.Conn {
	if nc := v.taken.Load(); nc != nil {
		return *nc
	}
	return notYours{}
}

func (v *connView) Read(p []byte) (int, error)         { return v.bytes().Read(p) }
func (v *connView) Write(p []byte) (int, error)        { return v.bytes().Write(p) }
func (v *connView) SetDeadline(t time.Time) error      { return v.bytes().SetDeadline(t) }
func (v *connView) SetReadDeadline(t time.Time) error  { return v.bytes().SetReadDeadline(t) }
func (v *connView) SetWriteDeadline(t time.Time) error { return v.bytes().SetWriteDeadline(t) }

// Close cuts the connection, whatever it is doing.
func (v *connView) Close() error {
	if nc := v.taken.Load(); nc != nil {
		return (*nc).Close()
	}
	v.c.Kill()
	return nil
}

// notYours is the bytes of a connection that is the server's.
type notYours struct{ net.Conn }

func (notYours) Read([]byte) (int, error)         { return 0, errView }
func (notYours) Write([]byte) (int, error)        { return 0, errView }
func (notYours) SetDeadline(time.Time) error      { return errView }
func (notYours) SetReadDeadline(time.Time) error  { return errView }
func (notYours) SetWriteDeadline(time.Time) error { return errView }

// introduce tells the program's callbacks of a new connection. It may block,
// as they may.
func (c *conn) introduce() {
	srv := c.srv
	if srv.ConnContext != nil {
		ctx := context.WithValue(c.base, http.ServerContextKey, srv.standIn)
		ctx = srv.ConnContext(context.WithValue(ctx, ServerContextKey, srv), c.view)
		if ctx == nil {
			panic("genkan: ConnContext returned a nil context")
		}
		c.base = ctx
	}
	c.setState(http.StateNew)
}

// setState tells ConnState. While the baton is held the callback counts as a
// handler: one that blocks loses it.
func (c *conn) setState(s http.ConnState) {
	f := c.srv.ConnState
	if f == nil || c.view == nil {
		return
	}
	if w := c.working; w != nil && w.runner != nil {
		turn := w.runner.Enter(noRoute)
		defer w.runner.Leave(turn)
	}
	f(c.view, s)
}

// begin is the first turn of a connection that begins with something that may
// wait: the program's callbacks, a TLS handshake, and a PROXY header before
// them.
func (c *conn) begin(r *loop.Runner, config *tls.Config) loop.Ending {
	w := workOf(r)
	if end, ok := c.awaitHeader(w, c.tr); !ok {
		return end
	}
	var t *tlsTransport
	if config != nil {
		t = newTLSTransport(c.tr.(*socketTransport), config, netAddr(c.peer), c.localAddr())
		t.under.early = w.take()
		c.tr, c.view = t, t.tls
	} else {
		c.view = newView(c)
	}
	c.introduce()
	if t == nil {
		return c.Turn(r)
	}
	if end, ok := c.secureOnLoop(t); !ok {
		return end
	}
	return c.Turn(r) // the first request may have come with the handshake's last bytes
}

// secureOnLoop makes the handshake. False: the connection has ended, lingers,
// or is the HTTP/2 engine's.
func (c *conn) secureOnLoop(t *tlsTransport) (loop.Ending, bool) {
	c.srv.deciding.Add(1)
	defer c.srv.deciding.Add(-1)
	end, ok := c.shakeHands(t.tls, t.handshake)
	if ok && c.secure.NegotiatedProtocol == "h2" {
		return c.leaveFor2(nil), false
	}
	return end, ok
}
