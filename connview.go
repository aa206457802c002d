package genkan

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/genkan-http/genkan/loop"
)

// connView is a connection on a loop as ConnState and ConnContext see it: who
// is at its ends, and a way to close it. Its bytes are the server's.
type connView struct {
	c     *conn
	local func() net.Addr
}

var errView = errors.New("genkan: the connection's bytes are the server's; take them by Hijack")

func newView(c *conn) *connView {
	return &connView{c, sync.OnceValue(c.tr.local)}
}

func (v *connView) Read([]byte) (int, error)         { return 0, errView }
func (v *connView) Write([]byte) (int, error)        { return 0, errView }
func (v *connView) LocalAddr() net.Addr              { return v.local() }
func (v *connView) RemoteAddr() net.Addr             { return netAddr(v.c.peer) }
func (v *connView) SetDeadline(time.Time) error      { return errView }
func (v *connView) SetReadDeadline(time.Time) error  { return errView }
func (v *connView) SetWriteDeadline(time.Time) error { return errView }

// Close cuts the connection, whatever it is doing.
func (v *connView) Close() error {
	v.c.Kill()
	return nil
}

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
		turn := w.runner.Enter()
		defer w.runner.Leave(turn)
	}
	f(c.view, s)
}

// begin is the first turn of a connection that begins with something that may
// wait: the program's callbacks, a TLS handshake.
func (c *conn) begin(r *loop.Runner, config *tls.Config) loop.Ending {
	var t *tlsTransport
	if config != nil {
		t = newTLSTransport(c.tr.(*socketTransport), config, netAddr(c.peer))
		c.tr, c.view = t, t.tls
	} else {
		c.view = newView(c)
	}
	c.introduce()
	if t == nil {
		return c.Turn(r)
	}
	if end, ok := c.shakeHands(t.tls, t.handshake); !ok {
		return end
	}
	if c.secure.NegotiatedProtocol == "h2" {
		return c.leaveFor2(nil)
	}
	return c.Turn(r) // the first request may have come with the handshake's last bytes
}
